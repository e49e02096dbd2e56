"""Where the sentence around a mention begins and ends."""

from __future__ import annotations

import re

from skillmatch.stretches import BULLET

_STOPS = (". ", "! ", "? ", "; ")
# Words behind whose stop the sentence goes on.
_ABBREVIATIONS = (" es", "(es", " Es", " vs", " cf", "(cf", " esp", "(esp", " incl", "(incl", " yrs")
# The last word of a line that breaks within its sentence.
_OPEN_WORDS = frozenset("of in with the a an and or for to di del della dei delle con e la il le gli su per".split())
# "knowledge of FreeRTOS.knowledge of C": lines that lost their breaks.
_GLUED = re.compile(r"[.;](?<=[a-zà-ÿ]{3}.)(?=[A-Za-zÀ-ÿ][a-zà-ÿ]{3})")
_LOOK_BACK = 400  # characters of a line that are looked at from its end
_WRAPPED = 50  # characters of a line that may be broken within its sentence


def sentence_bounds(text: str, start: int, end: int, *, limit: int = 400) -> tuple[int, int]:
    """The sentence around ``text[start:end]``, at most ``limit`` characters to each side.

    >>> sentence_bounds("One. Two three\\nfour", 5, 8)
    (5, 14)
    >>> sentence_bounds("Knowledge of tools (e.g. make)", 25, 29)
    (0, 30)
    """
    low, high = max(0, start - limit), min(len(text), end + limit)
    first = text.rfind("\n", low, start) + 1
    while first > low and _goes_on(text, first - 1):
        first = text.rfind("\n", low, first - 1) + 1
    first = max(first, low)
    last = text.find("\n", end, high)
    while last >= 0 and _goes_on(text, last):
        last = text.find("\n", last + 1, high)
    last = high if last < 0 else last
    for stop in _STOPS:
        found = text.rfind(stop, first, start)
        while found >= 0 and _abbreviates(text, found):
            found = text.rfind(stop, first, found)
        if found >= 0:
            first = found + 2
    for stop in _STOPS:
        found = text.find(stop, end, last)
        while found >= 0 and _abbreviates(text, found):
            found = text.find(stop, found + 1, last)
        if found >= 0:
            last = found + 1
    for glued in _GLUED.finditer(text, first, start):
        first = glued.end()
    following = _GLUED.search(text, end, last)
    return first, following.end() if following is not None else last


def _abbreviates(text: str, stop: int) -> bool:
    return text[stop - 2 : stop - 1] == "." or text.endswith(_ABBREVIATIONS, 0, stop)


def _goes_on(text: str, line_end: int) -> bool:
    """Whether the line that ends here was broken within its sentence."""
    goes, before = text[line_end + 1 : line_end + 2], text[line_end - 1 : line_end]
    if goes in ("", "\n") or not (before.isalnum() or before in ",'’)"):
        return False
    shortest = max(0, line_end - _LOOK_BACK)
    head = max(shortest, text.rfind("\n", shortest, line_end) + 1)
    wrapped = line_end - head >= _WRAPPED and text[head].isupper() and goes.islower()
    if not wrapped and text[max(head, text.rfind(" ", head, line_end) + 1) : line_end].lower() not in _OPEN_WORDS:
        return False
    return BULLET.match(text, line_end + 1) is None
