"""An audit as files: tables, a workbook, one HTML page, and a record of the run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from skillmatch.auditing import Audit
from skillmatch.documents import DUPLICATE_COLUMNS
from skillmatch.errors import InputError
from skillmatch.output import whole_file, write_table
from skillmatch.report.facts import report_facts
from skillmatch.report.page import render_page
from skillmatch.report.workbook import write_workbook

#: Files that `write_audit` makes, in this order.
FILES = (
    "mentions.parquet", "demand.csv", "supply.csv", "gaps.csv", "ranking.csv", "duplicates.csv", "skipped.csv",
    "audit.xlsx", "report.html", "run.json",
)  # fmt: skip


def write_audit(audit: Audit, folder: str | Path, *, language: str = "en", run: dict[str, Any] | None = None) -> Path:
    """Write all `FILES` of an audit.

    Parameters
    ----------
    audit : result of `skillmatch.audit`.
    folder : where to; made if it does not exist, files of an earlier audit are replaced.
    language : of the page and of the workbook, ``"en"`` or ``"it"``.
    run : what to record of the run besides the counts (versions, options, times).

    Returns
    -------
    Path of the HTML page.
    """
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: this is a file", remedy="name a folder")
    facts = report_facts(audit, language=language)
    duplicates = [r.duplicates for r in (audit.postings, audit.syllabi, audit.catalogue) if r is not None]
    tables = {
        "mentions.parquet": audit.mentions,
        "demand.csv": audit.demand,
        "supply.csv": audit.supply,
        "gaps.csv": audit.gaps,
        "ranking.csv": audit.ranking,
        "duplicates.csv": _stacked(duplicates)[list(DUPLICATE_COLUMNS)],
        "skipped.csv": audit.skipped,
    }
    for name, table in tables.items():
        write_table(table, folder / name)
    write_workbook(audit, facts, folder / "audit.xlsx")
    with whole_file(folder / "report.html") as stream:
        stream.write(render_page(facts))
    with whole_file(folder / "run.json") as stream:
        json.dump(
            {**(run or {}), "counts": audit.counts, "taxonomy": facts["taxonomy"]}, stream, indent=2, sort_keys=True
        )
        stream.write("\n")
    return folder / "report.html"


def _stacked(tables: list[Any]) -> Any:
    import pandas as pd

    return pd.concat(tables, ignore_index=True)
