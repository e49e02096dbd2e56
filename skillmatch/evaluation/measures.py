"""What all measurements of rankings share: nDCG, intervals, and the plain rankers to compare with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

_RESAMPLES = 2000


def ndcg(scores: np.ndarray, gains: np.ndarray, *, depth: int = 10) -> float:
    """Normalised discounted cumulative gain of the first ``depth`` (Järvelin and Kekäläinen, 2002, TOIS 20:422).

    Ties are broken by the order given; 0 where nothing has a gain.

    >>> round(ndcg(np.array([0.9, 0.5, 0.1]), np.array([0.0, 1.0, 0.0])), 3)
    0.631
    """
    discounts = 1 / np.log2(np.arange(2, depth + 2))
    order = np.argsort(-scores, kind="stable")[:depth]
    best = np.sort(gains)[::-1][:depth]
    ideal = float((best * discounts[: len(best)]).sum())
    return float((gains[order] * discounts[: len(order)]).sum()) / ideal if ideal > 0 else 0.0


def mean_interval(values: np.ndarray, seed: int = 0) -> tuple[float, float, float]:
    """Mean and its 95 % bootstrap interval."""
    drawn = np.random.default_rng(seed).choice(values, (_RESAMPLES, len(values))).mean(axis=1)
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(values.mean()), float(low), float(high)


class RawTexts:
    """Texts ranked by their plain words: what a general search engine would do."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._tfidf = TfidfVectorizer(stop_words="english", sublinear_tf=True)
        self._by_words = self._tfidf.fit_transform(texts)
        self._counter = CountVectorizer(stop_words="english")
        self._weights = _bm25(self._counter.fit_transform(texts))

    def tfidf(self, query: str) -> np.ndarray:
        """Cosine of TF-IDF vectors, shape (texts,)."""
        return (self._by_words @ self._tfidf.transform([query]).T).toarray().ravel()

    def bm25(self, query: str) -> np.ndarray:
        """BM25 score of each text, shape (texts,)."""
        return np.asarray((self._weights @ self._counter.transform([query]).T).todense()).ravel()


def _bm25(counts: sparse.csr_matrix, *, k1: float = 1.5, b: float = 0.75) -> sparse.csr_array:
    """BM25 weights of terms in texts (Robertson and Zaragoza, 2009, Found. Trends Inf. Retr. 3:333)."""
    counts = sparse.csr_array(counts).astype(float)
    n = counts.shape[0]
    lengths = np.asarray(counts.sum(axis=1)).ravel()
    holding = np.diff(counts.tocsc().indptr)
    idf = np.log(1 + (n - holding + 0.5) / (holding + 0.5))
    rows = np.repeat(np.arange(n), np.diff(counts.indptr))
    norm = k1 * (1 - b + b * lengths[rows] / lengths.mean())
    counts.data = counts.data * (k1 + 1) / (counts.data + norm) * idf[counts.indices]
    return counts
