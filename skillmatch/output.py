"""Tables written to files and to the screen, safe to open in a spreadsheet and whole or not at all."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import IO

import pandas as pd

from skillmatch.errors import InputError

SUFFIXES = (".csv", ".jsonl", ".parquet")
_DECIMALS = 6
# A spreadsheet takes a cell that begins with one of these for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@contextmanager
def whole_file(path: Path, mode: str = "w") -> Iterator[IO]:
    """A file that appears under its name only when it is complete.

    Raises
    ------
    InputError : it cannot be written (no such folder, no permission, disk full).
    """
    aside = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        binary = "b" in mode
        with aside.open(mode, encoding=None if binary else "utf-8", newline=None if binary else "") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        aside.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            aside.unlink()
        raise InputError(f"{path}: cannot be written ({error.strerror})", remedy="choose another place") from error


def sync_folder(folder: Path) -> None:
    """Have the names in a folder, not only the files, outlast a power cut (where the system can do that)."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def write_table(table: pd.DataFrame | Iterable[pd.DataFrame], path: Path) -> None:
    """Write a table as CSV, JSONL or Parquet, by the suffix; one that comes in pieces is never held as a whole.

    Raises
    ------
    InputError : another suffix, or the file cannot be written.
    """
    writers: dict[str, Callable[[Iterable[pd.DataFrame], Path], None]] = {
        ".csv": _write_csv,
        ".jsonl": _write_jsonl,
        ".parquet": _write_parquet,
    }
    if path.suffix.lower() not in writers:
        raise InputError(
            f"{path}: cannot write {path.suffix or 'a file without suffix'!r}", remedy="use .csv, .jsonl or .parquet"
        )
    writers[path.suffix.lower()]([table] if isinstance(table, pd.DataFrame) else table, path)


def to_csv(table: pd.DataFrame, *, header: bool = True) -> str:
    """CSV text; cells that a spreadsheet would run as a formula get an apostrophe in front.

    >>> to_csv(pd.DataFrame({"a": ["=1+1"], "b": [0.12345678]}))
    "a,b\\n'=1+1,0.123457\\n"
    """
    safe = table.copy()
    for column in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[column]):
            safe[column] = [harmless(value) for value in safe[column]]
    return safe.to_csv(index=False, header=header, lineterminator="\n", float_format=f"%.{_DECIMALS}g")


def to_jsonl(table: pd.DataFrame) -> str:
    """One JSON object a line; missing values are null."""
    return "".join(json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n" for record in to_records(table))


def to_records(table: pd.DataFrame) -> list[dict]:
    """Rows as plain Python values, floats rounded, missing values None."""
    columns = list(table.columns)
    rows = table.astype(object).itertuples(index=False, name=None)
    return [{name: _plain(value) for name, value in zip(columns, row, strict=True)} for row in rows]


def harmless(value: object) -> object:
    """The value, with an apostrophe in front where a spreadsheet would take it for a formula."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return value


def _plain(value: object) -> object:
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, float):
        return round(value, _DECIMALS)
    return value.item() if hasattr(value, "item") else value


def _write_csv(tables: Iterable[pd.DataFrame], path: Path) -> None:
    with whole_file(path) as stream:
        for number, table in enumerate(tables):
            stream.write(to_csv(table, header=number == 0))


def _write_jsonl(tables: Iterable[pd.DataFrame], path: Path) -> None:
    with whole_file(path) as stream:
        for table in tables:
            stream.write(to_jsonl(table))


def _write_parquet(tables: Iterable[pd.DataFrame], path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pieces = (pa.Table.from_pandas(table, preserve_index=False) for table in tables)
    first = next(pieces)
    with whole_file(path, "wb") as stream, pq.ParquetWriter(stream, first.schema) as writer:
        for piece in chain([first], pieces):
            writer.write_table(piece)
