"""Headings: lines, and openings of sentences, that announce the role of what follows."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from skillmatch.lead_ins import find_lead_in
from skillmatch.lexicons import read_lexicon
from skillmatch.normalization import fold
from skillmatch.stretches import BULLET, Stretch, cut

_LINE = re.compile(r"[^\n]+")
#: A heading as Markdown writes it.
_MARKED = re.compile(r"\s*(?:#{2,6}|#\s|(\*\*|__)[^*_]+\1:?\s*$)")
# An apostrophe at the end of a word stands for an accent: ATTIVITA'.
_NOT_WORD = re.compile(r"(?:[^\w']|'(?!\w))+")
_COLON = re.compile(r" ?(?::(?!\d|//)|\s[-–]\s)")
_OPENING = re.compile(r"[.;!?*)(\n]\s|\n|[.!?](?=[A-Z])")
_LONGEST = 64
_LONGEST_KNOWN = 100
_LONGEST_WORDS = 8
_LONGEST_INLINE = 70
# A run of capitals inside a line may be a heading. The letter first, then what must not stand before it: the search skips
# to capitals, several times faster.
_CAPITALS = re.compile(r"[A-ZÀÈÉÌÒÙ](?<![^\W_].)[A-ZÀÈÉÌÒÙ' &]{4,40}[A-ZÀÈÉÌÒÙ](?![^\W_])")
_UNIT = re.compile(
    r"(?i)\W*(?:week|settimana|lecture|lezione|modul[eo]|unit|unità|sessione?|day|giorno|chapter|capitolo)\s*\d"
)
#: A short line that begins with one of these is a heading also in small letters.
_QUALIFIERS = frozenset(("preferred", "desired", "required", "desirable", "competenze", "requisiti", "principali"))
#: A part that is *required* is *preferred* where the line begins with one of these.
_WISHED = frozenset(("preferred", "preferable", "desirable", "optional"))
_LONGEST_SENTENCE = 40
_ANNOUNCING = (":", "...", "…")
_COLUMNS = 3
_OF = frozenset("of in for di del dello della dei degli delle dell in a ad al alla per da con".split())


# Headings that name the employer, which no lexicon knows: "About Acme", "Why Acme?", "Chi è Acme".
_NAME = r"[\w&.,'’/ -]{2,40}"
_NAMING = {
    "posting": (
        (
            "employer",
            r"(?:about|who is|chi è|informazioni su)\s(?!you|te\b|th(?:e|is) (?:role|job|position|opportunity|candidate|"
            rf"project|programme?|internship|work)){_NAME}",
        ),
        (
            "offer",
            r"(?:why|perché|life at|working at|lavorare (?:in|per|con))\s(?!you\b(?!['’]| will)|should|dov|this|the |quest)"
            rf"{_NAME}",
        ),
    ),
    "syllabus": (),
}


class Heading(NamedTuple):
    """``text[start:end]`` opens a section of a role."""

    start: int
    end: int
    role: str


def find_headings(text: str, *, kind: str, start: int = 0) -> list[Heading]:
    r"""Headings of a posting or syllabus, of both languages, in text order.

    >>> [tuple(heading) for heading in find_headings("Requirements:\n- MIG welding. We offer: lunch", kind="posting")]
    [(0, 13, 'required'), (29, 38, 'offer')]
    """
    known = _headings(kind)
    found: list[Heading] = []
    for line in _LINE.finditer(text, start):
        written = line.group()
        at = line.start() + len(written) - len(written.lstrip())
        if len(written) <= _LONGEST:
            role = _line_role(written, known) or _naming(written, kind)
            if role is not None:
                found.append(Heading(at, line.end(), role))
                continue
        elif len(written) <= _LONGEST_KNOWN and (role := known.get(_key(written))) is not None:
            found.append(Heading(at, line.end(), role))
            continue
        if written.rstrip().endswith(_ANNOUNCING):
            lead_in = find_lead_in(written, kind)
            if lead_in is not None:
                first, role = lead_in
                found.append(Heading(line.start() + first, line.end(), role))
        if ":" in written or " - " in written:
            found.extend(_inside(written, line.start(), known))
    for match in _CAPITALS.finditer(text, start):
        role = known.get(_key(match.group()))
        if role is not None:
            found.append(Heading(match.start(), match.end(), role))
    found.sort()
    kept: list[Heading] = []
    for heading in found:
        if not kept or heading.start >= kept[-1].end:
            kept.append(heading)
    return kept


def cut_at_headings(text: str, *, kind: str, start: int = 0) -> tuple[list[Stretch], list[Heading]]:
    """The stretches of a text, each heading one by itself, and the headings.

    A short sentence can be a heading as well as a line (*Prerequisites. A course in statics.*).
    """
    headings = find_headings(text, kind=kind, start=start)
    stretches = cut(text, start, at=frozenset(place for heading in headings for place in (heading.start, heading.end)))
    known = _headings(kind)
    places = {heading.start for heading in headings}
    for first, last, _ in stretches:
        if last - first <= _LONGEST_SENTENCE and text[last - 1] in ".!?…" and first not in places:
            role = known.get(_key(text[first:last]))
            if role is not None:
                headings.append(Heading(first, last, role))
    return stretches, headings


def _line_role(line: str, known: dict[str, str]) -> str | None:
    """Role of a line that is nothing but a heading, else None."""
    if _is_table_row(line):
        return None  # "| Week | Topic | Reading |"
    stripped = line.strip(" -*#:•.>=_~|[]()?!…")
    if stripped[:1].isdigit() or (stripped[1:2] in ".)" and stripped[:1].isalpha()):
        stripped = _numbered(stripped)
    key = _key(stripped)
    if not key:
        return None
    role = known.get(key)
    if role is not None:
        # "- communication" in a list is an item, not a heading.
        return None if BULLET.match(line) and not line.rstrip().endswith(":") else role
    words = key.split()
    if _UNIT.match(line):
        return None  # "Week 12 - Final project" is what is done in that week
    if BULLET.match(line) and not line.rstrip().endswith(":"):
        return None
    if line.rstrip().endswith(":") or line.isupper() or words[0] in _QUALIFIERS or _MARKED.match(line):
        return _role_of_part(words, known)
    return _role_of_part(words, known, most=True) if line.rstrip().endswith("?") or _titled(stripped) else None


def _naming(line: str, kind: str) -> str | None:
    """Role of a line such as "About Acme", else None."""
    words = line.strip(" *#:•>=_~()?!…")
    for role, wording in _namings(kind):
        if wording.fullmatch(words) and not line.rstrip().endswith((".", ",")):
            return role
    return None


def _is_table_row(line: str) -> bool:
    """Whether a line is a row of three cells or more, of which not only the first is filled."""
    cells = line.strip().strip("|").split("|")
    return len(cells) >= _COLUMNS and any(cell.strip() for cell in cells[1:])


def _numbered(line: str) -> str:
    """``2.1) Requirements`` without its number."""
    return re.sub(r"^(?:[A-Za-z]?[\d.]{1,6}|[A-Za-z])[.)\s]\s*", "", line)


def _titled(line: str) -> bool:
    """Whether most words of a short line begin with a capital, as in English headings."""
    words = [word for word in line.split() if len(word) > 3]
    return 2 <= len(words) <= 5 and all(word[0].isupper() for word in words) and not line.endswith((".", ","))


def _role_of_part(words: list[str], known: dict[str, str], *, most: bool = False) -> str | None:
    """Role of the longest heading of at least two words (or half of them, and always if ``most``) that stands in a
    line."""
    if len(words) > _LONGEST_WORDS:
        return None
    for size in range(len(words) - 1, max(1, (len(words) - 1) // 2) if most else 0, -1):
        if size == 1 and len(words) > 3:
            return None
        for at in range(len(words) - size + 1):
            if size == 1 and ((at and words[at - 1] in _OF) or (words[at + 1 : at + 2] and words[at + 1] in _OF)):
                continue  # "Risposta in frequenza", "Metodo delle forze" are no headings
            role = known.get(" ".join(words[at : at + size]))
            if role is not None:
                return "preferred" if role == "required" and words[0] in _WISHED else role
    return None


def _inside(line: str, offset: int, known: dict[str, str]) -> list[Heading]:
    """Headings inside a line: a few words before a colon, at the line's or a sentence's beginning, or anywhere if the
    heading has several words."""
    found = []
    for colon in _COLON.finditer(line):
        low = max(0, colon.start() - _LONGEST_INLINE)
        window = line[low : colon.start()]
        opening = low
        for mark in _OPENING.finditer(window):
            opening = low + mark.end()
        whole = line[opening : colon.start()]
        at_start = opening == 0 or opening > low
        key = _key(whole.lstrip("-*•·>=~ "))
        role = known.get(key) if at_start and key else None
        if role is not None:
            lead = len(whole) - len(whole.lstrip("-*•·>=~ "))
            found.append(Heading(offset + opening + lead, offset + colon.end(), role))
            continue
        if ":" not in colon.group():
            continue
        words = list(re.finditer(r"[\w&']+", whole))[-5:]
        for first in range(len(words) - 1):
            role = known.get(_key(whole[words[first].start() :]))
            if role is not None:
                found.append(Heading(offset + opening + words[first].start(), offset + colon.end(), role))
                break
    return found


def _key(heading: str) -> str:
    return _NOT_WORD.sub(" ", fold(heading.replace("&", " and "))).strip()


@cache
def _headings(kind: str) -> dict[str, str]:
    return {_key(row["heading"]): row["role"] for row in read_lexicon("headings") if row["kind"] == kind}


@cache
def _namings(kind: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((role, re.compile(wording, re.IGNORECASE)) for role, wording in _NAMING[kind])
