"""Text cut into stretches, the pieces that have one role each: lines, sentences, and windows of words where an ad is
written without any punctuation."""

from __future__ import annotations

import re
from typing import NamedTuple

# A line's or a sentence's end; one set of signs to begin with, for which the search is faster.
_CUT = re.compile(
    r"[.!?;…\n](?:(?<!\n)[\"')]?\s+|(?<=\n)\s*|(?<=[a-zà-ÿ]{3}.)(?=[A-Za-zÀ-ÿ][a-zà-ÿ]{3}))"
)  # the last: "knowledge of FreeRTOS.knowledge of C", what stood on lines of its own
#: A full stop behind one of these ends no sentence; nor one behind an initial or an item's number.
_ABBREVIATIONS = frozenset(
    "es ing dott etc sig prof art aut min prot d.lgs nr approx e.g i.e n.b incl max ca vs dr mr mrs tel rif".split()
)
_WORD = re.compile(r"\S+")
#: What list items begin with.
BULLET = re.compile(r"(?:[-*•·▪→»>~+–—✓➢○●❖✅■◆▶\uf000-\uf0ff]|\d{1,2}[.)>]|[a-z]\))\s")
_LONGEST_SENTENCE = 330
_GOING_ON = frozenset(",.;)")
_CLOSING = frozenset(".:;!?…")
_SHORT_LINE = 28
#: Text broken at a width: so many lines at least go on in the next, none is longer than the widest page.
_WRAPPED_LINES = 3
_WIDTH, _WIDEST = 50, 130
_WINDOW = 12
_SPACED = 6

#: How a stretch is set off from the one before it.
SENTENCE, CLAUSE, WINDOW, ITEM, LINE, PARAGRAPH = range(6)


class Stretch(NamedTuple):
    """``text[start:end]``, and how it is set off from the stretch before (`SENTENCE` … `PARAGRAPH`)."""

    start: int
    end: int
    gap: int


def cut(text: str, start: int = 0, *, at: frozenset[int] = frozenset()) -> list[Stretch]:
    r"""The stretches of ``text[start:]`` in order; further cuts ``at`` given places.

    >>> text = "One. Two\n- three"
    >>> [text[start:end] for start, end, _ in cut(text)]
    ['One.', 'Two', '- three']
    """
    ends = [
        (gap.end(), _kind_of_gap(text, gap.start(), gap.end()))
        for gap in _CUT.finditer(text, start)
        if text[gap.start()] != "." or not _abbreviated(text, gap.start())
    ]
    spaced = sum(kind == PARAGRAPH for _, kind in ends)
    if spaced > _SPACED and spaced > 2 * sum(kind in (ITEM, LINE) for _, kind in ends):
        # Written with a blank line behind every line: it parts lines, not paragraphs.
        ends = [(place, LINE if kind == PARAGRAPH else kind) for place, kind in ends]
    places = [(start, PARAGRAPH), *_unbroken(text, ends)]
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


def _unbroken(text: str, ends: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Ends without those in the middle of a sentence: the next line goes on with a small letter or a sign, and one of
    both lines is but a few words (bold words, links), or all lines are broken at a width."""
    lines = [at for at, (_, kind) in enumerate(ends) if kind == LINE]
    small = [at for at in lines if text[ends[at][0] : ends[at][0] + 1].islower()]
    if small and 4 * sum(text[place : place + 3].strip("-*• ")[:1].isupper() for place, _ in ends) < len(small):
        small = []  # written in small letters throughout
    broken = {at for at in lines if text[ends[at][0] : ends[at][0] + 1] in _GOING_ON}
    wrapped = len(small) >= _WRAPPED_LINES and max(map(len, text.split("\n"))) <= _WIDEST
    for at in small:
        place = ends[at][0]
        before = ends[at - 1][0] if at else 0
        after = ends[at + 1][0] if at + 1 < len(ends) else len(text)
        line = text[before:place].rstrip()
        if line[-1:] not in _CLOSING and (
            (wrapped and len(line) > _WIDTH) or min(len(line), after - place) < _SHORT_LINE
        ):
            broken.add(at)
    return [end for at, end in enumerate(ends) if at not in broken] if broken else ends


def _abbreviated(text: str, stop: int) -> bool:
    """Whether a full stop ends an abbreviation, an initial or a number rather than a sentence."""
    word = text[max(0, stop - 8) : stop].rsplit(None, 1)[-1:]
    last = word[0].lstrip("(").lower() if word else ""
    return len(last) < 2 or last in _ABBREVIATIONS


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
