"""Text cut into stretches, the pieces that have one role each: lines, sentences, and windows of words where an ad is
written without any punctuation."""

from __future__ import annotations

import re
from typing import NamedTuple

# Behind a sentence's end or a line's; not behind an abbreviation, an initial or an item's number (``e.g. ``, ``ing. ``,
# ``S. Rossi``, ``2. Welding``).
_CUT = re.compile(
    r"\s*\n\s*|(?<![\s.(][A-Za-z])(?<![\s.(]\d)(?<!\b[Ee]s)(?<!\b[Ii]ng)(?<!\b[Dd]ott)(?<!\betc)(?<!\b[Ss]ig)"
    r"(?<!\b[Pp]rof)(?<!\b[Aa]rt)(?<!\b[Aa]ut)(?<!\b[Mm]in)(?<!\b[Pp]rot)(?<!\bD\.Lgs)(?<!\b[Nn]r)(?<!\bapprox)"
    r"[.!?;…][\"')]?\s+"
)
_WORD = re.compile(r"\S+")
#: What list items begin with.
BULLET = re.compile(r"(?:[-*•·▪→»>~+–—✓➢○●]|\d{1,2}[.)]|[a-z]\))\s")
_LONGEST_SENTENCE = 330
_WINDOW = 12

#: How a stretch is set off from the one before it.
SENTENCE, CLAUSE, WINDOW, ITEM, LINE, PARAGRAPH = range(6)


class Stretch(NamedTuple):
    """``text[start:end]``, and how it is set off from the stretch before (`SENTENCE` … `PARAGRAPH`)."""

    start: int
    end: int
    gap: int


def cut(text: str, start: int = 0, *, at: frozenset[int] = frozenset()) -> list[Stretch]:
    r"""The stretches of ``text[start:]`` in order; further cuts ``at`` given places.

    >>> [text_part for stretch in cut("One. Two\n- three") for text_part in ["One. Two\n- three"[stretch.start:stretch.end]]]
    ['One.', 'Two', '- three']
    """
    ends = []
    for gap in _CUT.finditer(text, start):
        ends.append((gap.end(), _kind_of_gap(text, gap.start(), gap.end())))
    places = [(start, PARAGRAPH), *ends]
    if at:
        known = {place for place, _ in places}
        places = sorted(places + [(place, WINDOW) for place in at if place not in known and place > start])
    stretches: list[Stretch] = []
    for index, (first, gap_kind) in enumerate(places):
        last = places[index + 1][0] if index + 1 < len(places) else len(text)
        last = first + len(text[first:last].rstrip())
        if last <= first:
            continue
        if last - first > _LONGEST_SENTENCE:
            stretches.extend(_windows(text, first, last, gap_kind))
        else:
            stretches.append(Stretch(first, last, gap_kind))
    return stretches


def _kind_of_gap(text: str, start: int, end: int) -> int:
    breaks = text.count("\n", start, end)
    if not breaks:
        return CLAUSE if text[start] == ";" else SENTENCE
    if BULLET.match(text, end):
        return ITEM
    return LINE if breaks == 1 else PARAGRAPH


def _windows(text: str, start: int, end: int, gap: int) -> list[Stretch]:
    words = [word.start() for word in _WORD.finditer(text, start, end)]
    firsts = words[::_WINDOW]
    if len(firsts) > 1 and len(words) % _WINDOW and len(words) % _WINDOW < _WINDOW // 2:
        firsts.pop()
    pieces = []
    for index, first in enumerate(firsts):
        last = firsts[index + 1] if index + 1 < len(firsts) else end
        pieces.append(Stretch(first, first + len(text[first:last].rstrip()), WINDOW if index else gap))
    return pieces
