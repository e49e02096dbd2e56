"""The same advertisement posted again, found by MinHash and confirmed by the shingles themselves."""

from __future__ import annotations

import re
from typing import NamedTuple
from zlib import crc32

from datasketch import MinHash, MinHashLSH

#: Share of common five-word shingles (Jaccard) from which two postings are the same advertisement. Chosen by reading
#: pairs of real postings: above .7 they differ in town, date or contact; between .5 and .7 four in ten are different
#: jobs of one employer with the same boilerplate, unless title and employer are the same too.
SAME = 0.7
SAME_WITH_LABEL = 0.5
_SHINGLE = 5
_PERMUTATIONS = 128
#: Bands and rows of the index: what datasketch computes, for longer than a small file is read, for a threshold of .45.
_BANDS = (25, 5)
_WORD = re.compile(r"\w+")


class Duplicate(NamedTuple):
    """Document number ``index`` repeats number ``first`` with this similarity (0..1)."""

    index: int  # type: ignore[assignment]  # tuple has a method of this name, which nobody needs here
    first: int
    similarity: float


def near_duplicates(texts: list[str], *, labels: list[str] | None = None) -> list[Duplicate]:
    """Texts that repeat an earlier one, each with the first text it repeats.

    Two texts are the same from a similarity of `SAME` on, with the same label (title and employer, say) from
    `SAME_WITH_LABEL` on.

    >>> a = "we look for a welder with experience in stainless steel and a driving licence for our plant in Pistoia"
    >>> near_duplicates([a, "another text", a + " now"])[0][:2]
    (2, 0)
    """
    index = MinHashLSH(params=_BANDS, num_perm=_PERMUTATIONS)
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
        shingles = _shingles(words)
        signature = blank.copy()
        signature.update_batch(sorted(shingles))
        similar = [(_jaccard(shingles, kept[other]), -other) for other in index.query(signature)]
        similarity, first = max((s for s in similar if s[0] >= _least(labels, number, -s[1])), default=(0.0, 0))
        if similarity:
            found.append(Duplicate(number, -first, round(similarity, 3)))
            exact[joined] = -first
            continue
        exact[joined] = number
        kept[number] = shingles
        index.insert(number, signature)
    return found


def repeated(texts: list[str]) -> list[Duplicate]:
    """Texts with all the same words as an earlier one."""
    first: dict[str, int] = {}
    found = []
    for number, text in enumerate(texts):
        earlier = first.setdefault(" ".join(_WORD.findall(text.lower())), number)
        if earlier != number:
            found.append(Duplicate(number, earlier, 1.0))
    return found


def _least(labels: list[str] | None, one: int, other: int) -> float:
    return SAME_WITH_LABEL if labels and labels[one] == labels[other] else SAME


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
