"""Ranking: which curricula close the gaps, and how sure the order is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.preprocessing import normalize
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

#: ``score``: similarity to the gap vector (`CurriculumRanker`), 0 and up; ``closes``: share of all gap weight that the
#: curriculum covers, 0..1; ``rank_low`` and ``rank_high``: 95 % interval of the rank under resampling of the postings;
#: ``top_skills``: labels.
RANKING_COLUMNS = (
    "programme", "rank", "curriculum_id", "title", "score", "closes", "rank_low", "rank_high", "ects", "top_skills",
)  # fmt: skip
RESAMPLES = 200
_TOP_SKILLS = 5


class CurriculumRanker(TransformerMixin, BaseEstimator):
    """Similarity of curricula to gaps: cosine of TF-IDF skill vectors with pivoted length normalisation.

    Fitted on the coverage of curricula, it turns gap vectors into one score for each curriculum. A skill that most
    curricula teach tells little about any of them and weighs less (inverse document frequency).

    The plain cosine looks at directions only: a thesis seminar that mentions one wanted skill in passing would be
    as near as a course that teaches it for a term. So the length by which a vector is divided is drawn towards the
    mean length of all (Singhal, Buckley and Mitra, 1996, SIGIR): ``(1 - slope) * mean + slope * length``.

    Parameters
    ----------
    use_idf : weigh skills by inverse document frequency among the curricula.
    slope : 1 is the plain cosine, 0 the plain product, which favours long syllabi.

    Attributes
    ----------
    vectors_ : normalised TF-IDF vectors of the curricula, shape (curricula, skills).
    idf_ : weight of each skill, shape (skills,).

    >>> coverage = np.array([[0.9, 0.0, 0.1], [0.0, 0.8, 0.0]])
    >>> CurriculumRanker(slope=1.0).fit(coverage).transform([[1.0, 0.0, 0.0]]).round(2).tolist()
    [[0.99, 0.0]]
    """

    def __init__(self, *, use_idf: bool = True, slope: float = 0.3) -> None:
        self.use_idf = use_idf
        self.slope = slope

    def fit(self, X: sparse.spmatrix | np.ndarray, y: object = None) -> CurriculumRanker:
        """Learn the curricula; ``X`` is their coverage, shape (curricula, skills)."""
        X = sparse.csr_array(validate_data(self, X, accept_sparse="csr", dtype=np.float64))
        tfidf = TfidfTransformer(norm=None, use_idf=self.use_idf).fit(X)
        self.idf_ = tfidf.idf_ if self.use_idf else np.ones(X.shape[1])
        vectors = sparse.csr_array(tfidf.transform(X))
        lengths = np.sqrt(np.asarray(vectors.multiply(vectors).sum(axis=1)).ravel())
        filled = lengths[lengths > 0]
        pivot = filled.mean() if len(filled) else 1.0
        divisors = (1 - self.slope) * pivot + self.slope * lengths
        self.vectors_ = sparse.csr_array(vectors.multiply(1 / np.where(divisors > 0, divisors, 1.0)[:, None]))
        return self

    def transform(self, X: sparse.spmatrix | np.ndarray) -> np.ndarray:
        """Score of each curriculum for each gap vector; ``X`` (gaps, skills) -> (gaps, curricula)."""
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse="csr", dtype=np.float64, reset=False)
        gaps = normalize(X) if sparse.issparse(X) else normalize(np.asarray(X))
        scores = self.vectors_ @ gaps.T
        return (scores.toarray() if sparse.issparse(scores) else np.asarray(scores)).T

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def rank_curricula(
    curricula: pd.DataFrame,
    coverage: sparse.csr_array,
    target: np.ndarray,
    *,
    labels: Sequence[str],
    resampled_targets: np.ndarray | None = None,
    programme: str = "",
) -> pd.DataFrame:
    """Curricula by how well they answer a target vector (gaps, or demand).

    Parameters
    ----------
    curricula : the columns document_id and title, optionally ects; one row for each row of ``coverage``.
    coverage : how far each curriculum teaches each skill, shape (curricula, skills).
    target : weight of each skill's gap, shape (skills,).
    labels : names of the skills, for ``top_skills``.
    resampled_targets : the target under resampling of the postings, shape (resamples, skills); without it
        the rank interval is the rank itself.

    Returns
    -------
    Table of `RANKING_COLUMNS`, by rank; curricula that close nothing are left out.
    """
    total = float(target.sum())
    closes = np.asarray(coverage @ target).ravel() / total if total > 0 else np.zeros(len(curricula))
    closing = np.flatnonzero(closes > 0)
    if not len(closing):
        return pd.DataFrame(columns=list(RANKING_COLUMNS))
    ranker = CurriculumRanker().fit(coverage)
    scores = ranker.transform(target[None, :])[0]
    order = closing[np.lexsort((closing, -closes[closing].round(12), -scores[closing].round(12)))]
    low = high = np.arange(1, len(order) + 1)
    if resampled_targets is not None and len(resampled_targets):
        ranks = _ranks(ranker.transform(resampled_targets)[:, order])
        low, high = np.percentile(ranks, [2.5, 97.5], axis=0, method="nearest")
    chosen = curricula.iloc[order]
    return pd.DataFrame(
        {
            "programme": programme,
            "rank": np.arange(1, len(order) + 1),
            "curriculum_id": chosen["document_id"].to_numpy(),
            "title": chosen["title"].to_numpy(),
            "score": scores[order],
            "closes": closes[order],
            "rank_low": np.minimum(low, np.arange(1, len(order) + 1)).astype(int),
            "rank_high": np.maximum(high, np.arange(1, len(order) + 1)).astype(int),
            "ects": chosen["ects"].to_numpy() if "ects" in chosen else "",
            "top_skills": _top_skills(coverage[order], target, labels),
        },
        columns=list(RANKING_COLUMNS),
    )


def diverse_order(coverage: sparse.csr_array, target: np.ndarray, *, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Curricula in the order in which each closes most of what those before it leave open (greedy).

    So the second of two courses that teach the same comes late, however good it is. The first ``most`` picks are within
    1 - 1/e (63 %) of what the best set of that size closes (Nemhauser, Wolsey and Fisher, 1978, Math. Program. 14:265).

    Parameters
    ----------
    coverage : shape (curricula, skills); among equals the earlier row is picked.
    target : weight of each skill's gap, shape (skills,).
    most : how many to pick; picking ends where nothing is closed any more.

    Returns
    -------
    Rows picked, and the share of the target's weight that each adds.

    >>> twins = sparse.csr_array(np.array([[0.9, 0.0], [0.8, 0.0], [0.0, 0.5]]))
    >>> [values.tolist() for values in diverse_order(twins, np.array([0.5, 0.5]), most=2)]
    [[0, 2], [0.45, 0.25]]
    """
    left = target / max(float(target.sum()), 1e-12)
    coverage = coverage.tocsr()
    picked: list[int] = []
    adds: list[float] = []
    while len(picked) < most:
        gains = coverage @ left
        gains[picked] = 0.0
        best = int(np.argmax(gains.round(12)))
        if gains[best] <= 1e-12:
            break
        picked.append(best)
        adds.append(float(gains[best]))
        left = left * (1 - coverage[[best]].toarray().ravel())
    return np.array(picked, dtype=int), np.array(adds)


