"""Rows of CSV, TSV, JSON, JSONL, Parquet and XLSX files, with what cannot be read told row by row."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skillmatch.errors import InputError
from skillmatch.files.delimited import Row, delimited_rows, header_names
from skillmatch.files.formats import brief, decode, encoding_of, office_problem
from skillmatch.files.jsonld import find_items

if TYPE_CHECKING:
    import pyarrow as pa

SUFFIXES = (".csv", ".tsv", ".json", ".jsonld", ".jsonl", ".ndjson", ".parquet", ".xlsx")
#: An object with a title is one document with parts, unless one of its lists is named as a collection of documents.
_TITLES = {"title", "titolo", "name", "nome", "denominazione", "insegnamento"}
_COLLECTIONS = {
    "courses", "corsi", "insegnamenti", "jobs", "postings", "annunci", "offerte", "items", "data", "results", "records",
    "syllabi", "documents",
}  # fmt: skip
_LANGUAGES = ("it", "en")
_MOST_UNPACKED = 2_000_000_000


def read_rows(path: Path) -> Iterator[Row]:
    """Rows of a table file, by its suffix. All values are text, missing ones ``""``.

    Raises
    ------
    InputError : the file as a whole is not what its name says, or is empty.
    """
    if path.stat().st_size == 0:
        raise InputError(f"{path}: the file is empty", remedy="give a header and at least one row")
    suffix = path.suffix.lower()
    if suffix in (".csv", ".tsv"):
        return delimited_rows(path)
    if suffix in (".jsonl", ".ndjson"):
        return _jsonl(path)
    if suffix in (".json", ".jsonld"):
        return _json(path)
    if suffix == ".parquet":
        return _parquet(path)
    return _xlsx(path)


def _jsonl(path: Path) -> Iterator[Row]:
    encoding, errors = encoding_of(path)
    number = 0
    # Lines end with \n alone: a JSON string may hold the line separators of Unicode.
    with path.open(encoding=encoding, errors=errors, newline="\n") as stream:
        for line_number, line in enumerate(stream, start=1):
            if not line.strip():
                continue
            number += 1
            try:
                value = json.loads(line)
            except (ValueError, RecursionError) as error:
                yield Row(number, {}, f"line {line_number} is no JSON ({brief(error)})")
                continue
            yield object_row(number, value)


def _json(path: Path) -> Iterator[Row]:
    try:
        data = json.loads(decode(path.read_bytes(), path))
        items = find_items(data)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: no readable JSON ({brief(error)})", remedy="give a list of objects") from error
    if not items:
        items = data if isinstance(data, list) else _only_list(data)
    if not items:
        raise InputError(f"{path}: no list of objects in it", remedy="give a JSON list with one object a document")
    return (object_row(number, item) for number, item in enumerate(items, start=1))


def _only_list(data: Any) -> list[Any]:
    """The longest list of objects inside an object (``{"courses": [...]}``), else the object itself as one row."""
    if not isinstance(data, dict):
        return []
    lists = {name: v for name, v in data.items() if isinstance(v, list) and v and isinstance(v[0], dict)}
    if not lists or (_TITLES & {name.lower() for name in data} and not _COLLECTIONS & {name.lower() for name in lists}):
        return [data]
    return max(lists.values(), key=len)


def object_row(number: int, value: Any) -> Row:
    """A row from a parsed object; its values become text."""
    if not isinstance(value, dict):
        return Row(number, {}, f"record {number} is {type(value).__name__}, not an object")
    try:
        return Row(number, {_text(str(key)): _text(item) for key, item in value.items()})
    except RecursionError:
        return Row(number, {}, f"record {number} is nested too deeply")


def _parquet(path: Path) -> Iterator[Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    try:
        # With its buffer ahead, pyarrow keeps every row group that was read until the file is closed.
        with pq.ParquetFile(path, pre_buffer=False) as table:
            names = [_text(name) for name in table.schema_arrow.names]
            for batch in table.iter_batches(batch_size=2000):
                columns = [_texts(column) for column in batch.columns]
                for values in zip(*columns, strict=True):
                    number += 1
                    yield Row(number, dict(zip(names, values, strict=True)))
    except (OSError, ValueError, RecursionError, pa.ArrowException) as error:
        raise InputError(f"{path}: no readable Parquet file ({brief(error)})", remedy="check the file") from error


def _texts(column: pa.Array) -> list[str]:
    """The values of a column as text; a column of strings is UTF-8 already, and need not be looked at one by one."""
    import pyarrow as pa

    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return column.fill_null("").to_pylist()
    return [_text(value) for value in column.to_pylist()]


def _xlsx(path: Path) -> Iterator[Row]:
    import openpyxl

    remedy = "save it as XLSX without a password, or as CSV"
    if problem := office_problem(path, most=_MOST_UNPACKED):
        raise InputError(f"{path}: no readable XLSX file ({problem})", remedy=remedy)
    number = 0
    try:
        with closing(openpyxl.load_workbook(path, read_only=True, data_only=True)) as book:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # some programs write a wrong size, and all columns but the first would be lost
            rows = sheet.iter_rows(values_only=True)
            header = header_names(map(_text, next(rows, ())), path)
            for cells in rows:
                if all(cell is None for cell in cells):
                    continue
                number += 1
                yield Row(number, dict(zip(header, map(_text, cells), strict=False)))
    except InputError:
        raise
    except Exception as error:
        # openpyxl raises whatever its XML and ZIP layers raise; for the run it is one thing: no XLSX.
        place = f"{path}, row {number + 1}" if number else path
        raise InputError(f"{place}: no readable XLSX file ({brief(error)})", remedy=remedy) from error


def _text(value: Any) -> str:
    if isinstance(value, str):
        # JSON may hold halves of surrogate pairs, which no file of ours could.
        return value if value.isascii() else value.encode("utf-8", errors="replace").decode("utf-8")
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (list, tuple)):
        return "\n".join(map(_text, value))
    if isinstance(value, dict):
        if value.keys() <= set(_LANGUAGES):  # one text in several languages: one of them says it all
            return _text(next(value[language] for language in _LANGUAGES if language in value) if value else "")
        return _text(value.get("name") or value.get("@value") or [item for item in value.values() if item])
    return str(value)


def column_names(path: Path) -> set[str]:
    """Names of the columns of a table file, empty where it is none or cannot be read."""
    if path.suffix.lower() not in SUFFIXES:
        return set()
    try:
        return set().union(*(row.values.keys() for row in islice(read_rows(path), 20)))
    except (InputError, OSError):
        return set()
