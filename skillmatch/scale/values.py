"""What is known of one document, as bytes for the store and back; no pickle."""

from __future__ import annotations

import json
import struct
from typing import Any, NamedTuple

import numpy as np

from skillmatch.documents.duplicates import Trace

_HEAD = struct.Struct("<IHQ16s")


class Known(NamedTuple):
    """A document after reading: why it cannot be used (or ``""``), its language, its title, its trace."""

    reason: str
    language: str = ""
    title: str = ""
    trace: Trace | None = None

    def to_bytes(self) -> bytes:
        """
        >>> Known.from_bytes(Known("no text").to_bytes())
        Known(reason='no text', language='', title='', trace=None)
        """
        words = json.dumps([self.reason, self.language, self.title]).encode()
        if self.trace is None:
            return _HEAD.pack(len(words), 0, 0, b"") + words
        exact, label, bands, shingles = self.trace
        return b"".join((_HEAD.pack(len(words), len(bands), label, exact), words, bands.tobytes(), shingles.tobytes()))

    @classmethod
    def from_bytes(cls, data: bytes) -> Known:
        length, bands, label, exact = _HEAD.unpack_from(data)
        at = _HEAD.size + length
        reason, language, title = json.loads(data[_HEAD.size : at])
        if reason:
            return cls(reason, language, title)
        numbers = np.frombuffer(data, dtype=np.uint32, offset=at)
        return cls(reason, language, title, Trace(exact, label, numbers[:bands], numbers[bands:]))


def pack_mentions(mentions: list[tuple[Any, ...]]) -> bytes:
    """Mentions of one document, column by column.

    >>> unpack_mentions(pack_mentions([("plc", 0, 3), ("tig", 8, 11)]))
    [['plc', 'tig'], [0, 8], [3, 11]]
    """
    return json.dumps(list(zip(*mentions, strict=True)), ensure_ascii=False, separators=(",", ":")).encode()


def unpack_mentions(data: bytes) -> list[list[Any]]:
    return json.loads(data)
