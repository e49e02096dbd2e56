"""Several syllabi in one file, the course book of a faculty, parted into courses.

A single syllabus must never be parted: the parts have to repeat the same headings (contents, assessment …) under
different titles, as the sheets of a book do and the sections of a syllabus do not.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from skillmatch.documents.facts import course_facts, stated_title
from skillmatch.headings import find_headings
from skillmatch.normalization import fold

_LABEL = re.compile(
    r"(?i)^[-\W]*(?:(?:course|module) (?:title|name)|insegnamento|nome (?:dell')?insegnamento|nome del corso|"
    r"denominazione(?: (?:dell')?insegnamento)?|titolo (?:del corso|dell'insegnamento))\s*(?::|$)",
    re.MULTILINE,
)
_CODED = re.compile(
    r"^(?:(?:[A-Z]{2,6}[- ]?\d{2,5}[A-Z]{0,2}|\d{1,2}\.\d{2,4}[A-Z]?)[ \t]*[-–:.|]?[ \t]+[A-ZÀ-Ú][^\n.;]{3,90}"
    r"|[A-ZÀ-Ú][^\n.;:]{3,80}[ \t]*[-–(|][ \t]*[A-Z]{2,6}[- ]?\d{2,5}[A-Z]{0,2}\)?)$",
    re.MULTILINE,
)
_HEADING = re.compile(r"(?:\A|\n\n)(?!- )([^\n:;]{3,100})(?=\n)")
_PART_OF_COURSE = re.compile(
    r"(?i)\W*(?:module?|modulo|unit[aà]?|parte?|week|settimana|chapter|capitolo|section|sezione|lab|lesson|lezione|topic|"
    r"assignment|\d+[.)])\b"
)
_TELLING = {"outcomes", "content", "prerequisites", "assessment", "reading"}
_FEWEST_SHARED = 2
_SEARCHED = 12
_FARTHEST = 1_500
#: Facts that the front matter of a book states for all of its courses.
_COMMON = ("programme_stated", "academic_year", "eqf")


class Course(NamedTuple):
    """One syllabus of a course book: its title, its text from the title on, and what the book states for all."""

    title: str
    text: str
    common: dict[str, str]


class Book(NamedTuple):
    """The courses of a course book, and what stands before the first ("" where nothing does)."""

    front: str
    courses: list[Course]


def split_book(text: str) -> Book | None:
    """The courses of a course book, None where the text is the syllabus of one course.

    Parameters
    ----------
    text : cleaned, headings behind an empty line.

    >>> sheet = "\\n\\nContents\\n- kinematics\\n\\nAssessment\\nwritten test"
    >>> book = split_book(f"Faculty\\n\\nME 301 Robotics{sheet}\\n\\nME 302 Welding{sheet}")
    >>> book.front, [course.title for course in book.courses]
    ('Faculty', ['ME 301 Robotics', 'ME 302 Welding'])
    >>> split_book(f"ME 301 Robotics{sheet}") is None
    True
    """
    headings = _section_headings(text)
    if max(Counter(key for _, key, _ in headings).values(), default=0) < 2:
        return None
    for find, fewest in ((_labelled, 2), (_coded, 2), (_headed, 3)):
        starts = _sheets(text, find(text, headings), headings)
        if len(starts) >= fewest:
            return _book(text, starts, find)
    return None


def is_section_heading(line: str) -> bool:
    """Whether a line is the heading of a section, and therefore no course's title.

    >>> is_section_heading("Learning outcomes"), is_section_heading("Robotics")
    (True, False)
    """
    return bool(_section_headings(line))


def _section_headings(text: str) -> list[tuple[int, str, str]]:
    """Place, wording and role of each heading that opens a telling section."""
    return [
        (heading.start, fold(text[heading.start : heading.start + 80].split("\n", 1)[0]).strip(" :.-*#"), heading.role)
        for heading in find_headings(text, kind="syllabus")
        if heading.role in _TELLING
    ]


def _labelled(text: str, _: list[tuple[int, str, str]]) -> list[int]:
    return [label.start() for label in _LABEL.finditer(text)]


def _coded(text: str, _: list[tuple[int, str, str]]) -> list[int]:
    return [line.start() for line in _CODED.finditer(text)]


def _headed(text: str, headings: list[tuple[int, str, str]]) -> list[int]:
    """Headings that stand before each occurrence of the heading with which the sheets begin."""
    times = Counter(key for _, key, _ in headings)
    first = next(key for _, key, _ in headings if times[key] == max(times.values()))
    places = {place for place, _, _ in headings}
    titles = [h.start(1) for h in _HEADING.finditer(text) if h.start(1) not in places]
    starts = []
    for place, key, _ in headings:
        if key == first:
            at = bisect_left(titles, place) - 1
            far = at < 0 or text.count("\n", titles[at], min(place, titles[at] + _FARTHEST)) > _SEARCHED
            if far or place - titles[at] > _FARTHEST or _PART_OF_COURSE.match(text, titles[at]):
                return []
            starts.append(titles[at])
    return starts


def _sheets(text: str, starts: list[int], headings: list[tuple[int, str, str]]) -> list[int]:
    """Those starts from which a whole sheet follows, with the headings of the sheet before it and another title."""
    kept: list[int] = []
    keys: set[str] = set()
    titles: set[str] = set()
    heads: set[str] = set()
    candidates = sorted(set(starts))
    places = [place for place, _, _ in headings]
    for at, start in enumerate(candidates):
        end = candidates[at + 1] if at + 1 < len(candidates) else len(text)
        inside = {key: role for _, key, role in headings[bisect_left(places, start) : bisect_left(places, end)]}
        if len(set(inside.values())) < 2 or (kept and len(keys & inside.keys()) < _FEWEST_SHARED):
            continue
        if text[start : min(start + 200, end)] in heads:
            continue
        heads.add(text[start : min(start + 200, end)])
        title = fold(_title(text[start:end]))
        if title in titles:
            continue
        kept.append(start)
        titles.add(title)
        keys |= inside.keys()
    return kept if len(kept) > 1 else []


def _title(sheet: str) -> str:
    return stated_title(sheet[:300]) or sheet.split("\n", 1)[0].strip(" -#*:")


def _book(text: str, starts: list[int], find: Callable[..., list[int]]) -> Book | None:
    front = text[: starts[0]].strip()
    facts = course_facts(front)
    common = {name: facts[name] for name in _COMMON if name in facts}
    ends = [*starts[1:], len(text)]
    sheets = [text[start:end].strip() for start, end in zip(starts, ends, strict=True)]
    codes = Counter(course_facts(sheet).get("code", "") for sheet in sheets)
    if find is not _headed and len(codes) == 1 and "" not in codes:
        return None  # one course described twice, in two languages say
    return Book(front, [Course(_title(sheet), sheet, common) for sheet in sheets])
