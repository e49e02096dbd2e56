"""Text of a PDF as a reader sees it: page by page, column by column, with its headings."""

from __future__ import annotations

import ctypes
import re
from pathlib import Path
from typing import Any

from skillmatch.errors import UnreadableDocument
from skillmatch.files.content import MAX_TEXT, Content, fitting_title, first_line
from skillmatch.files.formats import brief
from skillmatch.files.layout import CELL_GAP, Piece, is_bullet, reading_order, same_row
from skillmatch.files.paragraphs import body_size, compose, without_running_heads

_MAX_PAGES = 1_000
#: More characters on one page than this are no page of text: they are taken as they come, without their places.
_MAX_PLACED = 60_000
_BOLD_NAME = re.compile(r"bold|black|heavy|demi|semib", re.IGNORECASE)
_FORCE_BOLD = 1 << 18
_NUMBER = re.compile(r"\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]")


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
    return Content(fitting_title(title) or _largest_line(pages) or first_line(text), text)


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
        if last and same_row(last, piece) and 0 <= piece.x0 - last.x1 < CELL_GAP * piece.size and piece.right == last.right:
            space = "" if piece.x0 - last.x1 < 0.1 * piece.size else " "
            ordered[-1] = _joined(last, piece, space)
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
    characters: list[tuple[str, float, float, float, float, int]] = []
    for index in range(textpage.count_chars()):
        code = pdfium.FPDFText_GetUnicode(raw, index)
        if code in (0x0D, 0x0A):
            characters.append(("\n", 0, 0, 0, 0, index))
        elif code and pdfium.FPDFText_GetLooseCharBox(raw, index, box):
            character = "\u00ad" if code in (0x02, 0xFFFE) else chr(code)
            characters.append((character, box.left, box.right, box.bottom, box.top, index))
    pieces: list[Piece] = []
    run: list[tuple[str, float, float, float, float, int]] = []
    for character in [*_upright(characters), ("\n", 0.0, 0.0, 0.0, 0.0, 0)]:
        name, x0, x1, y0, y1, _ = character
        if run and name not in "\n " and not _goes_on(run, x0, y0, y1):
            pieces += _piece(run, raw)
            run = []
        if name == "\n":
            pieces += _piece(run, raw)
            run = []
        elif name != " " or run:
            run.append(character)
    return pieces


def _goes_on(run: list[tuple[str, float, float, float, float, int]], x0: float, y0: float, y1: float) -> bool:
    """Whether a character belongs to a run: on its line, and no wide gap behind it."""
    last = next((character for character in reversed(run) if character[0] != " "), run[-1])
    size = max(y1 - y0, last[4] - last[3], 1.0)
    return -2 * size < x0 - last[2] < CELL_GAP * size and y0 < last[4] and y1 > last[3]


def _upright(
    characters: list[tuple[str, float, float, float, float, int]],
) -> list[tuple[str, float, float, float, float, int]]:
    """Boxes turned so that the text of the page runs to the right, however it is printed."""
    across = up = 0.0
    for before, after in zip(characters, characters[1:], strict=False):
        if "\n" not in (before[0], after[0]) and before[0] != " ":
            across += max(-20.0, min(20.0, after[1] - before[1]))
            up += max(-20.0, min(20.0, after[3] - before[3]))
    if abs(up) <= abs(across):
        if across >= 0:
            return characters
        return [(c, -x1, -x0, -y1, -y0, i) for c, x0, x1, y0, y1, i in characters]
    if up > 0:
        return [(c, y0, y1, -x1, -x0, i) for c, x0, x1, y0, y1, i in characters]
    return [(c, -y1, -y0, x0, x1, i) for c, x0, x1, y0, y1, i in characters]


def _piece(run: list[tuple[str, float, float, float, float, int]], raw: Any) -> list[Piece]:
    """The piece of a run, none where it holds only spaces."""
    inked = [character for character in run if character[0] != " "]
    text = " ".join("".join(character[0] for character in run).split())
    if not text:
        return []
    probes = {inked[0][5], inked[len(inked) // 2][5], inked[-1][5]}
    return [
        Piece(
            text,
            min(character[1] for character in inked),
            max(character[2] for character in inked),
            min(inked, key=lambda character: character[4] - character[3])[3] if len(inked) < 3 else _middle(inked, 3),
            _middle(inked, 4),
            all(_is_bold(raw, index) for index in probes),
        )
    ]


def _middle(inked: list[tuple[str, float, float, float, float, int]], side: int) -> float:
    """The usual foot or head of the characters, whatever is set higher or lower."""
    values = sorted(character[side] for character in inked)
    return float(values[len(values) // 2])


def _is_bold(raw: Any, index: int) -> bool:
    import pypdfium2.raw as pdfium

    name, flags = ctypes.create_string_buffer(128), ctypes.c_int()
    pdfium.FPDFText_GetFontInfo(raw, index, name, 128, flags)
    heavy = pdfium.FPDFText_GetFontWeight(raw, index) >= 600
    return heavy or bool(flags.value & _FORCE_BOLD) or bool(_BOLD_NAME.search(name.value.decode("latin-1")))
