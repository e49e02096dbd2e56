"""How near texts lie to names of skills: by word vectors that were learned from the taxonomy and example sentences.

The vectors are those of the linker's index (`skillmatch.linking.encoder`), which bring together words that name the
same skill: *joining of metals* lies near *welding* (cosine .57) though they share no word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import sparse

from skillmatch.components.linker import sentences_of
from skillmatch.linking.encoder import unit, unit_rows
from skillmatch.linking.index import LinkIndex
from skillmatch.wording import Part

_BLOCK = 8192
#: 95 of 100 courses lie no nearer to a name by chance.
_CHANCE = 0.05


class Nearness:
    """Texts as vectors: each as a whole, and each of its sentences.

    Kept as the numbers of their words, since the vectors themselves would take a kilobyte a sentence.

    Parameters
    ----------
    documents : with column ``language``.
    parts : for each text what of it counts (`skillmatch.wording.parts_of`).
    index : of the taxonomy whose skills are named.
    """

    def __init__(self, documents: pd.DataFrame, parts: Sequence[Sequence[Part]], index: LinkIndex) -> None:
        self._index = index
        self._languages = documents["language"].to_numpy()
        vocabulary = index.vocabulary
        whole: list[list[int]] = []
        sentences: list[list[int]] = []
        counts = []
        for language, pieces in zip(self._languages, parts, strict=True):
            found = [
                vocabulary.numbers(text[start:end], language)
                for text, weight, _ in pieces
                if weight
                for start, end in sentences_of(text)
            ]
            sentences += found
            counts.append(len(found))
            whole.append([number for numbers in found for number in numbers])
        self._whole = self._with_lengths(whole)
        self._sentences = self._with_lengths(sentences)
        self._starts = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])

    def __call__(self, names: Mapping[str, str]) -> np.ndarray:
        """The mean of two squared cosines for each text, of the whole and of its nearest sentence, less chance; 0..1.

        ``names`` : the name of the skill in each language that the texts have.
        """
        near = np.zeros(len(self._languages))
        vocabulary = self._index.vocabulary
        for language, name in names.items():
            rows = np.flatnonzero(self._languages == language)
            query = unit(unit_rows(vocabulary.bag([vocabulary.numbers(name, language)])) @ self._index.words)[0]
            by_word = self._index.words @ query
            whole, sentence = (np.maximum(bag @ by_word, 0) for bag in (self._whole, self._sentences))
            # A zero at the end, which no text has: reduceat wants a place for every start.
            best = np.maximum.reduceat(np.append(sentence, 0), self._starts[:-1]) * (np.diff(self._starts) > 0)
            near[rows] = np.maximum((whole**2 + best**2) / 2 - _CHANCE, 0)[rows]
        return near

    def _with_lengths(self, texts: Sequence[Sequence[int]]) -> sparse.csr_array:
        """A row for each text that times the vectors of the words is its vector of length one."""
        rows = unit_rows(self._index.vocabulary.bag(texts))
        lengths = np.concatenate(
            [np.linalg.norm(rows[at : at + _BLOCK] @ self._index.words, axis=1) for at in range(0, len(texts), _BLOCK)]
            or [np.zeros(0)]
        )
        rows.data = (rows.data / np.repeat(np.maximum(lengths, 1e-8), np.diff(rows.indptr))).astype(np.float32)
        return rows
