"""The text of one document file: TXT, Markdown, HTML, DOCX, PDF."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from skillmatch.documents.formats import brief, decode, office_problem
from skillmatch.documents.jsonld import parse_scripts
from skillmatch.errors import InputError, UnreadableDocument

SUFFIXES = (".txt", ".md", ".markdown", ".html", ".htm", ".docx", ".pdf")
MAX_BYTES = 20_000_000
_MAX_UNPACKED = 200_000_000
_MAX_PAGES = 1_000
_MAX_UNCLOSED = 5_000
_NOT_CONTENT = "script,style,noscript,template,nav,header,footer,aside,form,button,select,svg,iframe"
_BLOCKS = "p,div,section,article,ul,ol,table,tr,br,h1,h2,h3,h4,h5,h6,dt,dd,pre,blockquote,main"
#: Marks a line break of a page while its source is still full of those that mean nothing.
_BREAK = "\ue000"
_HYPHENATED = re.compile(r"(?<=[a-zà-ù])[-\u00ad\ufffe\x02]\s*\n\s*(?=[a-zà-ù])")
#: A full line that goes on in lower case was broken by the margin, not by its author.
_WRAPPED = re.compile(r"^(.{50,}[^\s.:;!?])[ \t]*\r?\n[ \t]*(?=[a-zà-ù(])", re.MULTILINE)
_WORD_TITLE = re.compile(r"^Microsoft Word - |\.docx?$")
# What python-docx passes over in silence: content controls of forms, insertions not yet accepted.
_WRAPPERS = "//w:sdt | //w:ins[w:r] | //w:moveTo[w:r] | //w:smartTag | //w:customXml"


class Content(NamedTuple):
    """What a file holds: its title ("" where it has none), its text, and structured records found in it."""

    title: str
    text: str
    records: tuple[dict[str, Any], ...] = ()


def read_file(path: Path) -> Content:
    """Title and text of one document.

    Raises
    ------
    UnreadableDocument : too large, password-protected, damaged, or not what its name says.
    """
    size = path.stat().st_size
    if size == 0:
        raise UnreadableDocument("the file is empty")
    if size > MAX_BYTES:
        raise UnreadableDocument(
            f"the file has {size / 1e6:.1f} MB, more than {MAX_BYTES / 1e6:.0f} MB for one document",
            remedy="split it",
        )
    suffix = path.suffix.lower()
    if suffix == ".pdf":
        return _pdf(path)
    if suffix == ".docx":
        return _docx(path)
    try:
        text = decode(path.read_bytes(), path)
    except InputError as error:
        raise UnreadableDocument(str(error)) from error
    if suffix in (".html", ".htm"):
        return _html(text)
    text = _WRAPPED.sub(r"\1 ", text)
    return Content(_first_line(text), text)


def _first_line(text: str) -> str:
    """The first line that is not empty, where it is short enough for a title."""
    line = next((line.strip(" #*=-\t") for line in text.splitlines() if line.strip(" #*=-\t")), "")
    return line if len(line) <= 120 else ""


def _html(source: str) -> Content:
    opened = source.count("<div") - source.count("</div") if "<div" in source else 0
    if opened > _MAX_UNCLOSED:  # the parser's time grows with the square of the depth
        raise UnreadableDocument(f"the HTML leaves {opened} elements open", remedy="save it again")
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(source)
    records = parse_scripts([node.text() for node in tree.css('script[type="application/ld+json"]')])
    heading = tree.css_first("h1") or tree.css_first("title")
    title = " ".join(heading.text().split()) if heading is not None else ""
    for node in tree.css(_NOT_CONTENT):
        # A course page may keep its title in <header>; the title is taken already.
        node.decompose()
    for node in tree.css("pre"):
        node.replace_with(_BREAK + node.text().replace("\n", _BREAK) + _BREAK)
    for node in tree.css("li"):
        node.insert_before(f"{_BREAK}- ")
    for node in tree.css("td,th"):
        node.insert_after(" ")
    for node in tree.css(_BLOCKS):
        node.insert_before(_BREAK)
        node.insert_after(_BREAK)
    root = tree.css_first("main") or tree.body
    lines = (" ".join(line.split()) for line in (root.text() if root is not None else "").split(_BREAK))
    text = "\n".join(line for line in lines if line)
    if len(records) == 1 and not records[0].get("description"):
        records[0]["description"] = text  # the page of one course or job, whose data leave out what it says
    return Content(title[:200], text, tuple(records))


def _docx(path: Path) -> Content:
    if problem := office_problem(path, most=_MAX_UNPACKED):
        raise UnreadableDocument(f"no readable DOCX ({problem})", remedy="save it as DOCX without a password")
    try:
        return _docx_content(path)
    except Exception as error:
        # python-docx raises whatever its XML and ZIP layers raise; for the run it is one thing: no DOCX.
        raise UnreadableDocument(f"no readable DOCX ({brief(error)})", remedy="save it again") from error


def _docx_content(path: Path) -> Content:
    import docx
    from docx.oxml.ns import qn
    from docx.table import Table

    document = docx.Document(str(path))
    for wrapper in document.element.body.xpath(_WRAPPERS):
        inner = wrapper.find(qn("w:sdtContent"))
        for child in wrapper if inner is None else inner:
            wrapper.addprevious(child)
        wrapper.getparent().remove(wrapper)
    lines: list[str] = []
    title = (document.core_properties.title or "").strip()
    for block in document.iter_inner_content():
        if isinstance(block, Table):
            lines.extend(_table_lines(block))
            continue
        text = block.text.strip()
        style = (block.style.name if block.style is not None else "") or ""
        if style == "Title" and text:
            title = text
        numbered = block._p.pPr is not None and block._p.pPr.numPr is not None
        is_item = style.startswith("List") or (numbered and not style.startswith("Heading"))
        lines.append(f"- {text}" if is_item and text else text)
    text = "\n".join(lines)
    return Content(title or _first_line(text), text)


def _table_lines(table: Any) -> list[str]:
    """The texts of a table's cells, row by row, each merged cell once."""
    lines = []
    seen = set()
    for row in table.rows:
        for cell in row.cells:  # a merged cell comes once for each place that it covers
            if cell._tc not in seen and cell.text.strip():
                lines.append(cell.text.strip())
            seen.add(cell._tc)
    return lines


def _pdf(path: Path) -> Content:
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
        pages = [page.get_textpage().get_text_bounded().replace("\r", "") for page in document]
        title = _WORD_TITLE.sub("", (document.get_metadata_value("Title") or "").strip())
    except pypdfium2.PdfiumError as error:
        raise UnreadableDocument(
            f"a page of the PDF cannot be read ({brief(error)})", remedy="save it again"
        ) from error
    finally:
        document.close()
    text = _WRAPPED.sub(r"\1 ", _HYPHENATED.sub("", "\n".join(_without_running_heads(pages))))
    if not text.strip():
        raise UnreadableDocument("the PDF holds no text (a scan?)", remedy="run OCR on it first")
    return Content(title or _first_line(text), text)


def _without_running_heads(pages: list[str]) -> list[str]:
    """Pages without the lines that stand on most of them: headers and footers, whatever their page numbers."""
    if len(pages) < 3:
        return pages
    seen = Counter(line for page in pages for line in {_shape(line) for line in page.split("\n")} if line)
    repeated = {line for line, count in seen.items() if count > 0.6 * len(pages)}
    return ["\n".join(line for line in page.split("\n") if _shape(line) not in repeated) for page in pages]


def _shape(line: str) -> str:
    return re.sub(r"\d+", "#", line.strip())
