"""Text of a PDF as a reader sees it: page by page, column by column, with its headings."""

from __future__ import annotations

import ctypes
import re
from itertools import pairwise
from pathlib import Path
from statistics import median_low
from typing import Any, NamedTuple

from skillmatch.errors import UnreadableDocument
from skillmatch.files.content import MAX_TEXT, Content, borne_out, first_line, fitting_title
from skillmatch.files.formats import brief
from skillmatch.files.layout import CELL_GAP, Piece, is_bullet, reading_order, same_row
from skillmatch.files.paragraphs import BROKEN_WORD, body_size, compose, without_running_heads

_MAX_PAGES = 1_000
#: More characters on one page than this are no page of text: they are taken as they come, without their places.
_MAX_PLACED = 60_000
_BOLD_NAME = re.compile(r"bold|black|heavy|demi|semib", re.IGNORECASE)
_FORCE_BOLD = 1 << 18
_END = "\n"
_NUMBER = re.compile(r"\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]")


class Character(NamedTuple):
    """A character with its box in points and its place in the file."""

    name: str
    x0: float
    x1: float
    y0: float
    y1: float
    place: int


def read_pdf(path: Path) -> Content:
    """Title and text of a PDF.

    Raises
    ------
    UnreadableDocument : protected, damaged, too long, or without text.
    """
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise UnreadableDocument("the PDF is protected by a password", remedy="save a copy without it") from error
        raise UnreadableDocument(f"no readable PDF ({brief(error)})", remedy="save it again") from error
    try:
        if len(document) > _MAX_PAGES:
            raise UnreadableDocument(f"the PDF has {len(document)} pages, more than {_MAX_PAGES}", remedy="split it")
        pages, characters = [], 0
        for page in document:
            textpage = page.get_textpage()
            characters += textpage.count_chars()
            if characters > MAX_TEXT:
                raise UnreadableDocument(f"the PDF has more than {MAX_TEXT:,} characters", remedy="split it")
            pages.append(_lines(textpage))
            textpage.close()
            page.close()
        title = (document.get_metadata_value("Title") or "").strip()
    except pypdfium2.PdfiumError as error:
        raise UnreadableDocument(
            f"a page of the PDF cannot be read ({brief(error)})", remedy="save it again"
        ) from error
    finally:
        document.close()
    pages = without_running_heads(pages)
    text = compose(pages)
    if not text.strip():
        raise UnreadableDocument("the PDF holds no text (a scan?)", remedy="run OCR on it first")
    return Content(borne_out(fitting_title(title), text) or _largest_line(pages) or first_line(text), text)


def _largest_line(pages: list[list[Piece]]) -> str:
    """The line in the largest type on the first page, where it stands out."""
    lines = [line for line in (pages[0] if pages else []) if any(map(str.isalpha, line.text))]
    if not lines:
        return ""
    largest = max(lines, key=lambda line: line.size)  # the first of those
    return fitting_title(largest.text) if largest.size > 1.15 * body_size(pages) else ""


def _lines(textpage: Any) -> list[Piece]:
    """Pieces of a page in reading order; those that stand side by side without a gap are one."""
    if textpage.count_chars() > _MAX_PLACED:
        plain = textpage.get_text_bounded().replace("\r", "").split("\n")
        return [Piece(line, 0, len(line), -12.0 * at, 10 - 12.0 * at) for at, line in enumerate(plain) if line]
    ordered: list[Piece] = []
    for piece in reading_order(_with_marks(_pieces(textpage))):
        last = ordered[-1] if ordered else None
        gap = (piece.x0 - last.x1) / piece.size if last and piece.size else -1.0
        if last and same_row(last, piece) and 0 <= gap < CELL_GAP and piece.right == last.right:
            ordered[-1] = _joined(last, piece, "" if gap < 0.1 else " ")
        else:
            ordered.append(piece)
    return ordered


def _joined(left: Piece, right: Piece, space: str = " ") -> Piece:
    return Piece(
        f"{left.text}{space}{right.text}", left.x0, right.x1, min(left.y0, right.y0), max(left.y1, right.y1),
        left.bold and right.bold, right.right,
    )  # fmt: skip


