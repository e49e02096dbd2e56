"""The same advertisement posted again, found by MinHash and confirmed by the shingles themselves.

Each text is first reduced to a `Trace` by itself, in any order and in any process; `find_repeats` then compares the
traces of all texts. What that takes of memory is 100 bytes of bands and 24 bytes of digests a text, so that a million
postings can be compared in one process; shingles are fetched only where two texts share a band.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from hashlib import blake2b
from typing import NamedTuple
from zlib import crc32

import numpy as np
from datasketch import MinHash

#: Share of common five-word shingles (Jaccard) from which two postings are the same advertisement. Chosen by reading
#: pairs of real postings: above .7 they differ in town, date or contact; between .5 and .7 four in ten are different
#: jobs of one employer with the same boilerplate, unless title and employer are the same too.
SAME = 0.7
SAME_WITH_LABEL = 0.5
_SHINGLE = 5
_PERMUTATIONS = 128
#: Bands and rows of the index: what datasketch computes, for longer than a small file is read, for a threshold of .45.
_BANDS, _ROWS = 25, 5
#: A text is compared with at most so many earlier ones, those that share most bands with it: a template that
#: thousands of different postings follow must not make the time grow with their square.
_MOST_COMPARED = 100
_WORD = re.compile(r"\w+")
_ODD = np.uint64(0x9E3779B97F4A7C15)  # any odd number with its bits well spread (here: of the golden ratio)
_HALF = np.uint64(32)


class Duplicate(NamedTuple):
    """Document number ``index`` repeats number ``first`` with this similarity (0..1)."""

    index: int  # type: ignore[assignment]  # tuple has a method of this name, which nobody needs here
    first: int
    similarity: float


class Trace(NamedTuple):
    """What is left of a text for comparing it with others.

    ``exact`` is a digest of its words (16 bytes), ``label`` one of its label; ``bands`` has the shape (25,), or (0,)
    where only texts of the same words are looked for; ``shingles`` are sorted and unique. All arrays are uint32.
    """

    exact: bytes
    label: int
    bands: np.ndarray
    shingles: np.ndarray


def trace(text: str, label: str = "") -> Trace:
    """The trace of a posting; ``label`` says who seeks whom (title and employer, say).

    >>> trace("one two three four five six").shingles.shape
    (2,)
    """
    words = _WORD.findall(text.lower())
    shingles = _shingles(words)
    signature = _blank().copy()  # copied, since drawing permutations takes long
    signature.update_batch(shingles.tolist())
    rows = signature.hashvalues[: _BANDS * _ROWS].reshape(_BANDS, _ROWS)
    bands = np.zeros(_BANDS, dtype=np.uint64)
    for column in rows.T:
        bands = (bands ^ column) * _ODD
    return Trace(_digest(words), _label(label), (bands >> _HALF).astype(np.uint32), shingles)


def trace_of_words(text: str) -> Trace:
    """The trace of a text that only one of all the same words repeats."""
    nothing = np.empty(0, dtype=np.uint32)
    return Trace(_digest(_WORD.findall(text.lower())), 0, nothing, nothing)


def find_repeats(
    exact: np.ndarray, labels: np.ndarray, bands: np.ndarray, *, shingles: Callable[[int], np.ndarray]
) -> list[Duplicate]:
    """Texts that repeat an earlier one, each with the first text it repeats.

    Parameters
    ----------
    exact : digests of the words, dtype ``V16`` (``Trace.exact``), shape (texts,).
    labels : digests of the labels, uint64, shape (texts,).
    bands : uint32, shape (texts, bands).
    shingles : the shingles of a text by its number; asked only for texts that share a band.

    Two texts are the same from a similarity of `SAME` on, with the same label from `SAME_WITH_LABEL` on.
    """
    groups, size = _shared_groups(bands)
    repeats = _shared(exact)
    first_with: dict[int, int] = {}
    latest = np.full(size, -1, dtype=np.int32)  # of each group the text kept last; `before` leads on to earlier ones
    before = np.full(groups.shape, -1, dtype=np.int32)
    found = []
    for number in np.flatnonzero((repeats >= 0) | (groups >= 0).any(axis=1)).tolist():
        words = int(repeats[number])
        if words >= 0 and words in first_with:
            found.append(Duplicate(number, first_with[words], 1.0))
            continue
        mine = [(band, group) for band, group in enumerate(groups[number].tolist()) if group >= 0]
        similarity, first = _most_similar(number, mine, latest, before, labels, shingles)
        if words >= 0:
            first_with[words] = first if similarity else number
        if similarity:
            found.append(Duplicate(number, first, round(similarity, 3)))
            continue
        for band, group in mine:
            before[number, band] = latest[group]
            latest[group] = number
    return found


def compare(traces: list[Trace]) -> list[Duplicate]:
    """`find_repeats` for traces at hand.

    >>> a = "we look for a welder with experience in stainless steel and a driving licence for our plant in Pistoia"
    >>> compare([trace(a, "Acme"), trace("another text", "Acme"), trace(a + " now", "Other")])[0][:2]
    (2, 0)
    """
    if not traces:
        return []
    return find_repeats(
        np.frombuffer(b"".join(trace.exact for trace in traces), dtype="V16"),
        np.array([trace.label for trace in traces], dtype=np.uint64),
        np.stack([trace.bands for trace in traces]),
        shingles=lambda number: traces[number].shingles,
    )


def _most_similar(
    number: int, mine: list[tuple[int, int]], latest: np.ndarray, before: np.ndarray, labels: np.ndarray,
    shingles: Callable[[int], np.ndarray],
) -> tuple[float, int]:  # fmt: skip
    """Similarity and number of the earlier text that this one repeats, (0.0, 0) where it repeats none."""
    sharing: Counter[int] = Counter()
    for band, group in mine:
        other = int(latest[group])
        steps = 0
        while other >= 0 and steps < _MOST_COMPARED:
            sharing[other] += 1
            other = int(before[other, band])
            steps += 1
    if not sharing:
        return 0.0, 0
    nearest = sorted(sharing, key=lambda other: (-sharing[other], other))[:_MOST_COMPARED]
    own = shingles(number)
    best = (0.0, 0)
    for other in nearest:
        similarity = _jaccard(own, shingles(other))
        least = SAME_WITH_LABEL if labels[number] == labels[other] else SAME
        if similarity >= least:
            best = max(best, (similarity, -other))
    return best[0], -best[1]


def _shared_groups(bands: np.ndarray) -> tuple[np.ndarray, int]:
    """For each text and band the number of the group of texts with the same band, -1 where it is alone; how many."""
    groups = np.empty(bands.shape, dtype=np.int32)
    size = 0
    for band in range(bands.shape[1]):
        group = _shared(bands[:, band])
        groups[:, band] = np.where(group >= 0, group + size, -1)
        size += int(group.max(initial=-1)) + 1
    return groups, size


def _shared(values: np.ndarray) -> np.ndarray:
    """For each value the number of its group, -1 where no other is the same."""
    comparable = values.view("S16") if values.dtype.kind == "V" else values
    _, inverse, counts = np.unique(comparable, return_inverse=True, return_counts=True)
    numbers = np.where(counts > 1, np.cumsum(counts > 1) - 1, -1)
    return numbers[inverse].astype(np.int32)


def _shingles(words: list[str]) -> np.ndarray:
    size = min(_SHINGLE, len(words))
    if not size:
        return np.empty(0, dtype=np.uint32)
    # Python's own hash of str changes between runs; this one does not.
    hashes = np.fromiter((crc32(word.encode()) for word in words), dtype=np.uint64, count=len(words))
    mixed = np.zeros(len(words) - size + 1, dtype=np.uint64)
    for place in range(size):
        mixed = (mixed ^ hashes[place : len(words) - size + 1 + place]) * _ODD
    return np.unique((mixed >> _HALF).astype(np.uint32))


def _digest(words: list[str]) -> bytes:
    # A digest must not end with the byte 0, which numpy would cut off.
    return blake2b(" ".join(words).encode(), digest_size=15).digest() + b"."


def _label(label: str) -> int:
    return int.from_bytes(blake2b(label.encode(), digest_size=8).digest(), "little")


@cache
def _blank() -> MinHash:
    return MinHash(_PERMUTATIONS, hashfunc=_identity)


def _identity(value: int) -> int:
    return value


def _jaccard(one: np.ndarray, other: np.ndarray) -> float:
    together = len(one) + len(other)
    if not together:
        return 0.0
    common = len(np.intersect1d(one, other, assume_unique=True))
    return common / (together - common)
