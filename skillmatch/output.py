"""Tables written to files and to the screen, safe to open in a spreadsheet and whole or not at all."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
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
    except OSError as error:
        with suppress(OSError):
            aside.unlink()
        raise InputError(f"{path}: cannot be written ({error.strerror})", remedy="choose another place") from error


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV, JSONL or Parquet, by the suffix.

    Raises
    ------
    InputError : another suffix, or the file cannot be written.
    """
    writers: dict[str, Callable[[], None]] = {
        ".csv": lambda: _write_text(path, to_csv(table)),
        ".jsonl": lambda: _write_text(path, to_jsonl(table)),
        ".parquet": lambda: _write_parquet(table, path),
    }
    if path.suffix.lower() not in writers:
        raise InputError(
            f"{path}: cannot write {path.suffix or 'a file without suffix'!r}", remedy="use .csv, .jsonl or .parquet"
        )
    writers[path.suffix.lower()]()


def to_csv(table: pd.DataFrame) -> str:
    """CSV text; cells that a spreadsheet would run as a formula get an apostrophe in front.

    >>> to_csv(pd.DataFrame({"a": ["=1+1"], "b": [0.12345678]}))
    "a,b\\n'=1+1,0.123457\\n"
    """
    safe = table.copy()
    for column in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[column]):
            safe[column] = [harmless(value) for value in safe[column]]
    return safe.to_csv(index=False, lineterminator="\n", float_format=f"%.{_DECIMALS}g")


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


def _write_text(path: Path, text: str) -> None:
    with whole_file(path) as stream:
        stream.write(text)


def _write_parquet(table: pd.DataFrame, path: Path) -> None:
    with whole_file(path, "wb") as stream:
        table.to_parquet(stream, index=False)