def _with_marks(pieces: list[Piece]) -> list[Piece]:
    """Bullets and numbers of list items, which stand apart, joined to their items."""
    marked: list[Piece] = []
    for piece in pieces:
        last = marked[-1] if marked else None
        if last and same_row(last, piece) and 0 <= piece.x0 - last.x1 < 5 * piece.size:
            if is_bullet(last.text) or last.text == "o":
                marked[-1] = _joined(Piece("-", last.x0, last.x1, piece.y0, piece.y1, piece.bold), piece)
                continue
            if _NUMBER.fullmatch(last.text):
                marked[-1] = _joined(last, piece)
                continue
        marked.append(piece)
    return [
        Piece(f"- {p.text[1:].lstrip()}", p.x0, p.x1, p.y0, p.y1, p.bold) if len(p.text) > 2 and _marked(p.text) else p
        for p in marked
    ]


def _marked(text: str) -> bool:
    return is_bullet(text[0]) and (text[1] == " " or text[0] not in "-–—−*")


def _pieces(textpage: Any) -> list[Piece]:
    """Runs of characters in the order of the file, cut at line ends and wide gaps."""
    import pypdfium2.raw as pdfium

    raw, box = textpage.raw, pdfium.FS_RECTF()
    characters = []
    for index in range(textpage.count_chars()):
        code = pdfium.FPDFText_GetUnicode(raw, index)
        if code in (0x0D, 0x0A):
            characters.append(Character(_END, 0, 0, 0, 0, index))
        elif code and pdfium.FPDFText_GetLooseCharBox(raw, index, box):
            name = BROKEN_WORD if code in (0x02, 0xFFFE) else chr(code)
            characters.append(Character(name, box.left, box.right, box.bottom, box.top, index))
    pieces: list[Piece] = []
    run: list[Character] = []
    for character in [*_upright(characters), Character(_END, 0, 0, 0, 0, 0)]:
        space = character.name.isspace()
        if character.name == _END or (run and not space and not _goes_on(run, character)):
            pieces += _piece(run, raw)
            run = []
        if run or not space:
            run.append(character)
    return pieces


def _goes_on(run: list[Character], character: Character) -> bool:
    """Whether a character belongs to a run: on its line, and no wide gap behind it."""
    last = next((before for before in reversed(run) if not before.name.isspace()), run[-1])
    size = max(character.y1 - character.y0, last.y1 - last.y0, 1.0)
    on_line = character.y0 < last.y1 and character.y1 > last.y0
    return on_line and -2 * size < character.x0 - last.x1 < CELL_GAP * size


def _upright(characters: list[Character]) -> list[Character]:
    """Boxes turned so that the text of the page runs to the right, however it is printed."""
    across = up = 0.0
    for before, after in pairwise(characters):
        if not before.name.isspace() and after.name != _END:
            across += max(-20.0, min(20.0, after.x0 - before.x0))
            up += max(-20.0, min(20.0, after.y0 - before.y0))
    if abs(up) <= abs(across):
        if across >= 0:
            return characters
        return [Character(c, -x1, -x0, -y1, -y0, i) for c, x0, x1, y0, y1, i in characters]
    if up > 0:
        return [Character(c, y0, y1, -x1, -x0, i) for c, x0, x1, y0, y1, i in characters]
    return [Character(c, -y1, -y0, x0, x1, i) for c, x0, x1, y0, y1, i in characters]


def _piece(run: list[Character], raw: Any) -> list[Piece]:
    """The piece of a run, none where it holds only spaces. Its foot and head are those of its usual characters."""
    inked = [character for character in run if not character.name.isspace()]
    if not inked:
        return []
    text = " ".join("".join(character.name for character in run).split())
    x0, x1 = min(character.x0 for character in inked), max(character.x1 for character in inked)
    y0, y1 = median_low(character.y0 for character in inked), median_low(character.y1 for character in inked)
    probes = {inked[0].place, inked[len(inked) // 2].place, inked[-1].place}
    return [Piece(text, x0, x1, y0, y1, all(_is_bold(raw, index) for index in probes))]


def _is_bold(raw: Any, index: int) -> bool:
    import pypdfium2.raw as pdfium

    name, flags = ctypes.create_string_buffer(128), ctypes.c_int()
    pdfium.FPDFText_GetFontInfo(raw, index, name, 128, flags)
    heavy = pdfium.FPDFText_GetFontWeight(raw, index) >= 600
    return heavy or bool(flags.value & _FORCE_BOLD) or bool(_BOLD_NAME.search(name.value.decode("latin-1")))
