"""Lines of a printed page in the order in which a person reads them, from where its pieces of text stand.

Programs that write PDF put the text down in reading order more often than not, so that order is kept unless the page
itself speaks against it: columns written line by line across the gutter, or pieces in no order at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

#: A gap of so many type sizes parts two cells of a table; spaces of justified text stay below.
CELL_GAP = 1.4
_BULLETS = frozenset("•●▪◦·‣➢✓✔∙◆■□▸►○–—−*-\uf0b7\uf0a7\uf0d8\uf076\uf0fc")
_FEWEST_LINES = 5
_FILLED = 0.55
_LOWER = 0.25
_BLANK = 0.9


@dataclass(frozen=True)
class Piece:
    """Text without a gap, with its box in points (``y0`` is the foot); ``right`` is where its column ends."""

    text: str
    x0: float
    x1: float
    y0: float
    y1: float
    bold: bool = False
    right: float = 0.0

    @property
    def size(self) -> float:
        """Height of the line, in points."""
        return self.y1 - self.y0


def reading_order(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces of a page in reading order, each with the right edge of its column.

    Columns of prose are read one after the other; a table row by row, cell by cell.

    >>> page = [Piece(f"{'left' if x < 300 else 'right'} words {line}", x, x + 230, 700 - 12 * line, 710 - 12 * line)
    ...         for line in range(6) for x in (40, 310)]
    >>> page = [replace(piece, text=piece.text.lower()) for piece in page]
    >>> [piece.text for piece in reading_order(page)][5:7]
    ['left words 5', 'right words 0']
    """
    if len(pieces) < 2:
        return [replace(piece, right=piece.x1) for piece in pieces]
    ordered = _rows(pieces) if _out_of_order(pieces) else list(pieces)
    gutter = _gutter(ordered)
    if gutter is None:
        return _with_edge(ordered)
    place = {id(piece): at for at, piece in enumerate(ordered)}
    bands = _bands(ordered, gutter)
    columns = [band for band in bands if _is_prose(band, gutter)]
    if not columns:
        return _with_edge(ordered)
    edges: dict[int, float] = {}
    for band in columns:
        for side in _sides(band, gutter):
            edge = max(piece.x1 for piece in side)
            edges.update({id(piece): edge for piece in side})
    if any(_interleaved(band, gutter, place) for band in columns):
        ordered = []
        for band in bands:
            if band in columns:
                left, right = _sides(band, gutter)
                ordered += reading_order(left) + reading_order(right)
            else:
                ordered += sorted(band, key=lambda piece: place[id(piece)])
    edge = max(piece.x1 for piece in pieces)
    return [piece if piece.right else replace(piece, right=edges.get(id(piece), edge)) for piece in ordered]


def same_row(one: Piece, other: Piece) -> bool:
    """Whether two pieces stand on one line of the page."""
    return abs(one.y0 - other.y0) < 0.5 * min(one.size, other.size)


def is_bullet(text: str) -> bool:
    """Whether a piece is nothing but the mark of a list item."""
    return len(text) == 1 and (text in _BULLETS or 0xE000 <= ord(text) <= 0xF8FF)


def _with_edge(pieces: list[Piece]) -> list[Piece]:
    edge = max(piece.x1 for piece in pieces)
    return [replace(piece, right=edge) for piece in pieces]


