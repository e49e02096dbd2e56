"""Rows of CSV, TSV, JSON, JSONL, Parquet and XLSX files, with what cannot be read told row by row."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from skillmatch.documents.jsonld import find_items
from skillmatch.errors import InputError
from skillmatch.pipeline import MAX_CHARACTERS

SUFFIXES = (".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet", ".xlsx")
_DELIMITERS = ",;\t|"
#: A record of more lines than this has an unclosed quotation mark; the bound also keeps the time of reading linear.
_MOST_LINES = 5_000
_MAGIC = {
    b"PK\x03\x04": "a zip archive (XLSX, DOCX ...)", b"%PDF": "a PDF", b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture", b"PAR1": "a Parquet file", b"\xd0\xcf\x11\xe0": "an old Office file (XLS, DOC)",
    b"\x1f\x8b": "a gzip archive", b"\x7fELF": "a program", b"SQLite format 3": "an SQLite database",
}  # fmt: skip


class Row(NamedTuple):
    """One record: ``number`` counts from 1 (the header is not counted); ``problem`` says why it cannot be used."""

    number: int
    values: dict[str, str]
    problem: str = ""


def read_rows(path: Path) -> Iterator[Row]:
    """Rows of a table file, by its suffix. All values are text, missing ones ``""``.

    Raises
    ------
    InputError : the file as a whole is not what its name says, or is empty.
    """
    if path.stat().st_size == 0:
        raise InputError(f"{path}: the file is empty", remedy="give a file with a header and at least one row")
    suffix = path.suffix.lower()
    if suffix in (".csv", ".tsv"):
        return _csv(decode(path.read_bytes(), path), path)
    if suffix in (".jsonl", ".ndjson"):
        return _jsonl(decode(path.read_bytes(), path))
    if suffix == ".json":
        return _json(path)
    if suffix == ".parquet":
        return _parquet(path)
    return _xlsx(path)


def decode(data: bytes, path: Path) -> str:
    """Text of a file in whatever encoding it is.

    UTF-8 (with a few broken bytes replaced, if most of it is right), UTF-16 with a byte-order mark, else the best
    guess of charset-normalizer.

    Raises
    ------
    InputError : the bytes are no text.
    """
    for magic, what in _MAGIC.items():
        if data.startswith(magic):
            raise InputError(f"{path}: this is {what}, not text", remedy="give it the suffix of its kind, or convert it")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    if b"\x00" in data[:65536]:
        raise InputError(f"{path}: binary data, not text", remedy="export it as text in UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    text = data.decode("utf-8-sig", errors="replace")
    broken, beyond_ascii = text.count("\ufffd"), sum(byte >= 0xC2 for byte in data)
    if broken * 10 < beyond_ascii:
        return text
    from charset_normalizer import from_bytes

    best = from_bytes(data[:200_000], cp_isolation=["cp1252", "iso8859_15", "mac_roman", "cp850"]).best()
    return data.decode(best.encoding if best else "cp1252", errors="replace")


def _csv(text: str, path: Path) -> Iterator[Row]:
    lines = io.StringIO(text, newline="").readlines()  # str.splitlines would also split at form feeds and the like
    delimiter = max(_DELIMITERS, key=lines[0].count) if path.suffix.lower() == ".csv" else "\t"
    csv.field_size_limit(MAX_CHARACTERS + 1)
    header, at = _record(lines, 0, delimiter)
    if header is None or not any(name.strip() for name in header):
        raise InputError(f"{path}: the first row has no column names", remedy="add a header row")
    header = [name.strip() for name in header]
    return _csv_rows(lines, at, header, delimiter)


def _csv_rows(lines: list[str], at: int, header: list[str], delimiter: str) -> Iterator[Row]:
    number, width = 0, len(header)
    while at < len(lines):
        record, after = _record(lines, at, delimiter)
        if record == []:  # an empty line
            at = after
            continue
        number += 1
        if record is not None and len(record) == width:
            yield Row(number, dict(zip(header, record, strict=True)))
        else:
            # A stray quotation mark swallows the rows behind it: give up one line only and read on from the next.
            problem = (
                f"line {at + 1} has {len(record)} fields, the header has {width}"
                if record is not None
                else f"line {at + 1} is no readable CSV (a stray quotation mark?)"
            )
            yield Row(number, {}, problem)
            after = at + 1
        at = after


def _record(lines: list[str], at: int, delimiter: str) -> tuple[list[str] | None, int]:
    """The record that starts at a line, and the line behind it; None where it cannot be read."""
    reader = csv.reader((lines[i] for i in range(at, min(len(lines), at + _MOST_LINES))), delimiter=delimiter)
    try:
        record = next(reader)
    except (csv.Error, StopIteration):
        return None, at + 1
    if reader.line_num == _MOST_LINES:
        return None, at + 1
    return record, at + reader.line_num


def _jsonl(text: str) -> Iterator[Row]:
    number = 0
    for line_number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        number += 1
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield Row(number, {}, f"line {line_number} is no JSON ({error})")
            continue
        yield object_row(number, value)


def _json(path: Path) -> Iterator[Row]:
    try:
        data = json.loads(decode(path.read_bytes(), path))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: no readable JSON ({error})", remedy="give a list of objects") from error
    items = find_items(data)
    if not items:
        items = data if isinstance(data, list) else _only_list(data)
    if not items:
        raise InputError(f"{path}: no list of objects in it", remedy="give a JSON list with one object a document")
    return (object_row(number, item) for number, item in enumerate(items, start=1))


def _only_list(data: Any) -> list[Any]:
    """The longest list of objects inside an object (``{"courses": [...]}``), else the object itself as one row."""
    if not isinstance(data, dict):
        return []
    lists = [v for v in data.values() if isinstance(v, list) and v and isinstance(v[0], dict)]
    return max(lists, key=len) if lists else [data]


def object_row(number: int, value: Any) -> Row:
    if not isinstance(value, dict):
        return Row(number, {}, f"record {number} is {type(value).__name__}, not an object")
    return Row(number, {str(key): _text(item) for key, item in value.items()})


def _parquet(path: Path) -> Iterator[Row]:
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(path)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: no readable Parquet file ({error})", remedy="check the file") from error
    number = 0
    for batch in table.iter_batches(batch_size=2000):
        for record in batch.to_pylist():
            number += 1
            yield object_row(number, record)


def _xlsx(path: Path) -> Iterator[Row]:
    import zipfile

    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        sheet = openpyxl.load_workbook(path, read_only=True, data_only=True).worksheets[0]
        rows = sheet.iter_rows(values_only=True)
        header = [_text(cell).strip() for cell in next(rows, ())]
    except (InvalidFileException, zipfile.BadZipFile, KeyError, OSError, IndexError, ValueError) as error:
        raise InputError(f"{path}: no readable XLSX file ({error})", remedy="save it as XLSX or CSV") from error
    if not any(header):
        raise InputError(f"{path}: the first row has no column names", remedy="add a header row")
    number = 0
    for cells in rows:
        if all(cell is None for cell in cells):
            continue
        number += 1
        yield Row(number, dict(zip(header, map(_text, cells), strict=False)))


def _text(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, (list, tuple)):
        return "\n".join(map(_text, value))
    if isinstance(value, dict):
        return _text(value.get("name") or value.get("@value") or json.dumps(value, ensure_ascii=False))
    return str(value)


def column_names(path: Path) -> set[str]:
    """Names of the columns of a table file, empty where it is none or cannot be read."""
    if path.suffix.lower() not in SUFFIXES:
        return set()
    try:
        return set().union(*(row.values.keys() for row in islice(read_rows(path), 20)))
    except InputError:
        return set()
