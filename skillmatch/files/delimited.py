"""Rows of CSV and TSV files, of which a stray quotation mark spoils one line and no more."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from skillmatch.errors import InputError
from skillmatch.files.formats import encoding_of
from skillmatch.pipeline import MAX_CHARACTERS

_DELIMITERS = ",;\t|"
#: A record of more lines than this has an unclosed quotation mark; the bound also keeps the time of reading linear.
_MOST_LINES = 5_000
#: A field that is too long for a document is still read, so that its row can be named; beyond this it is a mistake.
_LONGEST_FIELD = 10 * MAX_CHARACTERS


class Row(NamedTuple):
    """One record: ``number`` counts from 1 (the header is not counted); ``problem`` says why it is of no use."""

    number: int
    values: dict[str, str]
    problem: str = ""


class _Lines:
    """The lines of a file, read as they are needed; those that come next can be looked at again and again."""

    def __init__(self, stream: Iterable[str]) -> None:
        self._stream = iter(stream)
        self._next: deque[str] = deque()
        self.done = 0

    def ahead(self, most: int) -> Iterator[str]:
        """The next lines, at most so many."""
        for place in range(most):
            if place == len(self._next):
                line = next(self._stream, None)
                if line is None:
                    return
                self._next.append(line)
            yield self._next[place]

    def skip(self, number: int) -> None:
        for _ in range(number):
            self._next.popleft()
        self.done += number


def delimited_rows(path: Path) -> Iterator[Row]:
    csv.field_size_limit(_LONGEST_FIELD)
    encoding, errors = encoding_of(path)
    with path.open(encoding=encoding, errors=errors, newline="") as stream:
        lines = _Lines(stream)
        first = next(lines.ahead(1), "")
        delimiter = max(_DELIMITERS, key=first.count) if first and path.suffix.lower() == ".csv" else "\t"
        header, used = _record(lines, delimiter)
        names = header_names(header or [], path)
        lines.skip(used)
        yield from _rows(lines, names, delimiter)


def header_names(cells: Iterable[str], path: Path) -> list[str]:
    """Names of a header row; a repeated name gets its number, so that no column hides another."""
    names: list[str] = []
    for name in (cell.strip() for cell in cells):
        names.append(f"{name} {len(names) + 1}" if name and name in names else name)
    if not any(names):
        raise InputError(f"{path}: the first row has no column names", remedy="add a header row")
    return names


def _rows(lines: _Lines, header: list[str], delimiter: str) -> Iterator[Row]:
    number, width = 0, len(header)
    while next(lines.ahead(1), None) is not None:
        at = lines.done + 1
        record, used = _record(lines, delimiter)
        lines.skip(used)
        if record == []:  # an empty line
            continue
        number += 1
        if record is None:
            # A stray quotation mark swallows the rows behind it: give up one line only and read on from the next.
            yield Row(number, {}, f"line {at} is no readable CSV (a stray quotation mark?)")
        elif len(record) != width:
            yield Row(number, {}, f"line {at} has {len(record)} fields, the header has {width}")
        else:
            yield Row(number, dict(zip(header, record, strict=True)))


def _record(lines: _Lines, delimiter: str) -> tuple[list[str] | None, int]:
    """The record that starts at the next line, and of how many lines it is; None where it cannot be read.

    Over several lines only correct quotation counts: else a stray mark would make one record of many, silently.
    """
    for strict, most in ((True, _MOST_LINES), (False, 1)):
        reader = csv.reader(chain(lines.ahead(most), [""]), delimiter=delimiter, strict=strict)
        try:
            record = next(reader)
        except (csv.Error, StopIteration):
            continue
        if strict or reader.line_num == 1:  # the second line is the empty one: the quotation is still open
            return record, min(reader.line_num, sum(1 for _ in lines.ahead(reader.line_num)))
    return None, 1
