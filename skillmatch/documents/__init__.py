"""Postings and syllabi as they come, read into one table; nothing is lost on the way.

``read = processed + duplicates + skipped``, always.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from skillmatch.documents.duplicates import near_duplicates, repeated
from skillmatch.documents.records import read_records
from skillmatch.errors import EmptyError, InputError
from skillmatch.language import SUPPORTED, detect_language
from skillmatch.pipeline import MAX_CHARACTERS
from skillmatch.sections import KINDS
from skillmatch.text import clean

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
) -> Reading:
    """Read postings or syllabi from files and folders.

    Parameters
    ----------
    source : a file, a folder (read with all below it, in name order; hidden files are passed over), or several.
        Tables: CSV, TSV, JSON, JSONL, Parquet, XLSX. Documents: TXT, Markdown, HTML, DOCX, PDF.
    kind : ``"posting"`` or ``"syllabus"``.
    columns : field -> column, where the names of a table's columns are not recognised.
    language : ``"en"`` or ``"it"`` for all documents; detected for each one by default.

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
            reason = problem or _prepare(record, language)
            if reason:
                skipped.append({**record, "kind": kind, "reason": reason})
            else:
                accepted.append(record)
    _make_ids_unique(accepted)
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


def _prepare(record: dict[str, Any], language: str | None) -> str:
    """Clean a record in place; the reason why it cannot be used, "" if it can."""
    body = record["text"] if len(record["text"]) > MAX_CHARACTERS else clean(record["text"])
    if len(body) > MAX_CHARACTERS:
        return f"the text has {len(body):,} characters, more than {MAX_CHARACTERS:,}; split it"
    if not body:
        return "no text"
    title = " ".join(clean(record.get("title", "")[:1000]).split())[:300]
    record["title"] = title or body.split("\n", 1)[0][:120]
    # The title is part of the text, so that what it names is found and can be shown.
    record["text"] = body if not title or body.startswith(title) else f"{title}\n\n{body}"
    detected = language or detect_language(body)
    if detected not in SUPPORTED:
        return f"the language seems to be {detected!r}; en and it are read (force one with --lang)"
    record["language"] = detected
    return ""


def _make_ids_unique(records: list[dict[str, Any]]) -> None:
    """A repeated id gets ``#2``, ``#3`` ...: every document stays addressable."""
    given = {str(record["document_id"]) for record in records}
    taken: set[str] = set()
    times: Counter[str] = Counter()
    for record in records:
        wanted = unique = str(record["document_id"])
        while unique in taken or (unique != wanted and unique in given):
            times[wanted] += 1
            unique = f"{wanted}#{times[wanted] + 1}"
        record["document_id"] = unique
        taken.add(unique)


def _set_duplicates_aside(
    records: list[dict[str, Any]], kind: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    for record in records:
        record["kind"] = kind
    if kind == "syllabus":
        # Two courses may share most of a text and still be two courses, and one course may stand in two programmes.
        texts = [f"{record['text']} {record.get('programme', '')}" for record in records]
        found = repeated(texts)
    else:
        labels = [f"{record['title']} | {record.get('employer', '')}".lower() for record in records]
        found = near_duplicates([record["text"] for record in records], labels=labels)
    again = {
        duplicate.index: {
            **records[duplicate.index],
            "duplicate_of": records[duplicate.first]["document_id"],
            "similarity": duplicate.similarity,
        }
        for duplicate in found
    }
    return [record for index, record in enumerate(records) if index not in again], list(again.values())


def _table(records: list[dict[str, Any]], first: tuple[str, ...]) -> pd.DataFrame:
    """Records as a table with the given columns first; missing values are ``""``."""
    columns = list(dict.fromkeys([*first, *(name for record in records for name in record)]))
    return pd.DataFrame([[record.get(name, "") for name in columns] for record in records], columns=columns)
