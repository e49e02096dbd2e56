"""Lines of printed pages put together again: paragraphs, broken words, headings; running heads left out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from skillmatch.files.layout import Piece, same_row

_ITEM = re.compile(r"(?:- |\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)] )")
_PAGE_NUMBER = re.compile(
    r"(?i)[-–—\s|]*(?:p(?:age|agina|ag|\.)?\.?\s*)?\d{1,4}(?:\s*(?:/|of|di|su)\s*\d{1,4})?[-–—\s|]*"
)
_INDEX_LINE = re.compile(r"\.{5,}\s*\d{1,4}$")
#: Some heads are a box of several lines.
_EDGE_ROWS = 8
_MOSTLY = 0.6
_LARGER = 1.12
_LONGEST_HEADING = 90
_LONG_LINE = 50
_SMALL_WORD = re.compile(r"(?:^|\s)(?:[a-z]{1,3}'?|with|from|della?|delle|nella?|and/or)$|,$")
#: First parts that keep their hyphen at a line's end, where the text itself does not show how it is written.
_PREFIXES = frozenset(
    "self non well high low real half cross mid short long multi semi post pre co anti inter decision problem "
    "state user data computer object time cost energy auto micro follow hands on end".split()
)
#: A hyphen at a line's end; a soft one within a line is left to the cleaning of the text.
BROKEN_WORD = "\ue002"
_WORDS = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def without_running_heads(pages: Sequence[list[Piece]]) -> list[list[Piece]]:
    """Pages without page numbers, lines of an index, and the lines that repeat at their upper and lower edges.

    From each edge inwards goes what stands at the same place of most pages, whatever numbers it holds; a line that is
    at the same place of a few pages in a row (the name of a chapter or course) stays on the first of them.
    """
    edges = [_edges(page) for page in pages]
    seen = Counter(key for page, rows in zip(pages, edges, strict=True) for key in _keys(page, rows, _shape))
    usual = {key for key, count in seen.items() if count > max(1, _MOSTLY * len(pages))}
    kept = []
    before: set[tuple[str, int]] = set()
    for page, sides in zip(pages, edges, strict=True):
        running: set[int] = set()
        for rows in sides:
            for row in rows:
                found = {at for at in row if _key(page[at], _shape) in usual or _key(page[at], str.lower) in before}
                if len(row) == 1 and _PAGE_NUMBER.fullmatch(page[row[0]].text):
                    found = {row[0]}
                running |= found
                if not found:
                    break
        kept.append([p for at, p in enumerate(page) if at not in running and not _INDEX_LINE.search(p.text)])
        before = _keys(page, sides, str.lower)
    return kept


_Sides = tuple[list[list[int]], list[list[int]]]


def _edges(page: Sequence[Piece]) -> _Sides:
    """The uppermost and the lowest rows of a page, from the edge inwards, as places in it."""
    rows: list[list[int]] = []
    for at in sorted(range(len(page)), key=lambda at: -page[at].y0):
        if rows and same_row(page[rows[-1][0]], page[at]):
            rows[-1].append(at)
        else:
            rows.append([at])
    return rows[:_EDGE_ROWS], rows[: -_EDGE_ROWS - 1 : -1]


def _keys(page: Sequence[Piece], sides: _Sides, form: Callable[[str], str]) -> set[tuple[str, int]]:
    return {_key(page[at], form) for rows in sides for row in rows for at in row}


def _key(piece: Piece, form: Callable[[str], str]) -> tuple[str, int]:
    """What is written where on the page."""
    return form(piece.text), round(piece.y0)


def _shape(line: str) -> str:
    return re.sub(r"\d+", "#", line.lower())


def body_size(pages: Sequence[Sequence[Piece]]) -> float:
    """Type size in which most of the text is set, in points."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for piece in page:
            sizes[round(2 * piece.size) / 2] += len(piece.text)
    return sizes.most_common(1)[0][0] if sizes else 10.0


def compose(pages: Sequence[Sequence[Piece]]) -> str:
    """The text of all pages: a paragraph, list item or table cell a line, headings behind an empty line."""
    size = body_size(pages)
    pieces = [piece for page in pages for piece in page]
    most = sum(len(piece.text) for piece in pieces if piece.bold)
    bold_tells = most < 0.4 * sum(len(piece.text) for piece in pieces)
    words = Counter(word.lower() for piece in pieces for word in _WORDS.findall(piece.text))
    parts: list[str] = []
    before: Piece | None = None
    for piece in pieces:
        heading = _is_heading(piece, size, bold_tells)
        if before is None:
            parts.append(piece.text)
        elif heading == _is_heading(before, size, bold_tells) and _continues(before, piece):
            parts.append(_mended(parts.pop(), piece.text, words))
        else:
            in_row = same_row(before, piece)
            starts = heading and not in_row and not _is_heading(before, size, bold_tells)
            parts.append(("\n\n" if starts else "\n") + piece.text)
        before = piece
    return "".join(parts).replace(BROKEN_WORD, "-")


def _is_heading(piece: Piece, size: float, bold_tells: bool) -> bool:
    """Whether a line is set off as a heading: larger, or bold where the text is not."""
    stands_out = piece.size > _LARGER * size or (piece.bold and bold_tells and piece.size > 0.85 * size)
    return stands_out and len(piece.text) <= _LONGEST_HEADING and not piece.text.endswith((".", ",", ";"))


def _continues(before: Piece, piece: Piece) -> bool:
    """Whether a line goes on with the paragraph of the one before it."""
    last = before.text
    if last.endswith(BROKEN_WORD) and piece.text[:1].islower():
        return True
    if _ITEM.match(piece.text) or same_row(before, piece) or abs(piece.size - before.size) > 0.15 * before.size:
        return False
    lower = piece.text[:1].islower() or (piece.text[:1] == "(" and len(last) >= _LONG_LINE)
    if last.endswith("-") and lower:
        return True
    indent = piece.x0 - before.x0
    item = _ITEM.match(last) is not None
    below = 0 < before.y0 - piece.y0 < 2.2 * before.size
    aligned = -6 * piece.size < indent < (4 if item else 0.7) * piece.size
    ends = last.endswith((".", ":", ";", "!", "?"))
    full = before.x1 + _first_word_width(piece) > before.right - 0.3 * before.size
    if not below or not aligned:
        return lower and not ends and (full or len(last) >= _LONG_LINE)
    if last.endswith(":"):
        return lower and full and len(last) >= _LONG_LINE
    # A line without a mark below an item that has one belongs to it.
    long = item or len(last) >= _LONG_LINE or _SMALL_WORD.search(last) is not None
    return full or (lower and not ends and long)


def _first_word_width(piece: Piece) -> float:
    return (piece.x1 - piece.x0) * (len(piece.text.split(" ", 1)[0]) + 1) / max(1, len(piece.text))


def _mended(text: str, more: str, words: Counter[str]) -> str:
    """Two lines as one; a word that was broken between them is whole again.

    >>> _mended("mecha-", "tronic systems", Counter()), _mended("state-of-the-", "art", Counter())
    ('mechatronic systems', 'state-of-the-art')
    """
    if text[-1:] not in ("-", BROKEN_WORD) or not more[:1].islower() or not text[-2:-1].isalpha():
        return f"{text} {more}"
    first, second = _WORDS.findall(text[:-1])[-1].lower(), _WORDS.findall(more)[0].lower()
    whole, hyphened = first + second, f"{first}-{second}"
    keeps = words[hyphened] > words[whole] or (not words[whole] and ("-" in first or first in _PREFIXES))
    return f"{text[:-1]}{'-' if keeps else ''}{more}"
