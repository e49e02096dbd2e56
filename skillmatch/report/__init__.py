"""An audit as files: tables, a workbook, one HTML page, and a record of the run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from skillmatch.auditing import Audit
from skillmatch.documents import DUPLICATE_COLUMNS
from skillmatch.errors import InputError
from skillmatch.output import whole_file, write_table
from skillmatch.report.facts import report_facts
from skillmatch.report.page import render_page
from skillmatch.report.workbook import write_workbook
from skillmatch.runs import save_documents

#: Files that `write_audit` makes, in this order.
FILES = (
    "mentions.parquet", "postings.parquet", "courses.parquet", "demand.csv", "supply.csv", "gaps.csv", "ranking.csv",
    "bundle.csv", "frontier.csv", "technologies.csv", "pairs.csv", "polarisation.csv", "breakdown.csv",
    "local_gaps.csv", "trends.csv", "months.csv", "duplicates.csv", "clusters.csv", "skipped.csv", "audit.xlsx",
    "report.html", "run.json",
)  # fmt: skip


def tables_of(audit: Audit) -> dict[str, pd.DataFrame]:
    """The tables of an audit by name, as they are written to CSV and into the workbook."""
    bundle, frontier = audit.bundles
    groups = audit.group_trends.assign(skill_id="group:" + audit.group_trends["skill_id"].astype(str))
    return {
        "demand": audit.demand,
        "supply": audit.supply,
        "gaps": audit.gaps,
        "ranking": audit.ranking,
        "bundle": bundle,
        "frontier": frontier,
        "technologies": audit.technologies,
        "pairs": audit.pairs,
        "polarisation": audit.polarisation,
        "breakdown": audit.breakdown,
        "local_gaps": audit.local_gaps,
        "trends": pd.concat([table for table in (audit.trends, groups) if len(table)] or [audit.trends]),
        "months": audit.months,
        "duplicates": audit.duplicates[list(DUPLICATE_COLUMNS)],
        "clusters": audit.clusters,
        "skipped": audit.skipped,
    }


def write_audit(
    audit: Audit,
    folder: str | Path,
    *,
    language: str = "en",
    run: dict[str, Any] | None = None,
    facts: dict[str, Any] | None = None,
) -> Path:
    """Write all `FILES` of an audit.

    Parameters
    ----------
    audit : result of `skillmatch.audit`.
    folder : where to; made if it does not exist, files of an earlier audit are replaced.
    language : of the page and of the workbook, ``"en"`` or ``"it"``.
    run : what to record of the run besides the counts (versions, options, times).
    facts : what `report_facts` made of the audit, where that is at hand.

    Returns
    -------
    Path of the HTML page.
    """
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: this is a file", remedy="name a folder")
    facts = facts or report_facts(audit, language=language)
    save_documents(audit, folder)
    write_table(audit.mention_tables(), folder / "mentions.parquet")
    for name, table in tables_of(audit).items():
        write_table(table, folder / f"{name}.csv")
    write_workbook(audit, facts, folder / "audit.xlsx")
    with whole_file(folder / "report.html") as stream:
        stream.write(render_page(facts))
    with whole_file(folder / "run.json") as stream:
        json.dump(
            {**(run or {}), "counts": audit.counts, "taxonomy": facts["taxonomy"], "by": list(audit.by)},
            stream,
            indent=2,
            sort_keys=True,
        )
        stream.write("\n")
    return folder / "report.html"
