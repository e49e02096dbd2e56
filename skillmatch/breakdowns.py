"""Demand by region, sector, tier or any other column: what distinguishes each value from the rest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import sparse

from skillmatch.demand import effective_number, posting_weights, weighted_share, wilson_interval
from skillmatch.errors import InputError
from skillmatch.taxonomy import Taxonomy

#: ``share``: of the postings with this value that ask for the skill; ``shrunk``: the same drawn towards the share of
#: all (`SHRINKAGE`); ``quotient``: share here over share elsewhere (location quotient), with its 95 % interval;
#: ``small``: fewer than `SMALL` postings have the value.
BREAKDOWN_COLUMNS = (
    "by", "value", "skill_id", "label", "group", "postings", "of", "share", "low", "high", "shrunk", "quotient",
    "quotient_low", "quotient_high", "distinct", "small",
)  # fmt: skip
#: ``demand``: `shrunk` share of the value's postings; ``supply`` and ``depth`` are those of the programme; ``gap``:
#: demand times (1 - supply times depth); ``gap_low`` and ``gap_high``: the same with the ends of the share's interval,
#: drawn towards the whole alike.
LOCAL_GAP_COLUMNS = (
    "programme", "by", "value", "skill_id", "label", "group", "postings", "of", "demand", "supply", "depth", "gap",
    "gap_low", "gap_high", "small",
)  # fmt: skip
SMALL = 30
#: A value's share counts as if so many more postings with the share of all had been seen.
SHRINKAGE = 20
_Z95 = 1.959963984540054
_LEAST_POSTINGS = 2


def compute_breakdown(
    asked: sparse.csr_array, postings: pd.DataFrame, *, by: Sequence[str], taxonomy: Taxonomy
) -> pd.DataFrame:
    """Demand for each value of some metadata columns.

    Parameters
    ----------
    asked : probability that a posting asks for a skill, shape (postings, skills) (`skillmatch.demand.asked_matrix`).
    postings : the documents, one row for each row of ``asked``.
    by : columns of ``postings``; postings without a value are left out of that column's rows.

    Returns
    -------
    Table of `BREAKDOWN_COLUMNS`: for each value the skills that at least two of its postings name, the most distinctive
    first. A skill is ``distinct`` where the whole interval of its quotient lies above 1 or below it. The interval is
    the log interval of a ratio of two shares (Katz et al., 1978, Biometrics 34:469), with half a posting added to each
    count.

    Raises
    ------
    InputError : a column does not exist.
    """
    skill_ids = np.array(list(taxonomy.skills), dtype=object)
    labels = np.array([skill.label("en") for skill in taxonomy], dtype=object)
    groups = np.array([skill.group for skill in taxonomy], dtype=object)
    weights = posting_weights(postings)
    rows = []
    for column in by:
        if column not in postings.columns:
            text = {"document_id", "kind", "title", "text", "language", "source", "row"}
            found = ", ".join(name for name in postings.columns if name not in text)
            raise InputError(f"--by {column}: the postings have no such column (found: {found or 'none'})")
        values = postings[column].astype(str).str.strip()
        whole = weighted_share(asked, weights)
        for value in sorted(set(values) - {""}):
            inside = (values == value).to_numpy()
            outside = (values != "").to_numpy() & ~inside
            rows.append(_value_rows(asked, weights, inside, outside, whole).assign(by=column, value=value))
    if not rows:
        return pd.DataFrame(columns=list(BREAKDOWN_COLUMNS))
    table = pd.concat(rows, ignore_index=True)
    at = table.pop("at").to_numpy()
    table = table.assign(skill_id=skill_ids[at], label=labels[at], group=groups[at])
    order = np.where(table["distinct"], table["quotient_low"], 0.0)
    table = table.assign(_order=order).sort_values(
        ["by", "value", "_order", "share", "skill_id"], ascending=[True, True, False, False, True], ignore_index=True
    )
    return table[list(BREAKDOWN_COLUMNS)]


def compute_local_gaps(breakdown: pd.DataFrame, gaps: pd.DataFrame) -> pd.DataFrame:
    """What each programme leaves of the demand of each value: table of `LOCAL_GAP_COLUMNS`, the largest gaps first.

    Parameters
    ----------
    breakdown : table of `compute_breakdown`.
    gaps : table of `skillmatch.gaps.compute_gaps`, of one or several programmes.
    """
    left = gaps[["programme", "skill_id", "demand", "supply", "depth"]].rename(columns={"demand": "_whole"})
    table = breakdown.merge(left, on="skill_id")
    missing = 1 - table["supply"] * table["depth"]
    # The interval's ends are drawn towards the share of all postings as far as the share itself is.
    weight = table["of"] / (table["of"] + SHRINKAGE)
    table = table.assign(
        demand=table["shrunk"],
        gap=table["shrunk"] * missing,
        gap_low=(weight * table["low"] + (1 - weight) * table["_whole"]) * missing,
        gap_high=(weight * table["high"] + (1 - weight) * table["_whole"]) * missing,
    )
    return table.sort_values(
        ["programme", "by", "value", "gap", "skill_id"], ascending=[True, True, True, False, True], ignore_index=True
    )[list(LOCAL_GAP_COLUMNS)]


def _value_rows(
    asked: sparse.csr_array, weights: np.ndarray, inside: np.ndarray, outside: np.ndarray, whole: np.ndarray
) -> pd.DataFrame:
    here = asked[np.flatnonzero(inside)]
    named = np.diff(here.tocsc().indptr)
    at = np.flatnonzero(named >= _LEAST_POSTINGS)
    share, n = weighted_share(here, weights[inside])[at], effective_number(weights[inside])
    other, m = weighted_share(asked[np.flatnonzero(outside)], weights[outside])[at], effective_number(weights[outside])
    low, high = wilson_interval(share, n)
    a, b = share * n + 0.5, other * m + 0.5
    log_quotient = np.log(a / (n + 1)) - np.log(b / (m + 1))
    half = _Z95 * np.sqrt(np.maximum(1 / a - 1 / (n + 1) + 1 / b - 1 / (m + 1), 0))
    return pd.DataFrame(
        {
            "at": at,
            "postings": named[at],
            "of": int(inside.sum()),
            "share": share,
            "low": low,
            "high": high,
            "shrunk": (share * n + whole[at] * SHRINKAGE) / (n + SHRINKAGE),
            "quotient": np.exp(log_quotient),
            "quotient_low": np.exp(log_quotient - half),
            "quotient_high": np.exp(log_quotient + half),
            "distinct": (log_quotient - half > 0) | (log_quotient + half < 0),
            "small": int(inside.sum()) < SMALL,
        }
    )
