"""What a reader of document files gives."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

#: A document of more characters than this is refused; single courses of a course book may be far shorter.
MAX_TEXT = 5_000_000
_LONGEST_TITLE = 120
_HEAD = 1_500
_WORD = re.compile(r"\w+")
_PROGRAM_TITLE = re.compile(r"(?i)^Microsoft (?:Word|PowerPoint|Office) - |\.(?:docx?|pdf|odt|tex|pptx?|indd)$")
# What programs put there by themselves, and words that stand above any course.
_NO_TITLE = re.compile(
    r"(?i)(?:table of contents|contents|index|indice|sommario|untitled.*|document\d*|documento\d*|slide \d+|"
    r"senza titolo.*|(?:course )?syllabus|programma(?: del corso)?|course (?:information|description|overview|outline))"
)


class Content(NamedTuple):
    """What a file holds: its title ("" where it has none), its text, and structured records found in it.

    A heading stands on a line of its own behind an empty line, an item of a list begins with ``"- "``, each cell of a
    table has its own line.
    """

    title: str
    text: str
    records: tuple[dict[str, Any], ...] = ()


def first_line(text: str) -> str:
    """The first line that is not empty, where it can be a title."""
    line = next((line.strip(" #*=-\t") for line in text.splitlines() if line.strip(" #*=-\t")), "")
    return "" if _NO_TITLE.fullmatch(line) or len(line) > _LONGEST_TITLE else line


def borne_out(title: str, text: str) -> str:
    """A title from a file's properties where the text begins with the same words: many are left from another file."""
    words = set(_WORD.findall(text[:_HEAD].lower()))
    return title if words.issuperset(_WORD.findall(title.lower())) else ""


def fitting_title(title: str) -> str:
    """A title without the traces of the program that wrote it, "" where it is none.

    >>> fitting_title("Microsoft Word - Robotics.docx"), fitting_title("ECEN214_Syllabus_v2"), fitting_title("Syllabus")
    ('Robotics', '', '')
    """
    title = " ".join(_PROGRAM_TITLE.sub("", _PROGRAM_TITLE.sub("", title.strip())).split())
    is_file_name = "_" in title or (" " not in title and any(map(str.isdigit, title)))
    return "" if is_file_name or _NO_TITLE.fullmatch(title) or len(title) > _LONGEST_TITLE else title
