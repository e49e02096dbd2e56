"""What is known of one document, as bytes for the store and back; no pickle."""

from __future__ import annotations

import json
import struct
import zlib
from typing import Any, NamedTuple

import numpy as np

from skillmatch.documents.duplicates import Trace

_HEAD = struct.Struct("<IHIQ16s")
_FAST = 1  # level of compression: a tenth larger than the usual one, in a third of the time


class Known(NamedTuple):
    """A document after reading: why it cannot be used (or ``""``), its language, title and trace, its text (packed)."""

    reason: str
    language: str = ""
    title: str = ""
    trace: Trace | None = None
    packed: bytes = b""

    @classmethod
    def of(cls, record: dict[str, Any], trace: Trace) -> Known:
        """What is known of a record that was prepared."""
        packed = zlib.compress(record["text"].encode(), _FAST)
        return cls("", record["language"], record["title"], trace, packed)

    @property
    def text(self) -> str:
        return unpack_text(self.packed)

    def to_bytes(self) -> bytes:
        """
        >>> Known.from_bytes(Known("no text").to_bytes())
        Known(reason='no text', language='', title='', trace=None, packed=b'')
        """
        words = json.dumps([self.reason, self.language, self.title]).encode()
        if self.trace is None:
            return _HEAD.pack(len(words), 0, 0, 0, b"") + words
        exact, label, bands, shingles = self.trace
        head = _HEAD.pack(len(words), len(bands), len(shingles), label, exact)
        return b"".join((head, words, bands.tobytes(), shingles.tobytes(), self.packed))

    @classmethod
    def from_bytes(cls, data: bytes) -> Known:
        length, bands, shingles, label, exact = _HEAD.unpack_from(data)
        at = _HEAD.size + length
        reason, language, title = json.loads(data[_HEAD.size : at])
        if reason:
            return cls(reason, language, title)
        numbers = np.frombuffer(data, dtype="<u4", count=bands + shingles, offset=at)
        trace = Trace(exact, label, numbers[:bands], numbers[bands:])
        return cls(reason, language, title, trace, data[at + 4 * (bands + shingles) :])


def unpack_text(packed: bytes) -> str:
    """The text that `Known.of` packed."""
    return zlib.decompress(packed).decode()


def pack_mentions(mentions: list[tuple[Any, ...]]) -> bytes:
    """Mentions of one document, column by column.

    >>> unpack_mentions(pack_mentions([("plc", 0, 3), ("tig", 8, 11)]))
    [['plc', 'tig'], [0, 8], [3, 11]]
    """
    return json.dumps(list(zip(*mentions, strict=True)), ensure_ascii=False, separators=(",", ":")).encode()


def unpack_mentions(data: bytes) -> list[list[Any]]:
    return json.loads(data)
