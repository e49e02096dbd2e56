"""What the linker knows of a taxonomy: its names, descriptions and examples as sparse rows, its skills as vectors."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from scipy import sparse

from skillmatch.errors import TaxonomyError
from skillmatch.linking.encoder import Vocabulary, unit, unit_rows
from skillmatch.linking.sentences import sentences_digest
from skillmatch.output import whole_file
from skillmatch.resources import default_folder
from skillmatch.taxonomy import Taxonomy

FILE = "linking.npz"
_FORMAT = 1
#: An alias tells less than a label: unweighted aliases were measured to hurt.
ALIAS_FACTOR = 0.8


@dataclass(frozen=True, eq=False)
class LinkIndex:
    """Built by `build_index`, or read by `LinkIndex.load`.

    Attributes
    ----------
    skill_ids : the skills, in the order of the taxonomy; all skill numbers are positions in it.
    vocabulary : the words.
    words, own : word vectors (words, dimensions), and one vector of its own for each skill.
    names, name_owner, name_length : bag of each name (rows by skill, its label first), its skill, its number of words.
    descriptions : bag of each skill's description.
    examples, example_owner : bag of each example sentence, and its skill; by skill.
    traits : for each skill the logarithm of 1 + the occupations that need it, reuse level 0..3, 1 for knowledge.
    """

    key: str
    skill_ids: list[str]
    vocabulary: Vocabulary
    words: np.ndarray
    own: np.ndarray
    names: sparse.csr_array
    name_owner: np.ndarray
    name_length: np.ndarray
    descriptions: sparse.csr_array
    examples: sparse.csr_array
    example_owner: np.ndarray
    traits: np.ndarray

    @cached_property
    def name_starts(self) -> np.ndarray:
        """First name of each skill, and the number of names at the end: shape (skills + 1,)."""
        return np.searchsorted(self.name_owner, np.arange(len(self.skill_ids) + 1))

    @cached_property
    def example_starts(self) -> np.ndarray:
        """First example of each skill, and the number of examples at the end: shape (skills + 1,)."""
        return np.searchsorted(self.example_owner, np.arange(len(self.skill_ids) + 1))

    @cached_property
    def label_vectors(self) -> np.ndarray:
        return unit(unit_rows(self.names[self.name_starts[:-1]]) @ self.words)

    @cached_property
    def skill_vectors(self) -> np.ndarray:
        return unit(unit_rows(self.names[self.name_starts[:-1]]) @ self.words + self.own)

    @cached_property
    def description_vectors(self) -> np.ndarray:
        return unit(unit_rows(self.descriptions) @ self.words)

    @cached_property
    def example_vectors(self) -> np.ndarray:
        return unit(unit_rows(self.examples) @ self.words)

    @cached_property
    def name_mass(self) -> np.ndarray:
        """Sum of the weights of each name's words."""
        return np.asarray(self.names.sum(axis=1)).ravel()

    def save(self, file: str | Path) -> None:
        """Write to one file, no pickle."""
        arrays = {
            "key": _bytes([self.key]), "skill_ids": _bytes(self.skill_ids), "stems": _bytes(self.vocabulary.stems),
            "weights": self.vocabulary.weights, "words": self.words.astype(np.float16),
            "own": self.own.astype(np.float16), "name_owner": self.name_owner, "name_length": self.name_length,
            "example_owner": self.example_owner, "traits": self.traits,
        }  # fmt: skip
        for name in ("names", "descriptions", "examples"):
            matrix = getattr(self, name)
            arrays |= {f"{name}_columns": matrix.indices.astype(np.int32), f"{name}_starts": matrix.indptr}
        with whole_file(Path(file), "wb") as stream:
            np.savez(stream, allow_pickle=False, **arrays)

    @classmethod
    def load(cls, file: str | Path) -> LinkIndex:
        """Read what `save` wrote.

        Raises
        ------
        TaxonomyError : not such a file, or damaged.
        """
        try:
            with np.load(file, allow_pickle=False) as stored:
                vocabulary = Vocabulary(_strings(stored["stems"]), stored["weights"])
                matrices = {
                    name: _matrix(stored[f"{name}_columns"], stored[f"{name}_starts"], vocabulary)
                    for name in ("names", "descriptions", "examples")
                }
                return cls(
                    key=_strings(stored["key"])[0],
                    skill_ids=_strings(stored["skill_ids"]),
                    vocabulary=vocabulary,
                    words=stored["words"].astype(np.float32),
                    own=stored["own"].astype(np.float32),
                    **{name: stored[name] for name in ("name_owner", "name_length", "example_owner", "traits")},
                    **matrices,
                )
        except (OSError, ValueError, KeyError, IndexError) as error:
            raise TaxonomyError(f"{file}: no readable index ({error})", remedy="delete it: it is made again") from error


def index_key(taxonomy: Taxonomy) -> str:
    """What an index depends on, as one word: it is made again when this changes."""
    return hashlib.sha256(f"{_FORMAT} {taxonomy.version} {sentences_digest()}".encode()).hexdigest()[:16]


def index_file(taxonomy: Taxonomy, folder: Path | None = None) -> Path:
    """Where the index of a taxonomy is kept: in its own folder if it was built, else in ``folder`` (the cache)."""
    if taxonomy.folder is not None:
        return taxonomy.folder / FILE
    return (folder or default_folder()) / f"{index_key(taxonomy)}-{FILE}"


def _matrix(columns: np.ndarray, starts: np.ndarray, vocabulary: Vocabulary) -> sparse.csr_array:
    return sparse.csr_array((vocabulary.weights[columns], columns, starts), shape=(len(starts) - 1, len(vocabulary)))


def _bytes(strings: Sequence[str]) -> np.ndarray:
    return np.frombuffer("\n".join(strings).encode(), dtype=np.uint8)


def _strings(stored: np.ndarray) -> list[str]:
    return stored.tobytes().decode().split("\n")
