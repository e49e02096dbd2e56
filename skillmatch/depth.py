"""Depth: at which of Bloom's levels a skill is asked for, and what teaching it less deeply leaves of its credit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import sparse

#: What a level is worth, from 1 (recall) to 6 (create): a skill that is known by name is far from one that is applied,
#: one that is applied is near to one that is used to create.
LEVEL_VALUES = (0.7, 0.8, 1.0, 1.1, 1.15, 1.2)
#: A mention without a governing verb counts like "apply".
UNSTATED = 3
LEVELS = len(LEVEL_VALUES)


def depth_credit(asked: int, taught: int) -> float:
    """Share of its credit that teaching at one level earns where another is asked for; level 0 is `UNSTATED`.

    The ratio of the values of the two levels, never above 1: teaching more deeply than asked earns no more.

    >>> depth_credit(3, 1), depth_credit(1, 3), round(depth_credit(6, 3), 3), depth_credit(0, 2)
    (0.7, 1.0, 0.833, 0.8)
    """
    values = (LEVEL_VALUES[UNSTATED - 1], *LEVEL_VALUES)
    return min(1.0, values[taught] / values[asked])


def deepest_levels(mentions: pd.DataFrame, row_ids: Sequence[str], column_ids: Sequence[str]) -> sparse.csr_array:
    """The deepest level that the mentions of a skill in a document state, shape (documents, skills).

    Entries are 1 to 6; where no verb states a level there is none. Which mentions count is for the caller to choose.
    """
    stated = mentions[mentions["level"].notna()]
    row = pd.Index(row_ids).get_indexer(pd.Index(stated["document_id"]))
    column = pd.Index(column_ids).get_indexer(pd.Index(stated["skill_id"]))
    known = (row >= 0) & (column >= 0)
    level = stated["level"].to_numpy(dtype="int64")[known]
    cell, shape = row[known].astype("int64") * len(column_ids) + column[known], (len(row_ids), len(column_ids))
    # Sorted by cell, then by level: the last of each cell is its deepest.
    order = np.lexsort((level, cell))
    cell, level = cell[order], level[order]
    last = np.append(cell[1:] != cell[:-1], True) if len(cell) else np.zeros(0, dtype=bool)
    return sparse.coo_array((level[last].astype(float), np.divmod(cell[last], len(column_ids))), shape=shape).tocsr()


def asked_levels(asked: sparse.csr_array, levels: sparse.csr_array, weights: np.ndarray) -> np.ndarray:
    """How the demand for each skill is spread over levels, shape (skills, 7); rows sum to 1, column 0 is unstated.

    Parameters
    ----------
    asked : probability that a posting asks for a skill, shape (postings, skills).
    levels : deepest level that each posting states for it (`deepest_levels`), the same shape.
    weights : weight of each posting, shape (postings,).
    """
    shares = np.zeros((asked.shape[1], LEVELS + 1))
    total = np.asarray(asked.T @ weights).ravel()
    for level in range(1, LEVELS + 1):
        shares[:, level] = np.asarray(asked.multiply(levels == level).T @ weights).ravel()
    shares /= np.where(total > 0, total, 1.0)[:, None]
    shares[:, 0] = np.maximum(0.0, 1 - shares[:, 1:].sum(axis=1))
    return shares


def median_level(shares: np.ndarray) -> np.ndarray:
    """The level that at least half of the demand that states one asks for, shape (skills,); NaN where none does.

    >>> median_level(np.array([[0.5, 0.1, 0.0, 0.2, 0.0, 0.0, 0.2], [1.0, 0, 0, 0, 0, 0, 0]])).tolist()
    [3.0, nan]
    """
    deeper = np.cumsum(shares[:, :0:-1], axis=1)[:, ::-1]  # share of demand at this level or above
    reached = deeper >= deeper[:, :1] / 2 - 1e-12
    return np.where(deeper[:, 0] > 1e-9, reached.sum(axis=1), np.nan)


def with_depth(coverage: sparse.csr_array, levels: sparse.csr_array, shares: np.ndarray) -> sparse.csr_array:
    """Coverage times the credit that its depth earns: what of the demand is met in breadth and in depth.

    The credit of a course for a skill is the mean of `depth_credit` over the levels at which the skill is asked for.

    Parameters
    ----------
    coverage : how far each course teaches each skill, shape (courses, skills).
    levels : deepest level at which it does (`deepest_levels`), the same shape.
    shares : levels at which each skill is asked for (`asked_levels`), shape (skills, 7).
    """
    table = np.array([[depth_credit(a, t) for t in range(LEVELS + 1)] for a in range(LEVELS + 1)])
    credit = shares @ table  # (skills, taught level)
    met = coverage.multiply(credit[None, :, 0])
    for level in range(1, LEVELS + 1):
        met = met + coverage.multiply(levels == level).multiply((credit[:, level] - credit[:, 0])[None, :])
    return sparse.csr_array(met)
