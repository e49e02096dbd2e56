"""What the linker knows of a taxonomy: its names, descriptions and examples as sparse rows, its skills as vectors."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from scipy import sparse

from skillmatch.errors import InputError, TaxonomyError
from skillmatch.linking.encoder import Pairs, Vocabulary, train_encoder, unit, unit_rows
from skillmatch.linking.sentences import Sentence, sentences_digest, training_sentences
from skillmatch.linking.words import folded_words, stem
from skillmatch.output import whole_file
from skillmatch.resources import default_folder
from skillmatch.taxonomy import Taxonomy

FILE = "linking.npz"
_FORMAT = 1
#: An alias tells less than a label: unweighted aliases were measured to hurt.
ALIAS_FACTOR = 0.8
#: How often example sentences are shown for each time a name is.
_SENTENCE_REPEATS = 3
_MAX_DESCRIPTION = 600
#: Sentences kept for each skill to compare with; all are learned from.
_MOST_EXAMPLES = 10
_REUSE = {"transversal": 3.0, "cross-sector": 2.0, "sector-specific": 1.0}


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


def build_index(taxonomy: Taxonomy, *, sentences: Sequence[Sentence] | None = None, seed: int = 0) -> LinkIndex:
    """Learn the words of a taxonomy from its names, its descriptions and the example sentences.

    Sentences whose skills the taxonomy does not have still teach which words go together.
    """
    sentences = training_sentences() if sentences is None else sentences
    position = {skill_id: at for at, skill_id in enumerate(taxonomy.skills)}
    names = _names(taxonomy)
    described = [
        (skill.id, language, text[:_MAX_DESCRIPTION])
        for skill in taxonomy
        for language, text in skill.definitions.items()
    ]
    vocabulary = Vocabulary.count(
        [(text, language) for _, language, text, _ in names]
        + [(text, language) for _, language, text in described]
        + [(sentence.text, sentence.language) for sentence in sentences]
    )
    numbers = vocabulary.numbers
    name_bag = vocabulary.bag(numbers(text, language) for _, language, text, _ in names)
    owner = np.array([position[skill_id] for skill_id, *_ in names], dtype=np.int32)
    length = [
        len({key for word in folded_words(text) if (key := stem(word, language))}) for _, language, text, _ in names
    ]
    by_skill: list[list[int]] = [[] for _ in taxonomy]
    for skill_id, language, text in described:
        by_skill[position[skill_id]] += numbers(text, language)
    descriptions = vocabulary.bag(by_skill)
    skill_of = {(skill.esco_label or skill.label("en")).casefold(): at for at, skill in enumerate(taxonomy)}
    sentence_bag = vocabulary.bag(numbers(sentence.text, sentence.language) for sentence in sentences)
    labelled = [(row, label) for row, sentence in enumerate(sentences) for label in sentence.labels]
    foreign = sorted({label for _, label in labelled if label.casefold() not in skill_of})
    target_of = skill_of | {label.casefold(): len(taxonomy) + at for at, label in enumerate(foreign)}
    rows = np.array([row for row, _ in labelled], dtype=np.int64)
    targets = np.array([target_of[label.casefold()] for _, label in labelled], dtype=np.int64)
    starts = np.searchsorted(owner, np.arange(len(taxonomy)))
    labels = sparse.vstack([name_bag[starts], vocabulary.bag(numbers(label, "en") for label in foreign)], format="csr")
    others = np.setdiff1d(np.arange(len(owner)), starts)
    has_text = np.flatnonzero(np.diff(descriptions.indptr))
    words, own = train_encoder(
        Pairs(
            queries=unit_rows(
                sparse.vstack(
                    [name_bag[others], descriptions[has_text], *[sentence_bag[rows]] * _SENTENCE_REPEATS], format="csr"
                )
            ),
            targets=np.concatenate([owner[others], has_text, *[targets] * _SENTENCE_REPEATS]).astype(np.int64),
            labels=unit_rows(labels),
        ),
        seed=seed,
    )
    examples = _examples(rows, targets, np.array([len(sentence.labels) for sentence in sentences]), len(taxonomy))
    return LinkIndex(
        key=index_key(taxonomy),
        skill_ids=list(taxonomy.skills),
        vocabulary=vocabulary,
        # The precision of the stored file, so that an index read again links in the same way.
        words=words.astype(np.float16).astype(np.float32),
        own=own[: len(taxonomy)].astype(np.float16).astype(np.float32),
        names=name_bag,
        name_owner=owner,
        name_length=np.array(length, dtype=np.float32),
        descriptions=descriptions,
        examples=sentence_bag[rows[examples]],
        example_owner=targets[examples].astype(np.int32),
        traits=_traits(taxonomy),
    )


def index_file(taxonomy: Taxonomy, folder: Path | None = None) -> Path:
    """Where the index of a taxonomy is kept: in its own folder if it was built, else in ``folder`` (the cache)."""
    if taxonomy.folder is not None:
        return taxonomy.folder / FILE
    return (folder or default_folder()) / f"{index_key(taxonomy)}-{FILE}"


def load_index(taxonomy: Taxonomy, *, file: Path | None = None) -> LinkIndex:
    """The index kept in a file (default: `index_file`), made where it is missing or old, and kept if possible."""
    file = file or index_file(taxonomy)
    if file.is_file():
        index = LinkIndex.load(file)
        if index.key == index_key(taxonomy):
            return index
    index = build_index(taxonomy)
    with suppress(OSError, InputError):
        file.parent.mkdir(parents=True, exist_ok=True)
        index.save(file)
    return index


def _examples(rows: np.ndarray, targets: np.ndarray, skills_of: np.ndarray, skills: int) -> np.ndarray:
    """Which labelled sentences are kept as examples: those with the fewest other skills, by skill."""
    order = np.lexsort((rows, skills_of[rows], targets))
    starts = np.searchsorted(targets[order], np.arange(targets.max(initial=0) + 1))
    place = np.arange(len(order)) - starts[targets[order]]
    return order[(place < _MOST_EXAMPLES) & (targets[order] < skills)]


def _names(taxonomy: Taxonomy) -> list[tuple[str, str, str, bool]]:
    """(skill id, language, text, whether it is the label) by skill, the label first."""
    found: list[tuple[str, str, str, bool]] = []
    stored: dict[str, list[tuple[str, str]]] = {}
    if taxonomy.folder is not None:
        from skillmatch.taxonomies.store import read_table

        table = read_table(taxonomy.folder, "names")
        columns = (table[column].to_pylist() for column in ("skill_id", "language", "text"))
        for skill_id, language, text in zip(*columns, strict=True):
            stored.setdefault(skill_id, []).append((language, text))
    for skill in taxonomy:
        label = skill.label("en")
        language = next((code for code in ("en", *skill.labels) if skill.labels.get(code) == label), "en")
        names = stored.get(skill.id) or [(code, name.text) for code in ("en", "it") for name in skill.names(code)]
        found.append((skill.id, language, label, True))
        found += [
            (skill.id, code, text, False)
            for code, text in dict.fromkeys(names)
            if code in ("en", "it") and (code, text) != (language, label)
        ]
    return found


def _traits(taxonomy: Taxonomy) -> np.ndarray:
    needed = dict.fromkeys(taxonomy.skills, 0)
    reuse = dict.fromkeys(taxonomy.skills, 0.0)
    if taxonomy.folder is not None:
        from skillmatch.taxonomies.store import read_table

        relations = read_table(taxonomy.folder, "relations")
        for relation, skill_id in zip(relations["relation"].to_pylist(), relations["object"].to_pylist(), strict=True):
            if relation in ("essential", "optional") and skill_id in needed:
                needed[skill_id] += 1
        skills = read_table(taxonomy.folder, "skills")
        for skill_id, level in zip(skills["skill_id"].to_pylist(), skills["reuse_level"].to_pylist(), strict=True):
            reuse[skill_id] = _REUSE.get(level, 0.0)
    return np.array(
        [(np.log1p(needed[skill.id]), reuse[skill.id], float(skill.kind == "knowledge")) for skill in taxonomy],
        dtype=np.float32,
    )


def _matrix(columns: np.ndarray, starts: np.ndarray, vocabulary: Vocabulary) -> sparse.csr_array:
    return sparse.csr_array((vocabulary.weights[columns], columns, starts), shape=(len(starts) - 1, len(vocabulary)))


def _bytes(strings: Sequence[str]) -> np.ndarray:
    return np.frombuffer("\n".join(strings).encode(), dtype=np.uint8)


def _strings(stored: np.ndarray) -> list[str]:
    return stored.tobytes().decode().split("\n")
