"""Vectors of texts and skills by pretrained static embeddings (model2vec): optional, from a local folder only."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from skillmatch.errors import InputError
from skillmatch.linking.encoder import unit
from skillmatch.taxonomy import Taxonomy


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

    def skills(self, taxonomy: Taxonomy, skill_ids: Sequence[str], language: str) -> np.ndarray:
        """Means over the names of each skill, of length 1, shape (skills, dimensions)."""
        named = [
            list(dict.fromkeys([taxonomy[at].label(language), *(name.text for name in taxonomy[at].names(language))]))
            for at in skill_ids
        ]
        vectors = self.encode([name for names in named for name in names])
        starts = np.cumsum([0, *(len(names) for names in named[:-1])])
        return unit(np.add.reduceat(vectors, starts, axis=0))
