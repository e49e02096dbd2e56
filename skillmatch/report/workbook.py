"""The audit as an Excel workbook, for those who calculate on."""

from __future__ import annotations

import datetime
import io
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from skillmatch.auditing import Audit
from skillmatch.evidence import find_evidence
from skillmatch.output import harmless, to_records, whole_file

_MOST_ROWS = 100_000
_WIDEST = 60
_SHARES = {
    "demand",
    "share",
    "low",
    "high",
    "supply",
    "gap",
    "depth_gap",
    "stated",
    "depth",
    "closes",
    "coverage",
    "probability",
    "met",
    "closed",
    "bound",
    "adds",
    "closed_so_far",
    "distance",
    "gap_low",
    "gap_high",
    "shrunk",
    "least",
    "similarity",
}
_EVIDENCE_PER_SKILL = 4


def write_workbook(audit: Audit, facts: dict[str, Any], path: Path) -> None:
    """Write a sheet for the summary, for each table, and for the evidence.

    Text is written as text, so nothing in a posting can become a formula or a link.
    """
    t = facts["t"]
    summary = pd.DataFrame(_summary(facts), columns=[t["summary"], ""])
    gaps = audit.gaps.assign(
        label=[audit.taxonomy[s].label(facts["language"]) for s in audit.gaps["skill_id"]],
    )
    evidence = pd.concat(
        [
            find_evidence(audit.cited, documents, per_skill=_EVIDENCE_PER_SKILL).assign(side=side)
            for side, documents in ((t["postings"], audit.jobs), (t["syllabi"], audit.courses))
        ],
        ignore_index=True,
    )
    evidence["sentence"] = evidence["before"] + "[" + evidence["marked"] + "]" + evidence["after"]
    evidence = evidence[["side", "skill_id", "document_id", "title", "section", "strength", "level", "sentence"]]
    bundle, frontier = audit.bundles
    sheets = {
        "summary": summary, "gaps": gaps, "ranking": audit.ranking, "bundle": bundle, "frontier": frontier,
        "technologies": audit.technologies, "demand": audit.demand, "supply": audit.supply,
        "breakdown": audit.breakdown, "local_gaps": audit.local_gaps, "trends": audit.trends, "pairs": audit.pairs,
        "polarisation": audit.polarisation, "duplicates": audit.duplicates, "clusters": audit.clusters,
        "evidence": evidence.sort_values(["skill_id", "side"], kind="stable"), "skipped": audit.skipped,
    }  # fmt: skip
    buffer = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    book = xlsxwriter.Workbook(buffer, options)
    # A fixed date: the same audit gives the same bytes.
    book.set_properties({"title": t["title"], "created": datetime.datetime(2018, 11, 15, tzinfo=datetime.UTC)})
    styles = {
        "head": book.add_format({"bold": True, "bottom": 1}),
        "share": book.add_format({"num_format": "0.0%"}),
        "number": book.add_format({"num_format": "0.000"}),
    }
    for name, table in sheets.items():
        _sheet(book.add_worksheet(name), table.head(_MOST_ROWS), styles)
    book.close()
    with whole_file(path, "wb") as stream:
        stream.write(buffer.getvalue())


def _sheet(sheet: Any, table: pd.DataFrame, styles: dict[str, Any]) -> None:
    columns = list(table.columns)
    widths = [len(str(name)) for name in columns]
    for at, name in enumerate(columns):
        sheet.write_string(0, at, str(name), styles["head"])
    for line, record in enumerate(to_records(table), start=1):
        for at, name in enumerate(columns):
            value = record[name]
            if value is None:
                continue
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                style = styles["share"] if name in _SHARES else (styles["number"] if isinstance(value, float) else None)
                sheet.write_number(line, at, value, style)
            else:
                text = str(harmless(value))[:32_000]
                sheet.write_string(line, at, text)
                widths[at] = max(widths[at], min(len(text), _WIDEST))
    for at, width in enumerate(widths):
        sheet.set_column(at, at, min(_WIDEST, width + 2))
    sheet.freeze_panes(1, 0)
    if len(table):
        sheet.autofilter(0, 0, len(table), len(columns) - 1)


def _summary(facts: dict[str, Any]) -> list[tuple[str, Any]]:
    t = facts["t"]
    rows: list[tuple[str, Any]] = []
    for name, counts in facts["counts"].items():
        words = {"read": "read", "processed": "processed", "duplicates": "duplicates", "skipped": "skipped_count"}
        rows += [(f"{t[name]}: {t[words[key]]}", value) for key, value in counts.items()]
    for programme in facts["programmes"]:
        rows.append((f"{programme['title']}: {t['s_met']}", f"{100 * programme['met']:.0f} %"))
        rows += [(f"{programme['title']}: {t['s_lead']}", row["label"]) for row in programme["lead"]]
        rows += [(f"{programme['title']}: {t['s_close']}", row["title"]) for row in programme["ranking"][:3]]
    rows.append((t["m_run"], f"{facts['taxonomy']['name']} {facts['taxonomy']['version']}"))
    return rows
