"""The input cut into chunks of work: by size rather than by count, and alike for any number of workers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from skillmatch.documents.records import RawRecord

#: Characters in a chunk. The first ones are small, so that all workers soon have something to do; the later ones are
#: large, so that a million documents make hundreds of files rather than thousands.
_SMALLEST, _LARGEST = 200_000, 4_000_000
_DOUBLES_EVERY = 12
_MOST_RECORDS = 4_000
_OVERHEAD = 100  # what a record weighs besides its text


@dataclass(frozen=True)
class Chunk:
    """Some records in a row: JSON pairs of a record and the problem that makes it unusable, or ``""``."""

    number: int
    size: int  # records
    payload: bytes

    @classmethod
    def of(cls, number: int, records: list[RawRecord]) -> Chunk:
        return cls(number, len(records), json.dumps(records).encode())

    @cached_property
    def digest(self) -> str:
        """32 hexadecimal digits of the content."""
        return hashlib.blake2b(self.payload, digest_size=16).hexdigest()

    @property
    def records(self) -> list[tuple[dict[str, Any], str]]:
        return [(record, problem) for record, problem in json.loads(self.payload)]


def cut(records: Iterable[RawRecord]) -> Iterator[Chunk]:
    """Chunks of the records in order.

    >>> [chunk.size for chunk in cut([({"text": "x" * 150_000}, "")] * 5)]
    [2, 2, 1]
    """
    number, held, characters = 0, [], 0
    for record in records:
        held.append(record)
        characters += len(record[0].get("text", "")) + _OVERHEAD
        if characters >= _limit(number) or len(held) >= _MOST_RECORDS:
            yield Chunk.of(number, held)
            number, held, characters = number + 1, [], 0
    if held:
        yield Chunk.of(number, held)


def _limit(number: int) -> int:
    return min(_LARGEST, _SMALLEST << min(number // _DOUBLES_EVERY, 10))
