"""Records as they stand in files and folders, each with its place, before anything is cleaned."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

from skillmatch import files
from skillmatch.documents import tables
from skillmatch.documents.columns import ColumnMap
from skillmatch.documents.coursebooks import is_section_heading, split_book
from skillmatch.documents.facts import course_facts, stated_title
from skillmatch.errors import InputError, UnreadableDocument
from skillmatch.text import clean

#: The fields of a document and its place (``source`` and ``row``); the problem that makes it unusable, or "".
RawRecord = tuple[dict[str, Any], str]
_HIDDEN = (".", "_")


def read_records(path: Path, *, kind: str, columns: Mapping[str, str]) -> Iterator[RawRecord]:
    """Records of a file, or of all files of a folder and of those below it.

    What is wrong with one file of a folder does not stop the others.

    Raises
    ------
    InputError : the path does not exist, or cannot be used as a whole.
    """
    found = _files(path)
    for file, source in found:
        try:
            yield from _file_records(file, source, kind, columns)
        except (InputError, UnreadableDocument) as error:
            if isinstance(error, InputError) and found[0][0] == path:
                raise
            yield {"source": source, "row": ""}, str(error)


def _files(path: Path) -> list[tuple[Path, str]]:
    """The file itself, or all files of a folder in name order, each with the name under which it is cited."""
    try:
        if path.is_file():
            return [(path, path.name)]
        if not path.is_dir():
            raise InputError(f"{path}: no such file or folder", remedy="check the path")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})", remedy="check the path") from error
    locked: list[OSError] = []
    inside = {Path(folder, name) for folder, _, names in os.walk(path, onerror=locked.append) for name in names}
    # A folder that cannot be entered, or a link to nowhere, is told like a file that cannot be read.
    inside = {file for file in inside if file.is_file() or not file.exists()} | {Path(e.filename) for e in locked}
    found = [
        (file, name.as_posix())
        for file, name in sorted((file, file.relative_to(path)) for file in inside)
        if not any(part.startswith(_HIDDEN) for part in name.parts) and file != path
    ]
    if not found:
        state = f"cannot be read ({locked[0].strerror})" if locked else "is empty"
        raise InputError(f"{path}: the folder {state}", remedy="name a folder with documents")
    return found


def _file_records(file: Path, source: str, kind: str, columns: Mapping[str, str]) -> Iterator[RawRecord]:
    suffix = file.suffix.lower()
    try:
        file.open("rb").close()  # what hinders this, the libraries would tell each in its own words
        if suffix in tables.SUFFIXES:
            yield from _table_records(tables.read_rows(file), source, kind, columns)
        elif suffix in files.SUFFIXES:
            content = files.read_file(file)
            if content.records:
                rows = map(tables.object_row, count(1), content.records)
                yield from _table_records(rows, source, kind, columns)
            else:
                yield from _document_records(content, source, kind)
        else:
            raise InputError(
                f"{file}: files of the type {suffix or '(none)'!r} are not read",
                remedy=f"use {', '.join(tables.SUFFIXES + files.SUFFIXES)}",
            )
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError(f"{file}: cannot be read ({reason})", remedy="check its permissions") from error


def _document_records(content: files.Content, source: str, kind: str) -> Iterator[RawRecord]:
    """One document, or each course of a course book."""
    stem = Path(source).with_suffix("").as_posix()
    place = {"source": source, "row": ""}
    searched = kind == "syllabus" and len(content.text) <= files.MAX_TEXT  # a longer one is refused anyway
    text = clean(content.text) if searched else content.text
    book = split_book(text) if searched else None
    if book is None:
        title = content.title
        if searched and (not title or is_section_heading(title)):
            title = stated_title(text)
        title = title or Path(source).stem
        yield {"document_id": stem, "title": title, "text": text, **place}, ""
        return
    if book.front:
        yield {"title": content.title, **place}, "what stands before the first course of a course book"
    for number, course in enumerate(book.courses, start=1):
        code = course_facts(course.text).get("code", "")
        record = {"document_id": f"{stem}:{code or number}", "title": course.title, "text": course.text}
        yield {**course.common, **record, "source": source, "row": f"course {number}"}, ""


def _table_records(
    rows: Iterable[tables.Row], source: str, kind: str, columns: Mapping[str, str]
) -> Iterator[RawRecord]:
    mapping: ColumnMap | None = None
    problem: InputError | None = None
    names: dict[str, None] = {}
    waiting: list[tables.Row] = []  # rows before the first one with a column for the text
    for row in rows:
        waiting.append(row)
        if not row.values.keys() <= names.keys():
            # JSON objects need not all have the same keys: the map grows with them.
            names |= dict.fromkeys(row.values)
            try:
                mapping = ColumnMap(list(names), kind=kind, chosen=columns, source=source)
            except InputError as error:
                problem = error
        if mapping is not None:
            for ready in waiting:
                yield _record(ready, mapping, source)
            waiting = []
    if not names and not waiting:
        raise InputError(f"{source}: a header but no rows", remedy="give at least one row")
    if mapping is None and problem is not None:
        raise problem
    for broken in waiting:
        yield {"source": source, "row": str(broken.number)}, broken.problem or "no text"


def _record(row: tables.Row, mapping: ColumnMap, source: str) -> RawRecord:
    place = {"source": source, "row": str(row.number)}
    if row.problem:
        return place, row.problem
    record: dict[str, Any] = {name: row.values.get(column, "") for column, name in mapping.metadata.items()}
    record.update({field: row.values.get(column, "").strip() for field, column in mapping.fields.items()})
    record["text"] = mapping.text(row.values)
    if "Prerequisites" in mapping.sections:  # also by itself: bundles look for the codes of courses in it
        record["prerequisites"] = row.values.get(mapping.sections["Prerequisites"], "")
    record["document_id"] = record.get("document_id") or f"{Path(source).stem}:{row.number}"
    return {**record, **place}, ""