def _rows(pieces: Sequence[Piece]) -> list[Piece]:
    """Row by row from the top, each from the left."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: (-piece.y0, piece.x0)):
        if rows and same_row(rows[-1][0], piece):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [piece for row in rows for piece in sorted(row, key=lambda piece: piece.x0)]


def _out_of_order(pieces: Sequence[Piece]) -> bool:
    """Whether the text often goes on above where it was, in the same column."""
    back = sum(
        after.y0 > before.y0 + 1.5 * before.size and after.x0 < before.x1 and after.x1 > before.x0
        for before, after in pairwise(pieces)
    )
    return back > max(1, 0.15 * len(pieces))


def _gutter(pieces: Sequence[Piece]) -> float | None:
    """Where the page may be parted in two columns: the least covered stretch in its middle half."""
    low, high = min(piece.x0 for piece in pieces), max(piece.x1 for piece in pieces)
    size = median(piece.size for piece in pieces)
    bins = int((high - low) / 2) + 1
    if high - low < 25 * size or bins > 5_000:
        return None
    change = [0] * (bins + 2)
    for piece in pieces:
        change[int((piece.x0 - low) / 2)] += 1
        change[int((piece.x1 - low) / 2) + 1] -= 1
    covered, total = [], 0
    for step in change[:bins]:
        total += step
        covered.append(total)
    first, last = bins // 4, bins - bins // 4
    least = min(covered[first:last])
    if least > 0.3 * len(pieces):
        return None
    runs, start = [], None
    for at in range(first, last + 1):
        if at < last and covered[at] == least:
            start = at if start is None else start
        elif start is not None:
            runs.append((at - start, start))
            start = None
    length, start = max(runs)
    return low + 2 * (start + length / 2)


def _bands(pieces: Sequence[Piece], gutter: float) -> list[list[Piece]]:
    """Runs of pieces from the top that keep to their side of the gutter, and between them those that cross it."""
    bands: list[list[Piece]] = [[]]
    crossing = False
    for piece in _rows(pieces):
        crosses = piece.x0 < gutter < piece.x1
        if crosses != crossing and bands[-1]:
            bands.append([])
        crossing = crosses
        bands[-1].append(piece)
    return [part for band in bands for part in _without_tables(band, gutter)]


def _without_tables(band: Sequence[Piece], gutter: float) -> list[list[Piece]]:
    """A band without what stands above its columns, and the tables above or below them, each by itself."""
    strips: list[list[Piece]] = []
    foot = 0.0
    for piece in band:
        if not strips or foot - piece.y1 > _BLANK * piece.size:
            strips.append([])
            foot = piece.y0
        strips[-1].append(piece)
        foot = min(foot, piece.y0)
    first, last = 0, len(strips)
    while first < last and (_is_table(strips[first], gutter) or not all(_sides(strips[first], gutter))):
        first += 1
    while last > first and _is_table(strips[last - 1], gutter):
        last -= 1
    middle = [piece for strip in strips[first:last] for piece in strip]
    return [part for part in (*strips[:first], middle, *strips[last:]) if part]


def _is_table(strip: Sequence[Piece], gutter: float) -> bool:
    """Whether rows of a strip go over the gutter, and its lines do not run on."""
    in_rows = any(same_row(before, after) and before.x1 <= gutter <= after.x0 for before, after in pairwise(strip))
    return in_rows and not _runs_on(strip)


def _runs_on(pieces: Sequence[Piece]) -> bool:
    """Whether enough lines begin in lower case: they go on with a sentence."""
    return sum(piece.text.lstrip("- ")[:1].islower() for piece in pieces) >= _LOWER * len(pieces)


def _sides(band: Sequence[Piece], gutter: float) -> tuple[list[Piece], list[Piece]]:
    return [p for p in band if p.x1 <= gutter], [p for p in band if p.x0 >= gutter]


def _is_prose(band: Sequence[Piece], gutter: float) -> bool:
    """Whether both sides of a band are filled with lines that run on, unlike the cells of a table."""
    sides = _sides(band, gutter)
    if any(len(side) < _FEWEST_LINES for side in sides) or sum(map(len, sides)) < len(band):
        return False
    for side in sides:
        width = max(piece.x1 for piece in side) - min(piece.x0 for piece in side)
        if width < 10 * median(piece.size for piece in side):
            return False
        if median(piece.x1 - piece.x0 for piece in side) < _FILLED * width:
            return False
        if not _runs_on(side):
            return False
    return True


def _interleaved(band: Sequence[Piece], gutter: float, place: dict[int, int]) -> bool:
    """Whether the text goes to and fro between the sides, line by line."""
    written = sorted(band, key=lambda piece: place[id(piece)])
    changes = sum((before.x1 <= gutter) != (after.x1 <= gutter) for before, after in pairwise(written))
    return changes > max(1, 0.2 * len(band))
