"""Which role each stretch of a document has: from its headings, and from its words where no heading tells or where
what stands under a heading is plainly something else.

Roles of a posting: title, duties, required, preferred, employer, offer, other (legal notes, how to apply), board (the
job board's own text around the ad). Roles of a syllabus: title, outcomes, content, prerequisites, assessment, reading,
other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from skillmatch.headings import cut_at_headings
from skillmatch.role_features import Passage, employer_name
from skillmatch.roles import bundled_model
from skillmatch.wishes import wishes

KINDS = ("posting", "syllabus")
ROLES = {
    "posting": ("title", "duties", "required", "preferred", "employer", "offer", "other", "board"),
    "syllabus": ("title", "outcomes", "content", "prerequisites", "assessment", "reading", "other"),
}
# Where the advertisement ends and the job board's own text begins: tags, alerts, lists of other jobs, cookie notices.
_BOARD = (
    "seniority level", "referrals increase your chances", "sign in to set job alerts", "get notified about new",
    "similar jobs", "people also viewed", "show more show less", "maximum storage duration", "annunci simili",
    "offerte simili",
)  # fmt: skip
_ANY_BOARD = re.compile("|".join(_BOARD), re.IGNORECASE)


class Section(NamedTuple):
    """A stretch ``text[start:end]`` with its role."""

    start: int
    end: int
    role: str


class Source(NamedTuple):
    """What of a document is read for its sections."""

    text: str
    title: str = ""
    employer: str = ""


def split_sections(text: str, *, kind: str, title: str = "", employer: str = "") -> list[Section]:
    """Sections of a document in text order; together they cover all of the text.

    Headings of both languages count whatever the document's language: many Italian ads have English headings. A
    sentence that names the employer likely speaks of it.

    >>> text = "Welder\\nRequirements:\\n- MIG welding\\nWe offer\\na canteen"
    >>> [tuple(section) for section in split_sections(text, kind="posting", title="Welder")]
    [(0, 7, 'title'), (7, 35, 'required'), (35, 53, 'offer')]
    """
    return split_all([Source(text, title, employer)], kind=kind)[0]


def split_all(sources: Sequence[Source], *, kind: str) -> list[list[Section]]:
    """`split_sections` of many documents of one kind, for which it is faster."""
    model = bundled_model(kind)
    bodies = [_body(source, kind) for source in sources]
    cuts = [
        cut_at_headings(source.text[:last], kind=kind, start=first)
        for source, (first, last) in zip(sources, bodies, strict=True)
    ]
    passages = [
        Passage(source.text[:last], stretches, employer_name(source.employer))
        for source, (_, last), (stretches, _) in zip(sources, bodies, cuts, strict=True)
    ]
    cut_ones = [passage for passage in passages if passage.stretches]
    scores = iter(model.scores(cut_ones) if cut_ones else ())
    found = []
    for source, (first, last), (stretches, headings) in zip(sources, bodies, cuts, strict=True):
        roles = model.decode(next(scores), stretches, headings) if stretches else []
        headed = {heading.start for heading in headings}
        marks = [(0, "title")] if first else []
        for stretch, decoded in zip(stretches, roles, strict=True):
            role = decoded
            if role == "required" and stretch.start not in headed and wishes(source.text[stretch.start : stretch.end]):
                role = "preferred"
            if not marks or marks[-1][1] != role:
                marks.append((stretch.start if marks else 0, role))
        if last < len(source.text):
            marks.append((last, "board"))
        found.append(_sections(marks, len(source.text)))
    return found


def _body(source: Source, kind: str) -> tuple[int, int]:
    """Where a document begins behind its title, and where it ends before the job board's own text."""
    text, title, _ = source
    first = min(len(title) + 1, len(text)) if title and text.startswith(title) else 0
    return first, _board_start(text, first) if kind == "posting" else len(text)


def _sections(marks: list[tuple[int, str]], length: int) -> list[Section]:
    if not marks:
        return [Section(0, length, "other")] if length else []
    ends = [start for start, _ in marks[1:]] + [length]
    return [Section(start, end, role) for (start, role), end in zip(marks, ends, strict=True) if end > start]


def _board_start(text: str, first: int) -> int:
    """Where the job board's own text begins, else the length of the text."""
    lower = text.lower()
    if len(lower) != len(text):  # a letter that becomes two when lower-cased: places would not be the same
        found = _ANY_BOARD.search(text, first)
        return found.start() if found else len(text)
    places = [at for at in (lower.find(words, first) for words in _BOARD) if at >= 0]
    return min(places, default=len(text))
