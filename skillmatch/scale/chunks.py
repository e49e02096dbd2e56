"""The input cut into chunks of work: by size rather than by count, and alike for any number of workers.

Where a chunk ends is decided by what is written there, so that a row put in or taken out moves the borders beside it
and no others; and what becomes of a chunk does not depend on where in the input it stands. So a chunk that an earlier
run has worked on is known again (`skillmatch.scale.kept`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from zlib import crc32

from skillmatch.documents.records import RawRecord

#: What says which document a record is and where it stands; all else is its content.
PLACE = ("document_id", "source", "row")
#: Characters in a chunk, at most. The first ones are small, so that all workers soon have something to do; the later
#: ones are large, so that a million documents make hundreds of files rather than thousands.
_SMALLEST, _LARGEST = 300_000, 5_000_000
_DOUBLES_EVERY = 12
_MOST_RECORDS = 4_000
_OVERHEAD = 100  # what a record weighs besides its text
#: Borders that the content is expected to offer in as many characters as a chunk may have. From half of those on the
#: first one is taken; e to the power of minus six is how seldom there is none until the chunk is full.
_BORDERS = 12
_SPREAD = 2**32  # of a checksum
_TAIL = 200  # characters at the end of a text that decide


@dataclass(frozen=True)
class Chunk:
    """Some records in a row.

    ``payload`` is JSON, pairs of a record without its place and the problem that makes it unusable, or ``""``;
    ``places`` are values of `PLACE` for each record. Workers need only the payload.
    """

    number: int
    size: int  # records
    payload: bytes
    places: tuple[tuple[str, ...], ...] = ()

    @classmethod
    def of(cls, number: int, records: list[RawRecord]) -> Chunk:
        content = [({k: v for k, v in record.items() if k not in PLACE}, problem) for record, problem in records]
        places = tuple(tuple(record.get(name, "") for name in PLACE) for record, _ in records)
        return cls(number, len(records), json.dumps(content).encode(), places)

    @cached_property
    def digest(self) -> str:
        """32 hexadecimal digits of the content."""
        return hashlib.blake2b(self.payload, digest_size=16).hexdigest()

    @property
    def records(self) -> list[tuple[dict[str, Any], str]]:
        return [(record, problem) for record, problem in json.loads(self.payload)]


def cut(records: Iterable[RawRecord]) -> Iterator[Chunk]:
    """Chunks of the records in order.

    >>> [chunk.size for chunk in cut([({"text": "x" * 290_000}, "")] * 5)]
    [1, 1, 1, 1, 1]
    """
    number, held, characters = 0, [], 0
    for record in records:
        held.append(record)
        text = record[0].get("text", "")
        weight = len(text) + _OVERHEAD
        characters += weight
        most = _limit(number)
        if (
            characters >= most
            or len(held) >= _MOST_RECORDS
            or (2 * characters >= most and _is_border(text, _BORDERS * weight / most))
        ):
            yield Chunk.of(number, held)
            number, held, characters = number + 1, [], 0
    if held:
        yield Chunk.of(number, held)


def _is_border(text: str, probability: float) -> bool:
    return crc32(text[-_TAIL:].encode("utf-8", errors="replace")) < _SPREAD * probability


def _limit(number: int) -> int:
    return min(_LARGEST, _SMALLEST << min(number // _DOUBLES_EVERY, 10))
