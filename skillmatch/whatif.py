"""What if: a course dropped, added or rewritten, and what becomes of gaps and ranks."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import pandas as pd

from skillmatch.analysis import Analysis
from skillmatch.errors import InputError
from skillmatch.mentions import extract
from skillmatch.pipeline import Pipelines


def what_if(
    analysis: Analysis,
    *,
    drop: Collection[str] = (),
    add: pd.DataFrame | None = None,
    programme: str | None = None,
    pipelines: Pipelines | None = None,
) -> Analysis:
    """The analysis with other courses; only the courses in ``add`` are read, everything else is taken over.

    Parameters
    ----------
    analysis : the analysis to start from.
    drop : ids of courses to leave out.
    add : courses to put in (``Reading.documents``). One with the id of a course that is there takes its place.
    programme : the programme that the added courses join (default: the first). A course that takes the place of one of
        a programme stays in that one; a course of the catalogue joins.
    pipelines : pipelines to use again.

    Raises
    ------
    InputError : a course to drop is not there.
    """
    known = set(analysis.courses["document_id"])
    missing = sorted(set(drop) - known)
    if missing:
        raise InputError(f"no course {missing[0]!r}", remedy="name courses by their ids")
    courses, mentions = analysis.courses, analysis.mentions
    gone = set(drop)
    added = []
    if add is not None and len(add):
        before = courses.set_index("document_id")
        gone |= set(add["document_id"]) & known
        name = analysis.programmes[0] if programme is None and analysis.programmes else (programme or "")
        new = add.assign(
            programme=[
                before.at[i, "programme"] if i in known and before.at[i, "own"] else name for i in add["document_id"]
            ],
            own=True,
        )
        pipelines = pipelines or Pipelines(analysis.taxonomy)
        added = [(new, extract(new, pipelines=pipelines))]
    courses = pd.concat([courses[~courses["document_id"].isin(gone)], *(new for new, _ in added)], ignore_index=True)
    text = [column for column in courses.columns if column != "own"]
    courses[text] = courses[text].fillna("")
    mentions = pd.concat([mentions[~mentions["document_id"].isin(gone)], *(found for _, found in added)])
    return replace(analysis, courses=courses, mentions=mentions.reset_index(drop=True))


def moved_gaps(before: Analysis, after: Analysis, *, least: float = 0.001) -> pd.DataFrame:
    """Gaps that change by at least ``least``: ``programme, skill_id, label, before, after, change``, by size."""
    table = before.gaps.merge(after.gaps, on=["programme", "skill_id", "label"], suffixes=("_before", "_after"))
    table = table.rename(columns={"gap_before": "before", "gap_after": "after"})
    table["change"] = table["after"] - table["before"]
    table = table[table["change"].abs() >= least]
    order = table.assign(_size=-table["change"].abs()).sort_values(["programme", "_size", "skill_id"], kind="stable")
    return order[["programme", "skill_id", "label", "before", "after", "change"]].reset_index(drop=True)
