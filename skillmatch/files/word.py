"""Text of a DOCX file in the order of the document: headings, lists, tables, text boxes, forms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from skillmatch.errors import UnreadableDocument
from skillmatch.files.content import MAX_TEXT, Content, borne_out, first_line, fitting_title
from skillmatch.files.formats import brief, office_problem

_MAX_UNPACKED = 200_000_000
_MAX_NESTED = 40
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_ALTERNATIVE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_BOXES = (f"{_W}txbxContent", f"{_W}drawing", f"{_W}pict", _ALTERNATIVE)
#: What is no text of the document: deleted or moved away, instructions of fields, properties.
_NO_TEXT = {f"{_W}{name}" for name in ("del", "moveFrom", "instrText", "delText", "pPr", "rPr", "tblPr", "sectPr")}
_BREAKS = {f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}tab": "\t", f"{_W}noBreakHyphen": "-"}
_HEADING_STYLE = re.compile(r"(?i)(?:heading|titolo|überschrift|title|subtitle|sottotitolo)\b(?!.*toc)")
_CONTENTS_STYLE = re.compile(r"(?i)(?:toc|sommario|indice)\b")
_LONGEST_HEADING = 90


def read_docx(path: Path) -> Content:
    """Title and text of a DOCX file.

    Raises
    ------
    UnreadableDocument : protected, damaged, or unpacked it is too large.
    """
    if problem := office_problem(path, most=_MAX_UNPACKED):
        raise UnreadableDocument(f"no readable DOCX ({problem})", remedy="save it as DOCX without a password")
    try:
        return _content(path)
    except UnreadableDocument:
        raise
    except Exception as error:
        # python-docx raises whatever its XML and ZIP layers raise; for the run it is one thing: no DOCX.
        raise UnreadableDocument(f"no readable DOCX ({brief(error)})", remedy="save it again") from error


def _content(path: Path) -> Content:
    import docx

    document = docx.Document(str(path))
    walker = _Walker(document)
    lines: list[str] = []
    length = 0
    for line in walker.lines(document.element.body, 0):
        lines.append(line)
        length += len(line) + 1
        if length > MAX_TEXT:
            raise UnreadableDocument(f"the DOCX has more than {MAX_TEXT:,} characters", remedy="split it")
    text = "\n".join(lines).strip("\n")
    stated = borne_out(fitting_title(document.core_properties.title or ""), text)
    return Content(walker.title or stated or first_line(text), text)


class _Walker:
    """Goes through the elements of a document and keeps the title that it meets."""

    def __init__(self, document: Any) -> None:
        self.title = ""
        styles = {style.style_id: style for style in document.styles}
        default = next((s.style_id for s in document.styles if s.type == 1 and s.element.get(f"{_W}default")), "")

        @cache
        def style(style_id: str) -> tuple[str, bool, bool]:
            """Name of a style; whether it is one of headings; whether it is one of lists. Inherited from its bases."""
            found, name, heading, listed = styles.get(style_id or default), "", False, False
            for _ in range(10):
                if found is None:
                    break
                own = found.name or ""
                name = name or own
                outlined = found.element.find(f".//{_W}outlineLvl") is not None
                heading = heading or outlined or _HEADING_STYLE.match(own) is not None
                listed = listed or own.startswith("List") or found.element.find(f".//{_W}numPr") is not None
                found = getattr(found, "base_style", None)
            return name, heading, listed and not heading

        self._style = style

    def lines(self, parent: Any, depth: int) -> Iterator[str]:
        """Lines of all paragraphs and tables below an element, whatever they are wrapped in."""
        if depth > _MAX_NESTED:
            raise UnreadableDocument("the DOCX is nested too deeply", remedy="save it again")
        for element in parent:
            if element.tag == f"{_W}p":
                yield from self._paragraph(element, depth)
            elif element.tag == f"{_W}tbl":
                yield from self._table(element, depth)
            elif element.tag not in _NO_TEXT and len(element):
                yield from self.lines(element, depth + 1)

    def _table(self, table: Any, depth: int) -> Iterator[str]:
        """Cell by cell; a cell that goes on from the row above is part of that one."""
        for row in table.iter(f"{_W}tr"):
            if next(row.iterancestors(f"{_W}tbl")) is not table:
                continue  # of a table within a cell, which comes with that cell
            for cell in row.iter(f"{_W}tc"):
                if next(cell.iterancestors(f"{_W}tr")) is row and not _goes_on(cell):
                    yield from (line for line in self.lines(cell, depth + 1) if line.strip())

    def _paragraph(self, paragraph: Any, depth: int) -> Iterator[str]:
        properties = paragraph.find(f"{_W}pPr")
        style_id, numbered, outlined = "", False, False
        if properties is not None:
            named = properties.find(f"{_W}pStyle")
            style_id = named.get(f"{_W}val", "") if named is not None else ""
            number = properties.find(f"{_W}numPr/{_W}numId")
            numbered = number is not None and number.get(f"{_W}val") != "0"
            outlined = properties.find(f"{_W}outlineLvl") is not None
        name, heading, listed = self._style(style_id)
        if _CONTENTS_STYLE.match(name):
            return
        boxes: list[Any] = []
        text = "".join(_runs(paragraph, boxes)).strip()
        if text:
            if name == "Title" and not self.title:
                self.title = fitting_title(text)
            if heading or outlined or (not (numbered or listed) and _is_bold(paragraph, text)):
                yield f"\n{text}"
            else:
                yield f"- {text}" if numbered or listed else text
        elif not boxes:
            yield ""
        for box in boxes:
            yield from self.lines(box, depth + 1)


def _goes_on(cell: Any) -> bool:
    merged = cell.find(f"{_W}tcPr/{_W}vMerge")
    return merged is not None and merged.get(f"{_W}val") != "restart"


def _runs(element: Any, boxes: list[Any]) -> Iterator[str]:
    """Text of a paragraph; text boxes are put aside, each once, though Word writes them twice for old readers."""
    for child in element:
        if child.tag == f"{_W}t":
            yield child.text or ""
        elif child.tag in _BREAKS:
            yield _BREAKS[child.tag]
        elif child.tag in _BOXES:
            boxes.extend(
                box
                for box in child.iter(f"{_W}txbxContent")
                if child.tag != _ALTERNATIVE or next(box.iterancestors(_FALLBACK), None) is None
            )
        elif child.tag not in _NO_TEXT and len(child):
            yield from _runs(child, boxes)


def _is_bold(paragraph: Any, text: str) -> bool:
    """Whether a short paragraph is bold as a whole, which authors without styles use for headings."""
    if len(text) > _LONGEST_HEADING or text.endswith((".", ",", ";")):
        return False
    runs = [run for run in paragraph.iter(f"{_W}r") if any((t.text or "").strip() for t in run.iter(f"{_W}t"))]
    return bool(runs) and all(_switched_on(run.find(f"{_W}rPr/{_W}b")) for run in runs)


def _switched_on(toggle: Any) -> bool:
    return toggle is not None and toggle.get(f"{_W}val", "1") not in ("0", "false", "off")
