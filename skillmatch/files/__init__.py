"""Documents as they come: the title and text of one TXT, Markdown, HTML, DOCX or PDF file.

A heading stands on a line of its own behind an empty line, an item of a list begins with ``"- "``, each cell of a table
has its own line: so the layout reaches the sections (`skillmatch.sections`) as plain text. Nothing here knows of spaCy
or pandas, since PDF, DOCX and HTML are read in a process of their own (`skillmatch.files.bounded`).
"""

from __future__ import annotations

import re
from pathlib import Path

from skillmatch.errors import InputError, UnreadableDocument
from skillmatch.files.content import MAX_TEXT, Content, first_line
from skillmatch.files.formats import decode

__all__ = ["COMPLEX", "MAX_BYTES", "MAX_TEXT", "SUFFIXES", "Content", "read_complex", "read_file"]

SUFFIXES = (".txt", ".md", ".markdown", ".html", ".htm", ".docx", ".pdf")
#: These go through libraries that a hostile file can keep busy, or bring down.
COMPLEX = (".html", ".htm", ".docx", ".pdf")
MAX_BYTES = 20_000_000
#: A full line that goes on in lower case was broken by the margin, not by its author.
_WRAPPED = re.compile(r"^(.{50,}[^\s.:;!?])[ \t]{0,20}\r?\n[ \t]{0,20}(?=[a-zà-ù(])", re.MULTILINE)


def read_file(path: Path) -> Content:
    """Title and text of one document.

    Raises
    ------
    UnreadableDocument : too large, password-protected, damaged, not what its name says, or not done within the bounds
        of time and memory.
    """
    size = path.stat().st_size
    if size == 0:
        raise UnreadableDocument("the file is empty")
    if size > MAX_BYTES:
        raise UnreadableDocument(
            f"the file has {size / 1e6:.1f} MB, more than {MAX_BYTES / 1e6:.0f} MB for one document",
            remedy="split it",
        )
    if path.suffix.lower() in COMPLEX:
        from skillmatch.files.bounded import read_bounded

        return read_bounded(path)
    text = _WRAPPED.sub(r"\1 ", _decoded(path))
    if path.suffix.lower() in (".md", ".markdown"):
        from skillmatch.files.markdown import read_markdown

        return read_markdown(text)
    return Content(first_line(text), text)


def read_complex(path: Path) -> Content:
    """The same for PDF, DOCX and HTML, without bounds: what the process of `skillmatch.files.bounded` runs."""
    suffix = path.suffix.lower()
    if suffix == ".pdf":
        from skillmatch.files.pdf import read_pdf

        return read_pdf(path)
    if suffix == ".docx":
        from skillmatch.files.word import read_docx

        return read_docx(path)
    from skillmatch.files.web import read_html

    return read_html(_decoded(path))


def _decoded(path: Path) -> str:
    try:
        return decode(path.read_bytes(), path)
    except InputError as error:
        raise UnreadableDocument(str(error)) from error
