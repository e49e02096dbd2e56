"""Further evidence for the linker from pretrained static embeddings (model2vec): optional, from a local folder only.

The learned vectors of `skillmatch.linking.encoder` know the words of the taxonomy and of the example sentences; these
know the words of the texts that somebody else trained on. They propose further candidates, and what they say of a
candidate is added to what the trees say of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from skillmatch.errors import InputError
from skillmatch.linking.candidates import BLOCK, best
from skillmatch.linking.encoder import unit
from skillmatch.taxonomy import Taxonomy

#: So many skills that lie nearest to a sentence are looked at beside the candidates of `skillmatch.linking.candidates`.
NEAREST = 20
#: Log odds for a cosine of one; of 0, 2, 3, 4, 6 and 8 the best on labelled sentences (docs/linking.md).
WEIGHT = 3.0


class SemanticVectors:
    """A model2vec model in ``folder``; nothing is ever downloaded.

    Raises
    ------
    InputError : no such folder, no model in it, or model2vec is not installed.
    """

    def __init__(self, folder: str | Path) -> None:
        folder = Path(folder)
        if not (folder / "model.safetensors").is_file():
            raise InputError(f"{folder}: no folder with a model2vec model", remedy="name a folder on this machine")
        try:
            from model2vec import StaticModel
        except ImportError as error:
            raise InputError("model2vec is not installed", remedy="pip install 'skillmatch[semantic]'") from error
        try:
            self._model = StaticModel.from_pretrained(folder.resolve(), force_download=False)
        except (OSError, ValueError, KeyError) as error:
            raise InputError(f"{folder}: no readable model ({error})", remedy="save it again with model2vec") from error

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of length 1, shape (texts, dimensions)."""
        return unit(np.asarray(self._model.encode(list(texts)), dtype=np.float32))


class SemanticStage:
    """How near sentences lie to the skills of a taxonomy.

    Parameters
    ----------
    vectors : of texts.
    taxonomy, skill_ids : the skills, in the order of the linker's index.
    """

    def __init__(self, vectors: SemanticVectors, taxonomy: Taxonomy, skill_ids: Sequence[str]) -> None:
        self._vectors, self._taxonomy, self._skill_ids = vectors, taxonomy, skill_ids
        self._of_skills = cache(self._skills)

    def __call__(self, sentences: Sequence[str], language: str) -> SemanticScores:
        """How near each sentence lies to each skill."""
        return SemanticScores(self._vectors.encode(sentences) @ self._of_skills(language).T)

    def _skills(self, language: str) -> np.ndarray:
        """Means over the names of each skill, of length 1."""
        skills = [self._taxonomy[skill_id] for skill_id in self._skill_ids]
        named = [
            list(dict.fromkeys([skill.label(language), *(name.text for name in skill.names(language))]))
            for skill in skills
        ]
        vectors = self._vectors.encode([name for names in named for name in names])
        starts = np.cumsum([0, *(len(names) for names in named[:-1])])
        means = unit(np.add.reduceat(vectors, starts, axis=0))
        return np.pad(means, ((0, -len(means) % BLOCK), (0, 0)))


class SemanticScores(NamedTuple):
    """Cosines, shape (sentences, skills and zeros up to a multiple of 32)."""

    cosine: np.ndarray

    def nearest(self) -> tuple[np.ndarray, np.ndarray]:
        """Sentences and skills of the nearest pairs."""
        return best(self.cosine, NEAREST)

    def agreement(self, sentence: np.ndarray, skill: np.ndarray) -> np.ndarray:
        """What is added to the log odds of candidates: for how much nearer each is than those of its sentence are."""
        near = self.cosine[sentence, skill]
        size = len(self.cosine)
        means = np.bincount(sentence, near, minlength=size) / np.maximum(np.bincount(sentence, minlength=size), 1)
        return WEIGHT * (near - means[sentence])
