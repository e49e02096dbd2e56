"""Further evidence for the linker from pretrained static embeddings (model2vec): optional, from a local folder only.

The learned vectors of `skillmatch.linking.encoder` know the words of the taxonomy and of the example sentences; these
know the words of the texts that somebody else trained on. They propose further candidates, and what they say of a
candidate is added to what the trees say of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import numpy as np

from skillmatch.errors import InputError
from skillmatch.fingerprints import digest
from skillmatch.linking.candidates import BLOCK, best
from skillmatch.linking.encoder import unit
from skillmatch.taxonomy import Taxonomy

#: So many skills that lie nearest to a sentence are looked at beside the candidates of `skillmatch.linking.candidates`.
NEAREST = 20
#: Log odds for a cosine of one: the likeliest value (± 0.4) on the validation sentences of TECH and HOUSE, given what
#: trees say that did not learn from them. Ranks hardly change up to 3; probabilities are too certain from 2 on.
WEIGHT = 1.25
# Skills looked at beyond the nearest, as some lie equally near.
_EQUALS = 5
# Skills whose names are read together: the vectors of all names of ESCO at once would take 200 MB.
_SKILLS_AT_ONCE = 1_000


class SemanticVectors:
    """A model2vec model in ``folder``; nothing is ever downloaded.

    Raises
    ------
    InputError : no such folder, no model in it that can be used, or model2vec is not installed.
    """

    def __init__(self, folder: str | Path) -> None:
        # An absolute path is never taken for the name of a model on a server.
        folder = Path(folder).resolve()
        if not folder.is_dir():
            raise InputError(f"{folder}: no such folder", remedy="name a folder with a model2vec model")
        try:
            from model2vec import StaticModel
        except ImportError as error:
            raise InputError(
                f"model2vec cannot be loaded ({error})", remedy="pip install 'skillmatch[semantic]'"
            ) from error
        try:
            self._model = StaticModel.from_pretrained(folder, force_download=False)
        except Exception as error:  # the readers of vectors and tokens raise classes of their own
            raise InputError(
                f"{folder}: no readable model2vec model ({error})", remedy="save it again with model2vec"
            ) from error
        if not np.isfinite(self._model.embedding).all():
            raise InputError(f"{folder}: vectors that are not numbers", remedy="use another model")

    @cached_property
    def key(self) -> str:
        """Digest of the model and of the libraries that read texts with it."""
        model = self._model
        arrays = [array for array in (model.embedding, model.weights, model.token_mapping) if array is not None]
        settings = [version("model2vec"), version("tokenizers"), str(model.normalize), str(model.max_length)]
        return digest([*settings, model.tokenizer.to_str(), *(array.tobytes() for array in arrays)])

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of length 1, shape (texts, dimensions); zeros for a text of unknown words."""
        found = self._model.encode(list(texts), use_multiprocessing=False)
        return unit(np.asarray(found, dtype=np.float32))


class SemanticStage:
    """How near sentences lie to the skills of a taxonomy.

    Parameters
    ----------
    vectors : of texts.
    taxonomy, skill_ids : the skills, in the order of the linker's index.
    """

    def __init__(self, vectors: SemanticVectors, taxonomy: Taxonomy, skill_ids: Sequence[str]) -> None:
        self.vectors = vectors
        self._taxonomy, self._skill_ids = taxonomy, skill_ids
        self._of_skills = cache(self._skills)

    def __call__(self, sentences: Sequence[str], language: str) -> SemanticScores:
        """How near each sentence lies to each skill."""
        return SemanticScores(self.vectors.encode(sentences), self._of_skills(language))

    def _skills(self, language: str) -> np.ndarray:
        """Means over the names of each skill, of length 1, and rows of zeros up to a multiple of 32."""
        parts = []
        for first in range(0, len(self._skill_ids), _SKILLS_AT_ONCE):
            skills = [self._taxonomy[skill_id] for skill_id in self._skill_ids[first : first + _SKILLS_AT_ONCE]]
            named = [
                list(dict.fromkeys([skill.label(language), *(name.text for name in skill.names(language))]))
                for skill in skills
            ]
            vectors = self.vectors.encode([name for names in named for name in names])
            starts = np.cumsum([0, *(len(names) for names in named[:-1])])
            parts.append(unit(np.add.reduceat(vectors, starts, axis=0)))
        means = np.concatenate(parts)
        return np.pad(means, ((0, -len(means) % BLOCK), (0, 0)))


class SemanticScores(NamedTuple):
    """Vectors of sentences and of skills, of length 1; the number of skills divides by 32."""

    sentences: np.ndarray
    skills: np.ndarray

    def nearest(self) -> tuple[np.ndarray, np.ndarray]:
        """Sentences and skills of the nearest pairs."""
        # The last digits of a product of matrices depend on the whole batch; who is the last of equals must not.
        sentence, skill = best(self.sentences @ self.skills.T, NEAREST + _EQUALS)
        order = np.lexsort((skill, -self._near(sentence, skill), sentence))
        sentence, skill = sentence[order], skill[order]
        place = np.arange(len(sentence)) - np.searchsorted(sentence, np.arange(len(self.sentences)))[sentence]
        return sentence[place < NEAREST], skill[place < NEAREST]

    def agreement(self, sentence: np.ndarray, skill: np.ndarray) -> np.ndarray:
        """What is added to the log odds of candidates: for how much nearer each is than those of its sentence are."""
        near, size = self._near(sentence, skill), len(self.sentences)
        means = np.bincount(sentence, near, minlength=size) / np.maximum(np.bincount(sentence, minlength=size), 1)
        return WEIGHT * (near - means[sentence])

    def _near(self, sentence: np.ndarray, skill: np.ndarray) -> np.ndarray:
        """Cosines, pair by pair."""
        return np.einsum("ij,ij->i", self.sentences[sentence], self.skills[skill])
