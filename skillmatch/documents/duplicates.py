"""The same advertisement posted again, found by MinHash and confirmed by the shingles themselves."""

from __future__ import annotations

import re
from typing import NamedTuple
from zlib import crc32

from datasketch import MinHash, MinHashLSH

#: Share of common five-word shingles (Jaccard) from which two postings are the same advertisement. Chosen on pairs of
#: real postings: above .8 they differ in town, date or contact; below .6 they are different jobs of one employer.
SAME = 0.7
_SHINGLE = 5
_PERMUTATIONS = 64
_WORD = re.compile(r"\w+")


class Duplicate(NamedTuple):
    """Document number ``index`` repeats number ``first`` with this similarity (0..1)."""

    index: int
    first: int
    similarity: float


def near_duplicates(texts: list[str], *, threshold: float | None = SAME) -> list[Duplicate]:
    """Texts that repeat an earlier one, each with the first text it repeats.

    ``threshold`` is the least similarity; None finds only texts with all the same words.

    >>> a = "we look for a welder with experience in stainless steel and a driving licence for our plant in Pistoia"
    >>> near_duplicates([a, "another text", a + " now"])[0][:2]
    (2, 0)
    """
    index = MinHashLSH(threshold=max(0.1, (threshold or SAME) - 0.1), num_perm=_PERMUTATIONS)
    blank = MinHash(_PERMUTATIONS, hashfunc=_identity)  # copied, since drawing permutations takes long
    kept: dict[int, frozenset[int]] = {}
    exact: dict[str, int] = {}
    found = []
    for number, text in enumerate(texts):
        words = _WORD.findall(text.lower())
        joined = " ".join(words)
        if joined in exact:
            found.append(Duplicate(number, exact[joined], 1.0))
            continue
        exact[joined] = number
        if threshold is None:
            continue
        shingles = _shingles(words)
        signature = blank.copy()
        signature.update_batch(sorted(shingles))
        best = max(((_jaccard(shingles, kept[other]), -other) for other in index.query(signature)), default=(0.0, 0))
        if best[0] >= threshold:
            found.append(Duplicate(number, -best[1], round(best[0], 3)))
            exact[joined] = -best[1]
            continue
        kept[number] = shingles
        index.insert(number, signature)
    return found


def _shingles(words: list[str]) -> frozenset[int]:
    size = min(_SHINGLE, len(words))
    if not size:
        return frozenset()
    # Python's own hash of str changes between runs; this one does not.
    hashes = [crc32(word.encode()) for word in words]
    return frozenset(crc32(repr(hashes[i : i + size]).encode()) for i in range(len(hashes) - size + 1))


def _identity(value: int) -> int:
    return value


def _jaccard(one: frozenset[int], other: frozenset[int]) -> float:
    union = len(one | other)
    return len(one & other) / union if union else 0.0