def resample(
    matrix: sparse.csr_array, *, weights: np.ndarray | None = None, resamples: int = RESAMPLES, seed: int = 0
) -> np.ndarray:
    """Weighted column means of a matrix under resampling of its rows (bootstrap), shape (resamples, columns)."""
    n = matrix.shape[0]
    if not n:
        return np.zeros((resamples, matrix.shape[1]))
    weights = np.ones(n) if weights is None else weights
    drawn = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=resamples) * weights
    return np.asarray((matrix.T @ drawn.T).T) / drawn.sum(axis=1, keepdims=True)


def _ranks(scores: np.ndarray) -> np.ndarray:
    """Rank (1 = best) of each column within each row."""
    order = np.argsort(-scores, axis=1, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(1, scores.shape[1] + 1)[None, :], axis=1)
    return ranks


def _top_skills(coverage: sparse.csr_array, target: np.ndarray, labels: Sequence[str]) -> list[str]:
    """For each curriculum the skills that contribute most, joined by ``"; "``."""
    rows = []
    coverage = coverage.tocsr()
    for start, end in zip(coverage.indptr[:-1], coverage.indptr[1:], strict=True):
        skills = coverage.indices[start:end]
        shares = coverage.data[start:end] * target[skills]
        best = np.lexsort((skills, -shares.round(12)))[:_TOP_SKILLS]
        rows.append("; ".join(labels[skills[at]] for at in best if shares[at] > 0))
    return rows
