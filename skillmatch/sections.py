"""Which role each stretch of a document has, read from its headings.

Roles of a posting: title, duties, required, preferred, employer, offer, other (the job board's own text). Roles of a
syllabus: title, outcomes, content, prerequisites, assessment, reading, other. A stretch before any heading has the
role ``""`` (unknown).
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from skillmatch.lexicons import read_lexicon
from skillmatch.normalization import fold

KINDS = ("posting", "syllabus")
ROLES = {
    "posting": ("title", "duties", "required", "preferred", "employer", "offer", "other", ""),
    "syllabus": ("title", "outcomes", "content", "prerequisites", "assessment", "reading", "other", ""),
}
_LINE = re.compile(r"[^\n]+")
_NOT_WORD = re.compile(r"[^\w&']+")
# A heading inside a paragraph: after a sentence end, a few words, a colon.
_INLINE = re.compile(r"(?:^|[.;!?*)] )[ -]*([^\n.;:!?,]{4,50}?) ?:(?!\d)")
# Where the advertisement ends and the job board's own text begins: tags, alerts, lists of other jobs, cookie notices.
_BOARD = re.compile(
    r"(?i)seniority level|referrals increase your chances|sign in to set job alerts|get notified about new|"
    r"similar jobs|people also viewed|show more show less|maximum storage duration|annunci simili|offerte simili"
)
_LONGEST_HEADING = 60
_LONGEST_HEADING_WORDS = 8


class Section(NamedTuple):
    """A stretch ``text[start:end]`` with its role."""

    start: int
    end: int
    role: str


def split_sections(text: str, *, kind: str, title: str = "") -> list[Section]:
    """Sections of a document in text order; together they cover all of the text.

    Headings of both languages count whatever the document's language: many Italian ads have English headings.

    >>> text = "Welder\\nRequirements:\\n- MIG welding\\nWe offer\\na canteen"
    >>> [tuple(section) for section in split_sections(text, kind="posting", title="Welder")]
    [(0, 7, 'title'), (7, 35, 'required'), (35, 53, 'offer')]
    """
    marks = [(0, "")]
    if title and text.startswith(title):
        marks = [(0, "title"), (min(len(title) + 1, len(text)), "")]
    headings = _headings(kind)
    for line in _LINE.finditer(text, marks[-1][0]):
        written, start = line.group(), line.start()
        if len(written) <= _LONGEST_HEADING:
            role = _line_role(written, headings)
            if role is not None:
                marks.append((start, role))
                continue
        if ":" in written:
            for inline in _INLINE.finditer(written):
                role = headings.get(_key(inline.group(1)))
                if role is not None:
                    marks.append((start + inline.start(1), role))
    board = _BOARD.search(text) if kind == "posting" else None
    if board:
        marks = [mark for mark in marks if mark[0] < board.start()] + [(board.start(), "other")]
    ends = [start for start, _ in marks[1:]] + [len(text)]
    return [Section(start, end, role) for (start, role), end in zip(marks, ends, strict=True) if end > start]


def _line_role(line: str, headings: dict[str, str]) -> str | None:
    """Role of a line that is nothing but a heading, else None."""
    stripped = line.strip(" -*#:•.>=_~")
    if not stripped or line.lstrip("- ")[:1].isdigit():
        stripped = stripped.lstrip("0123456789.) ")
    key = _key(stripped)
    role = headings.get(key)
    if role is not None:
        # "- communication" in a list is an item, not a heading.
        return None if line.startswith("- ") and not line.rstrip().endswith(":") else role
    heading_like = line.rstrip().endswith(":") or line.isupper()
    words = key.split()
    if heading_like and len(words) <= _LONGEST_HEADING_WORDS:
        for size in range(len(words) - 1, 0, -1):
            for at in range(len(words) - size + 1):
                role = headings.get(" ".join(words[at : at + size]))
                if role is not None:
                    return role
    return None


def _key(heading: str) -> str:
    return _NOT_WORD.sub(" ", fold(heading)).strip()


@cache
def _headings(kind: str) -> dict[str, str]:
    return {_key(row["heading"]): row["role"] for row in read_lexicon("headings") if row["kind"] == kind}
