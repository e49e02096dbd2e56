"""Postings and syllabi as they come, read into one table; nothing is lost on the way.

``read = processed + duplicates + skipped``, always.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from skillmatch.documents.duplicates import compare
from skillmatch.documents.facts import add_facts
from skillmatch.documents.preparation import prepare, trace_of, unique_ids
from skillmatch.documents.records import read_records
from skillmatch.errors import EmptyError, InputError
from skillmatch.language import SUPPORTED
from skillmatch.sections import KINDS

#: First columns of the documents table; the columns of the source that are none of these follow as metadata (one that
#: has the name of one of these and is not what it means, ``language`` say, as ``language_stated``).
DOCUMENT_COLUMNS = ("document_id", "kind", "title", "text", "language", "source", "row")
SKIPPED_COLUMNS = ("kind", "source", "row", "document_id", "reason")
DUPLICATE_COLUMNS = ("document_id", "title", "employer", "duplicate_of", "similarity", "source", "row")
#: Documents that stand for others: ``copies`` set aside, ``least`` similarity among them, ``employers`` of all, and the
#: ids ``repeated_by``; several joined by "; ".
CLUSTER_COLUMNS = ("document_id", "title", "employer", "copies", "least", "employers", "repeated_by")


@dataclass(frozen=True)
class Reading:
    """What was read: the documents to work on, and what became of all others."""

    documents: pd.DataFrame
    duplicates: pd.DataFrame
    skipped: pd.DataFrame

    @property
    def clusters(self) -> pd.DataFrame:
        """What was posted more than once, the most often first: table of `CLUSTER_COLUMNS`."""
        kept = self.documents.drop_duplicates("document_id").set_index("document_id")
        rows = []
        for name, copies in self.duplicates.groupby("duplicate_of", sort=True):
            about = kept.loc[name] if name in kept.index else pd.Series(dtype=object)
            employer = str(about.get("employer", ""))
            employers = dict.fromkeys(value for value in [employer, *map(str, copies["employer"])] if value)
            ids = "; ".join(map(str, copies["document_id"]))
            least = float(copies["similarity"].min())
            rows.append((name, about.get("title", ""), employer, len(copies), least, "; ".join(employers), ids))
        table = pd.DataFrame(rows, columns=list(CLUSTER_COLUMNS))
        return table.sort_values(["copies", "document_id"], ascending=[False, True], ignore_index=True)

    @property
    def counts(self) -> dict[str, int]:
        """``read``, ``processed``, ``duplicates``, ``skipped``; the first is the sum of the others."""
        parts = {
            "processed": len(self.documents),
            "duplicates": len(self.duplicates),
            "skipped": len(self.skipped),
        }
        return {"read": sum(parts.values()), **parts}


def read_documents(
    source: str | Path | Iterable[str | Path],
    *,
    kind: str,
    columns: Mapping[str, str] | None = None,
    language: str | None = None,
    mask_names: bool = False,
) -> Reading:
    """Read postings or syllabi from files and folders.

    Parameters
    ----------
    source : a file, a folder (read with all below it, in name order; hidden files are passed over), or several.
        Tables: CSV, TSV, JSON, JSONL, Parquet, XLSX. Documents: TXT, Markdown, HTML, DOCX, PDF.
    kind : ``"posting"`` or ``"syllabus"``.
    columns : field -> column, where the names of a table's columns are not recognised.
    language : ``"en"`` or ``"it"`` for all documents; detected for each one by default.
    mask_names : mask names of persons too (`skillmatch.privacy.mask_names`); contacts are masked always.

    Returns
    -------
    Reading with near-duplicate postings (the same ad again) and repeated syllabi set aside.

    Raises
    ------
    InputError : a source does not exist or cannot be used as a whole.
    EmptyError : nothing is left to work on.
    """
    if kind not in KINDS:
        raise InputError(f"kind {kind!r}", remedy=f"use one of {', '.join(KINDS)}")
    if language is not None and language not in SUPPORTED:
        raise InputError(f"language {language!r}", remedy=f"use one of {', '.join(SUPPORTED)}")
    sources = [source] if isinstance(source, (str, Path)) else list(source)
    accepted: list[dict[str, Any]] = []
    skipped: list[dict[str, Any]] = []
    for path in map(Path, sources):
        for record, problem in read_records(path, kind=kind, columns=columns or {}):
            reason = problem or prepare(record, language=language, mask_names=mask_names)
            if reason:
                skipped.append({**record, "kind": kind, "reason": reason})
            else:
                record["kind"] = kind
                if kind == "syllabus":
                    add_facts(record)
                accepted.append(record)
    for record, unique in zip(accepted, unique_ids([str(record["document_id"]) for record in accepted]), strict=True):
        record["document_id"] = unique
    documents, duplicates = _set_duplicates_aside(accepted, kind)
    reading = Reading(
        _table(documents, DOCUMENT_COLUMNS),
        _table(duplicates, DUPLICATE_COLUMNS)[list(DUPLICATE_COLUMNS)],
        _table(skipped, SKIPPED_COLUMNS)[list(SKIPPED_COLUMNS)],
    )
    if reading.documents.empty:
        reasons = "; ".join(list(dict.fromkeys(reading.skipped["reason"]))[:3])
        raise EmptyError(
            f"{', '.join(map(str, sources))}: no {kind} left to work on ({reading.counts['read']} read"
            + (f"; {reasons})" if reasons else ")"),
            remedy="check the input",
        )
    return reading


def _set_duplicates_aside(
    records: list[dict[str, Any]], kind: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    again = {
        duplicate.index: {
            **records[duplicate.index],
            "duplicate_of": records[duplicate.first]["document_id"],
            "similarity": duplicate.similarity,
        }
        for duplicate in compare([trace_of(record, kind=kind) for record in records])
    }
    return [record for index, record in enumerate(records) if index not in again], list(again.values())


def _table(records: list[dict[str, Any]], first: tuple[str, ...]) -> pd.DataFrame:
    """Records as a table with the given columns first; missing values are ``""``."""
    columns = list(dict.fromkeys([*first, *(name for record in records for name in record)]))
    return pd.DataFrame([[record.get(name, "") for name in columns] for record in records], columns=columns)
