"""Arithmetic over consecutive stretches of an array, such as the candidates of each sentence."""

from __future__ import annotations

import numpy as np


def ranges(starts: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of all ranges one after the other, and the length of each range.

    >>> [part.tolist() for part in ranges(np.array([5, 1]), np.array([7, 4]))]
    [[5, 6, 1, 2, 3], [2, 3]]
    """
    counts = ends - starts
    total = int(counts.sum())
    return np.repeat(starts - (np.cumsum(counts) - counts), counts) + np.arange(total), counts


def by_segment(reduce: np.ufunc, values: np.ndarray, counts: np.ndarray, *, empty: float = 0.0) -> np.ndarray:
    """A ufunc reduced over consecutive segments of the given lengths; ``empty`` for those of length 0.

    >>> by_segment(np.maximum, np.array([1.0, 3.0, 2.0]), np.array([2, 0, 1])).tolist()
    [3.0, 0.0, 2.0]
    """
    result = np.full(len(counts), empty, dtype=np.result_type(values, np.float32))
    filled = counts > 0
    if len(values):
        result[filled] = reduce.reduceat(values, (np.cumsum(counts) - counts)[filled])
    return result


class Groups:
    """Reductions over the pairs of each sentence; ``rows``, the sentence of each pair, is sorted."""

    def __init__(self, rows: np.ndarray, sentences: int) -> None:
        self.rows = rows
        self.counts = np.bincount(rows, minlength=sentences)
        self.starts = np.cumsum(self.counts) - self.counts
        self._place = np.arange(len(rows)) - self.starts[rows]

    def bounds(self, row: int) -> tuple[int, int]:
        return int(self.starts[row]), int(self.starts[row] + self.counts[row])

    def maximum(self, values: np.ndarray) -> np.ndarray:
        return np.repeat(by_segment(np.maximum, values, self.counts), self.counts)

    def total(self, values: np.ndarray) -> np.ndarray:
        return np.repeat(by_segment(np.add, values, self.counts), self.counts)

    def rank(self, values: np.ndarray) -> np.ndarray:
        """log(1 + rank) within the sentence, best first; of equal ones the first comes first."""
        width = int(self.counts.max(initial=0))
        table = np.full((len(self.counts), width), np.inf, dtype=np.float32)
        table[self.rows, self._place] = -values
        order = np.argsort(table, axis=1, kind="stable")
        ranks = np.empty(table.shape, dtype=np.float32)
        np.put_along_axis(ranks, order, np.log1p(np.arange(width, dtype=np.float32))[None, :], axis=1)
        return ranks[self.rows, self._place]
