"""Consecutive words of a sentence as vectors: sums of weighted word vectors."""

from __future__ import annotations

import numpy as np

from skillmatch.linking.index import LinkIndex

#: Words of a window.
WINDOWS = (3, 6)


def weighted_words(index: LinkIndex, texts: np.ndarray) -> np.ndarray:
    """Vectors of the words of sentences of equal length (word numbers), shape (sentences, words, dimensions)."""
    return index.words[texts] * index.vocabulary.weights[texts][..., None]


def window_sums(values: np.ndarray, size: int) -> np.ndarray:
    """Sums of each ``size`` consecutive values along the second axis; of all, where there are fewer.

    >>> window_sums(np.array([[1.0, 2.0, 4.0]]), 2).tolist(), window_sums(np.array([[1.0, 2.0]]), 6).tolist()
    ([[3.0, 6.0]], [[3.0]])
    """
    size = min(size, values.shape[1])
    sums = np.cumsum(values, axis=1)
    sums[:, size:] -= sums[:, :-size]
    return sums[:, size - 1 :]


def window_lengths(weighted: np.ndarray, size: int) -> np.ndarray:
    """Lengths of the vectors of all windows of `weighted_words`, shape (sentences, windows); never 0."""
    sums = weighted if size == 1 else window_sums(weighted, size)
    return np.maximum(np.sqrt(np.einsum("ijk,ijk->ij", sums, sums)), 1e-8)
