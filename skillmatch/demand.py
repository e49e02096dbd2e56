"""Demand: which share of postings asks for each skill, with its interval."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import sparse

from skillmatch.depth import asked_levels, deepest_levels, median_level
from skillmatch.taxonomy import Taxonomy

#: How far a mention counts as being asked for, by its strength.
STRENGTH_WEIGHTS = {"required": 1.0, "preferred": 0.5, "mentioned": 0.25, "negated": 0.0}
#: ``postings``: how many mention the skill without negating it; ``share``: expected share that asks for it;
#: ``low`` and ``high``: 95 % Wilson interval of the share; ``weight``: share times specificity; ``asked_level``: median
#: of the levels that postings state, 1..6, missing where none does; ``stated``: share of the demand that states one.
DEMAND_COLUMNS = (
    "skill_id", "label", "group", "postings", "share", "low", "high", "specificity", "weight", "asked_level", "stated",
)  # fmt: skip
_LEAST_SPECIFIC = 0.1
_AT_ONCE = 2_000_000
#: The postings of one employer count at most as this share of all, but as ten postings in any case.
LARGEST_EMPLOYER = 0.05
LEAST_CAP = 10
_Z95 = 1.959963984540054


def any_of(
    rows: Sequence[str], columns: Sequence[str], *, weights: Sequence[float], row_ids: Sequence[str],
    column_ids: Sequence[str],
) -> sparse.csr_array:  # fmt: skip
    """Probability that at least one of several independent mentions holds, ``1 - prod(1 - weight)``.

    Parameters
    ----------
    rows, columns : id of the row and of the column of each mention.
    weights : probability of each mention, in 0..1.
    row_ids, column_ids : all ids, in the order of the result; mentions of other columns are left out.

    Returns
    -------
    Sparse matrix of shape (len(row_ids), len(column_ids)), values in 0..1.
    """
    row_index, column_index = pd.Index(row_ids), pd.Index(column_ids)
    together = sparse.csr_array((len(row_ids), len(column_ids)))
    # Piece by piece: what is needed for each mention on the way is many times what is left of it.
    for at in range(0, max(len(weights), 1), _AT_ONCE):
        piece = slice(at, at + _AT_ONCE)
        together = together + _log_matrix(rows[piece], columns[piece], weights[piece], row_index, column_index)
    together.data = -np.expm1(together.data)
    return together


def _log_matrix(
    rows: Sequence[str], columns: Sequence[str], weights: Sequence[float], row_ids: pd.Index, column_ids: pd.Index
) -> sparse.csr_array:
    """Sums of ``log(1 - weight)`` by row and column."""
    row_at = row_ids.get_indexer(pd.Index(rows))
    column_at = column_ids.get_indexer(pd.Index(columns))
    # Probability 1 would be minus infinity; a billionth less is the same for every use.
    logs = np.log1p(-np.clip(np.asarray(weights, dtype=float), 0.0, 1 - 1e-9))
    keep = (row_at >= 0) & (column_at >= 0) & (logs < 0)
    shape = (len(row_ids), len(column_ids))
    matrix = sparse.coo_array((logs[keep], (row_at[keep], column_at[keep])), shape=shape).tocsr()
    matrix.sum_duplicates()
    return matrix


def asked_matrix(mentions: pd.DataFrame, posting_ids: Sequence[str], skill_ids: Sequence[str]) -> sparse.csr_array:
    """Probability that a posting asks for a skill, shape (postings, skills)."""
    weights = mentions["probability"].to_numpy() * _strength_weights(mentions["strength"])
    return any_of(
        mentions["document_id"], mentions["skill_id"], weights=weights, row_ids=posting_ids, column_ids=skill_ids
    )


def _strength_weights(strengths: pd.Series) -> np.ndarray:
    if isinstance(strengths.dtype, pd.CategoricalDtype):  # of millions of mentions
        weights = np.array([*(STRENGTH_WEIGHTS.get(name, 0.0) for name in strengths.cat.categories), 0.0])
        return weights[strengths.cat.codes.to_numpy()]
    return strengths.map(STRENGTH_WEIGHTS).fillna(0).to_numpy()


def demand_levels(
    mentions: pd.DataFrame,
    asked: sparse.csr_array,
    posting_ids: Sequence[str],
    skill_ids: Sequence[str],
    weights: np.ndarray,
) -> np.ndarray:
    """Levels at which the postings ask for each skill, shape (skills, 7) (`skillmatch.depth.asked_levels`)."""
    levels = deepest_levels(mentions[mentions["strength"] != "negated"], posting_ids, skill_ids)
    return asked_levels(asked, levels, weights)


def wilson_interval(share: np.ndarray, n: float) -> tuple[np.ndarray, np.ndarray]:
    """95 % interval of a share of ``n`` documents (Wilson, 1927, J. Am. Stat. Assoc. 22:209).

    >>> [round(float(bound), 3) for bound in wilson_interval(np.array(0.5), 100)]
    [0.404, 0.596]
    """
    z2 = _Z95**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z95 / (1 + z2 / n) * np.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return np.clip(middle - half, 0.0, 1.0), np.clip(middle + half, 0.0, 1.0)


def posting_weights(postings: pd.DataFrame) -> np.ndarray:
    """Weight of each posting, so that no employer dominates: an employer's postings together weigh at most
    `LARGEST_EMPLOYER` of all, and at least as much as `LEAST_CAP` postings.

    Postings without an employer (no such column, or an empty cell) weigh 1.

    >>> postings = pd.DataFrame({"employer": ["big"] * 98 + ["small", ""]})
    >>> posting_weights(postings)[[0, 98, 99]].round(3).tolist()
    [0.102, 1.0, 1.0]
    """
    weights = np.ones(len(postings))
    if "employer" not in postings.columns:
        return weights
    employer = postings["employer"].astype(str).str.strip().str.casefold()
    cap = max(LEAST_CAP, LARGEST_EMPLOYER * len(postings))
    counts = employer.map(employer.value_counts()).to_numpy(dtype=float)
    return np.where((employer != "").to_numpy() & (counts > cap), cap / counts, weights)


def weighted_share(asked: sparse.csr_array, weights: np.ndarray) -> np.ndarray:
    """Weighted mean of each column, shape (skills,)."""
    return np.asarray(asked.T @ weights).ravel() / max(float(weights.sum()), 1e-12)


def effective_number(weights: np.ndarray) -> float:
    """Number of equally weighted postings that tell as much (Kish, 1965, Survey Sampling): ``sum(w)^2 / sum(w^2)``."""
    total = float(weights.sum())
    return total * total / float((weights**2).sum()) if total > 0 else 0.0


def specificity(documents_with: np.ndarray, n: int) -> np.ndarray:
    """How telling a skill is: its inverse document frequency in a background corpus over the highest possible.

    1 for a skill that no document of the background names (``log((1+n)/(1+n_s))`` as in scikit-learn's smoothed idf,
    divided by ``log(1+n)``); a tenth for one that all of them name: what everybody asks for is still asked for.
    """
    if n == 0:
        return np.ones_like(documents_with, dtype=float)
    return np.maximum(_LEAST_SPECIFIC, np.log((1 + n) / (1 + documents_with)) / np.log(1 + n))


def compute_demand(
    mentions: pd.DataFrame,
    posting_ids: Sequence[str],
    *,
    taxonomy: Taxonomy,
    background: pd.Series | None = None,
    background_size: int = 0,
    weights: np.ndarray | None = None,
) -> pd.DataFrame:
    """What the postings ask for.

    Parameters
    ----------
    mentions : mentions in the postings; those in other documents are left out.
    posting_ids : ids of all postings, also of those without a mention: they are the denominator.
    taxonomy : names and groups of the skills.
    background : how many documents of a general corpus name each skill (index: skill id), and ``background_size`` of
        how many. Without it the postings themselves serve.
    weights : weight of each posting (`posting_weights`), all 1 by default.

    Returns
    -------
    Table of `DEMAND_COLUMNS`, one row for each skill that is asked for, by falling weight.
    """
    skill_ids = list(taxonomy.skills)
    asked = asked_matrix(mentions, posting_ids, skill_ids)
    n = max(1, len(posting_ids))
    weights = np.ones(len(posting_ids)) if weights is None else weights
    share = weighted_share(asked, weights)
    postings = np.diff(asked.tocsc().indptr)
    levels = demand_levels(mentions, asked, posting_ids, skill_ids, weights)
    low, high = wilson_interval(share, max(effective_number(weights), 1.0))
    if background is None:
        telling = specificity(postings, n)
    else:
        telling = specificity(background.reindex(skill_ids).fillna(0).to_numpy(), background_size)
    table = pd.DataFrame(
        {
            "skill_id": skill_ids,
            "label": [skill.label("en") for skill in taxonomy],
            "group": [skill.group for skill in taxonomy],
            "postings": postings,
            "share": share,
            "low": low,
            "high": high,
            "specificity": telling,
            "weight": share * telling,
            "asked_level": median_level(levels),
            "stated": 1 - levels[:, 0],
        },
        columns=list(DEMAND_COLUMNS),
    )
    table = table[table["postings"] > 0].astype({"asked_level": "Int8"})
    return table.sort_values(["weight", "skill_id"], ascending=[False, True], ignore_index=True)
