"""A part of an analysis: some of the postings, some of the courses, or a ranking without repetitions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
import pandas as pd

from skillmatch.analysis import Analysis, stack
from skillmatch.errors import InputError
from skillmatch.ranking import RANKING_COLUMNS, diverse_order

#: ``adds``: share of all gap weight that the course closes beyond those above it.
DIVERSE_COLUMNS = ("programme", "pick", "adds", *RANKING_COLUMNS[1:])
Kept = TypeVar("Kept", bound=Analysis)
_TEXT_COLUMNS = {"document_id", "kind", "title", "text", "language", "source", "row"}


def keep_postings(analysis: Kept, conditions: Mapping[str, Collection[str]]) -> Kept:
    """The analysis of those postings only that have, in each column, one of the values asked for (whatever the case).

    Raises
    ------
    InputError : the postings have no such column, or no posting is left.
    """
    jobs = analysis.jobs
    fits = np.ones(len(jobs), dtype=bool)
    for column, values in conditions.items():
        if column not in jobs:
            found = ", ".join(name for name in jobs.columns if name not in _TEXT_COLUMNS)
            raise InputError(f"--where {column}: the postings have no such column (found: {found or 'none'})")
        wanted = {value.strip().casefold() for value in values}
        fits &= jobs[column].astype(str).str.strip().str.casefold().isin(wanted).to_numpy()
    if not fits.any():
        asked = "; ".join(f"{column}={' or '.join(values)}" for column, values in conditions.items())
        raise InputError(f"no posting has {asked}", remedy="name a value that the postings have")
    gone = analysis.mentions["document_id"].isin(jobs.loc[~fits, "document_id"])
    return replace(analysis, jobs=jobs[fits].reset_index(drop=True), mentions=analysis.mentions[~gone])


def keep_same(analysis: Kept, columns: Sequence[str]) -> Kept:
    """The analysis with only those courses on offer that have, in each column, a value that a posting has.

    Raises
    ------
    InputError : postings or courses have no such column, or no course is left.
    """
    courses, jobs = analysis.courses, analysis.jobs
    kept = courses["own"].to_numpy(copy=True)
    fits = ~kept
    for column in columns:
        if column not in courses or column not in jobs:
            raise InputError(f"--same {column}: postings and texts do not both have such a column")
        known = {str(value).strip().casefold() for value in jobs[column]} - {""}
        fits &= courses[column].astype(str).str.strip().str.casefold().isin(known).to_numpy()
    if not fits.any():
        raise InputError(f"no text shares {', '.join(columns)} with the postings", remedy="name other columns")
    return replace(analysis, courses=courses[kept | fits].reset_index(drop=True))


def diverse_ranking(analysis: Analysis, *, most: int) -> pd.DataFrame:
    """For each programme ``most`` courses of the ranking, each picked for what those above it leave to close.

    Returns
    -------
    Table of `DIVERSE_COLUMNS`, in the order of `skillmatch.ranking.diverse_order`.
    """
    tables = []
    for name in analysis.programmes:
        table = analysis.ranking[analysis.ranking["programme"] == name].reset_index(drop=True)
        rows = pd.Index(analysis.courses["document_id"]).get_indexer(pd.Index(table["curriculum_id"]))
        picked, adds = diverse_order(analysis.coverage[rows], analysis.target(name), most=most)
        tables.append(table.iloc[picked].assign(pick=np.arange(1, len(picked) + 1), adds=adds))
    return stack(tables, DIVERSE_COLUMNS)[list(DIVERSE_COLUMNS)]
