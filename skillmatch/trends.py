"""Demand over time: the share of postings per month, and which skills rise or fade beyond noise."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse, stats

from skillmatch.demand import wilson_interval

#: ``change``: by which factor the odds of being asked for change in a year, with its 95 % interval; ``p``: of the test
#: that nothing changes; ``q``: the same after false-discovery control; ``trend``: emerging, fading or "" (q > 0.1).
TREND_COLUMNS = (
    "skill_id", "label", "group", "postings", "first", "last", "change", "change_low", "change_high", "p", "q", "trend",
)  # fmt: skip
MONTH_COLUMNS = ("skill_id", "month", "postings", "of", "share", "low", "high")
FALSE_DISCOVERY_RATE = 0.1
_LEAST_POSTINGS = 5
_LEAST_MONTHS = 3


def parse_months(dates: pd.Series) -> pd.Series:
    """Month (``"2026-03"``) of each date, "" where there is none; days come first in ``31/12/2025``, as in Italy."""
    text = dates.astype(str).str.strip()
    iso = text.str.match(r"^\d{4}-\d{2}")
    parsed = pd.to_datetime(text.where(iso), errors="coerce", format="ISO8601", utc=True)
    other = pd.to_datetime(text.where(~iso), errors="coerce", dayfirst=True, format="mixed", utc=True)
    return parsed.fillna(other).dt.strftime("%Y-%m").fillna("").astype(str)


def compute_months(asked: sparse.csr_array, months: pd.Series, *, skills: pd.DataFrame) -> pd.DataFrame:
    """Share of postings per month for each skill: table of `MONTH_COLUMNS`, for skills that five postings name."""
    skill_ids = list(skills["skill_id"])
    present = sorted(set(months) - {""})
    kept = np.flatnonzero(np.diff(asked.tocsc().indptr) >= _LEAST_POSTINGS)
    rows = []
    for month in present:
        inside = asked[np.flatnonzero((months == month).to_numpy())][:, kept]
        share = np.asarray(inside.sum(axis=0)).ravel() / inside.shape[0]
        low, high = wilson_interval(share, inside.shape[0])
        named = np.diff(inside.tocsc().indptr)
        rows += [
            (skill_ids[skill], month, int(named[at]), inside.shape[0], share[at], low[at], high[at])
            for at, skill in enumerate(kept)
        ]
    return pd.DataFrame(rows, columns=list(MONTH_COLUMNS)).sort_values(["skill_id", "month"], ignore_index=True)


def compute_trends(asked: sparse.csr_array, months: pd.Series, *, skills: pd.DataFrame) -> pd.DataFrame:
    """Which skills (or groups of skills) rise or fade.

    The share of a skill is regressed on time (one score test of a logistic slope for each skill, all at once: the
    Cochran-Armitage trend test), and false discoveries among all skills are held at ten per cent (Benjamini and
    Hochberg, 1995, J. R. Stat. Soc. B 57:289).

    Parameters
    ----------
    asked : probability that a posting asks for a skill, shape (postings, skills).
    months : month of each posting (`parse_months`); postings without one are left out.
    skills : ``skill_id``, ``label`` and ``group`` of each column of ``asked``.

    Returns
    -------
    Table of `TREND_COLUMNS` for the skills that five postings name, by q; empty where fewer than three months are
    known. ``first`` and ``last`` are shares in the first and second half of the time.
    """
    dated = np.flatnonzero((months != "").to_numpy())
    if months.iloc[dated].nunique() < _LEAST_MONTHS:
        return pd.DataFrame(columns=list(TREND_COLUMNS))
    years = _years(months.iloc[dated])
    matrix = asked[dated]
    kept = np.flatnonzero(np.diff(matrix.tocsc().indptr) >= _LEAST_POSTINGS)
    matrix = matrix[:, kept].tocsr()
    slope, error = _slopes(matrix, years)
    z = slope / error
    p = 2 * stats.norm.sf(np.abs(z))
    q = stats.false_discovery_control(p) if len(p) else p
    early = years <= (years.min() + years.max()) / 2
    share = [np.asarray(matrix[np.flatnonzero(half)].mean(axis=0)).ravel() for half in (early, ~early)]
    half = 1.959963984540054 * error
    table = pd.DataFrame(
        {
            **{name: skills[name].to_numpy()[kept] for name in ("skill_id", "label", "group")},
            "postings": np.diff(matrix.tocsc().indptr),
            "first": share[0],
            "last": share[1],
            "change": np.exp(slope),
            "change_low": np.exp(slope - half),
            "change_high": np.exp(slope + half),
            "p": p,
            "q": q,
            "trend": np.where(q > FALSE_DISCOVERY_RATE, "", np.where(slope > 0, "emerging", "fading")),
        },
        columns=list(TREND_COLUMNS),
    )
    return table.sort_values(["q", "p", "skill_id"], ignore_index=True)


def _years(months: pd.Series) -> np.ndarray:
    year, month = months.str[:4].astype(int), months.str[5:7].astype(int)
    return (year + (month - 0.5) / 12).to_numpy(dtype=float)


def _slopes(matrix: sparse.csr_array, years: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Score estimate of each column's logistic slope on time, and its standard error under no trend."""
    centred = years - years.mean()
    share = np.asarray(matrix.mean(axis=0)).ravel()
    score = np.asarray(matrix.T @ centred).ravel()
    # The expectations in the matrix vary less than 0/1 outcomes; their own variance is what the sum has.
    squares = matrix.copy()
    squares.data **= 2
    variance = np.maximum(np.asarray(squares.mean(axis=0)).ravel() - share**2, 1e-12)
    information = np.maximum(share * (1 - share), 1e-12) * (centred**2).sum()
    return score / information, np.sqrt(variance * (centred**2).sum()) / information
