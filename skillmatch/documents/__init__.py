"""Postings and syllabi as they come, read into one table; nothing is lost on the way.

``read = processed + duplicates + skipped``, always.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from skillmatch.documents import files, tables
from skillmatch.documents.columns import ColumnMap
from skillmatch.documents.duplicates import near_duplicates, repeated
from skillmatch.errors import EmptyError, InputError, UnreadableDocument
from skillmatch.language import SUPPORTED, detect_language
from skillmatch.pipeline import MAX_CHARACTERS
from skillmatch.sections import KINDS
from skillmatch.text import clean

#: First columns of the documents table; the columns of the source that are none of these follow as metadata.
DOCUMENT_COLUMNS = ("document_id", "kind", "title", "text", "language", "source", "row")
SKIPPED_COLUMNS = ("kind", "source", "row", "document_id", "reason")
DUPLICATE_COLUMNS = ("document_id", "title", "duplicate_of", "similarity", "source", "row")


@dataclass(frozen=True)
class Reading:
    """What was read: the documents to work on, and what became of all others."""

    documents: pd.DataFrame
    duplicates: pd.DataFrame
    skipped: pd.DataFrame

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
        for record in _records(path, kind, columns or {}):
            problem = record.pop("problem", "") or _prepare(record, language)
            if problem:
                skipped.append({"kind": kind, "reason": problem, **record})
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


def _records(path: Path, kind: str, columns: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Raw records of a path: fields of a document, or the place and the problem."""
    if not path.exists():
        raise InputError(f"{path}: no such file or folder", remedy="check the path")
    if path.is_dir():
        found = sorted(
            file
            for file in path.rglob("*")
            if file.is_file() and not any(part.startswith((".", "_")) for part in file.relative_to(path).parts)
        )
        if not found:
            raise InputError(f"{path}: the folder is empty", remedy="put the documents into it")
        for file in found:
            try:
                yield from _file_records(file, file.relative_to(path).as_posix(), kind, columns)
            except (InputError, UnreadableDocument) as error:
                yield {"source": file.relative_to(path).as_posix(), "row": "", "problem": str(error)}
        return
    try:
        yield from _file_records(path, path.name, kind, columns)
    except UnreadableDocument as error:
        yield {"source": path.name, "row": "", "problem": str(error)}


def _file_records(file: Path, source: str, kind: str, columns: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    suffix = file.suffix.lower()
    if suffix in tables.SUFFIXES:
        yield from _table_records(tables.read_rows(file), source, Path(source).stem, kind, columns)
    elif suffix in files.SUFFIXES:
        content = files.read_file(file)
        if content.records:
            rows = (tables.object_row(number, record) for number, record in enumerate(content.records, start=1))
            yield from _table_records(rows, source, Path(source).stem, kind, columns)
        else:
            stem = Path(source).with_suffix("").as_posix()
            title = content.title or Path(source).stem
            yield {"document_id": stem, "title": title, "text": content.text, "source": source, "row": ""}
    else:
        raise InputError(
            f"{file}: files of the type {suffix or '(none)'!r} are not read",
            remedy=f"use {', '.join(tables.SUFFIXES + files.SUFFIXES)}",
        )


def _table_records(
    rows: Iterable[tables.Row], source: str, stem: str, kind: str, columns: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    mapping: ColumnMap | None = None
    waiting: list[dict[str, Any]] = []  # broken rows before the first good one
    for number, values, problem in rows:
        place = {"source": source, "row": str(number)}
        if problem:
            broken = {**place, "problem": problem}
            if mapping is None:
                waiting.append(broken)
            else:
                yield broken
            continue
        if mapping is None or not values.keys() <= set(mapping.columns):
            # JSON objects need not all have the same keys: the map grows with them.
            names = list(dict.fromkeys([*(mapping.columns if mapping else ()), *values]))
            mapping = ColumnMap(names, kind=kind, chosen=columns, source=source)
            yield from waiting
            waiting = []
        record: dict[str, Any] = {name: values.get(name, "") for name in mapping.metadata if name}
        record.update({field: values.get(column, "").strip() for field, column in mapping.fields.items()})
        record["text"] = mapping.text(values)
        record["document_id"] = record.get("document_id") or f"{stem}:{number}"
        yield {**record, **place}
    yield from waiting
    if mapping is None and not waiting:
        raise InputError(f"{source}: a header but no rows", remedy="give at least one row")


def _prepare(record: dict[str, Any], language: str | None) -> str:
    """Clean a record in place; the reason why it cannot be used, "" if it can."""
    raw = record.get("text", "")
    title = " ".join(clean(record.get("title", "")).split())[:300]
    if len(raw) > MAX_CHARACTERS:
        return f"the text has {len(raw):,} characters, more than {MAX_CHARACTERS:,}; split it"
    body = clean(raw)
    if not body:
        return "no text"
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
    seen: dict[str, int] = {}
    for record in records:
        wanted = str(record["document_id"])
        seen[wanted] = seen.get(wanted, 0) + 1
        record["document_id"] = wanted if seen[wanted] == 1 else f"{wanted}#{seen[wanted]}"


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
    return pd.DataFrame(records, columns=columns).fillna("")
