"""Component ``skillmatch_context``: what a mention means where it stands.

Left out are mentions that say nothing of the skill: in the job board's own text, in addresses of pages, and names of
other people's jobs ("liaise with project managers"). For the others:

Section: the stretch the mention lies in. Strength: from cues that reach the mention (*a plus*, *non è richiesta*, *is
assumed*), else from the section. Level: the verb or degree of mastery that governs it; the lead-in of a list (*Students
will be able to design:*) governs the items that have none of their own. Probability: the measured share of mentions
that were right (docs/quality.md).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from operator import attrgetter
from typing import Any, TypeVar

from spacy.tokens import Doc, SpanGroup
from spacy.vocab import Vocab

from skillmatch.components.annotations import LINKED, SKILLS, set_readings, text_of
from skillmatch.components.depth import level_of
from skillmatch.components.jobs import hiring_places, names_a_job, names_other_people, names_the_job, reached
from skillmatch.components.scope import seeks_somebody, strength_of
from skillmatch.components.sections import sections_of
from skillmatch.components.sentences import sentence_bounds
from skillmatch.components.terms import Cue, Level, Terms
from skillmatch.role_features import employer_name
from skillmatch.sections import Section
from skillmatch.stretches import BULLET

_BY_SECTION = {
    "posting": {"preferred": "preferred", "employer": "mentioned", "offer": "mentioned", "other": "mentioned"},
    "syllabus": {"prerequisites": "assumed", "assessment": "mentioned", "reading": "mentioned", "other": "mentioned"},
}
_DEFAULT = {"posting": "required", "syllabus": "taught"}
#: Strengths for which a depth would say nothing.
_NO_LEVEL = frozenset(("mentioned", "negated"))
#: Share of 400 mentions in real postings and syllabi that were judged right by hand (docs/quality.md). One-word names
#: (97 of 104) and longer ones (271 of 296) did not differ beyond chance.
PROBABILITY = 0.92
_LONGEST_LIST = 30
_WITHIN_ADDRESS = frozenset("/.-_@=#?&%")
_ADDRESS = re.compile(r"(?:https?:/|www\.|@)[^\s)\]]*$")
# Among a syllabus's particulars, the line that tells the course's name, and so what is taught.
_COURSE_NAME = re.compile(
    r"(?i)\W{0,6}(?:(?:course|module|unit|subject|class)[ -](?:title|name)|title|key ?words|parole chiave|insegnamento|"
    r"titolo(?: del (?:corso|modulo))?|(?:denominazione|nome)(?: dell?['’]? ?(?:corso|modulo|insegnamento))?)\W{0,4}:"
)
_SHORT = 400  # characters of a sentence that is the same from wherever it is looked for
_ARTICLE = 5  # characters that an article before the first word of a cue takes
_OPEN_END = re.compile(r"(?i)(?:\s?(?:of|in|with|the|di|del|della|dei|delle|con))+")
_WHOLE = Section(0, 0, "")
_START = attrgetter("start")
_Term = TypeVar("_Term", Cue, Level)
#: Depth of a duty or an outcome where no verb says more: it is at least applied.
_DONE = 3


class SkillContext:
    """Reads section, strength, level and probability of each span in ``doc.spans["skills"]``."""

    def __init__(self, vocab: Vocab, *, language: str) -> None:
        self.vocab = vocab
        self.language = language
        self._terms = Terms(vocab, language)

    def __call__(self, doc: Doc) -> Doc:
        spans = doc.spans.get(SKILLS)
        if not spans:
            set_readings(doc, [])
            return doc
        kind, text = doc._.kind, text_of(doc)
        sections = sections_of(doc)
        starts = [section.start for section in sections]
        cues, levels = self._terms.find(doc, text)
        employer = employer_name(doc._.employer) if kind == "posting" else ""
        linked = doc.user_data.get(LINKED, {})
        kept, readings = [], []
        first = last = -1
        hiring = hiring_places(text)
        cues_here, levels_here = cues, levels
        for span in spans:
            start, end = span.start_char, span.end_char
            section = sections[bisect_right(starts, start) - 1] if sections else _WHOLE
            role = section.role
            if (
                role == "board"
                or (text[start - 1 : start] in _WITHIN_ADDRESS and _ADDRESS.search(text, max(0, start - 90), start))
                or (role != "title" and names_other_people(text, start, end))
            ):
                continue
            kept.append(span)
            if not (first <= start and end <= last <= first + _SHORT):  # else the sentence of the mention before
                first, last = sentence_bounds(text, start, end)
                cues_here, levels_here = _between(cues, first, last), _between(levels, first, last)
            sought = role == "employer" and seeks_somebody(text, first, start)
            strength = _strength(kind, section, text, cues_here, first, start, end, last, sought=sought)
            if (
                not sought
                and employer
                and strength == "required"
                and role in ("", "employer")
                and employer in text[first:last]
            ):
                strength = "mentioned"  # a sentence with the employer's name tells what the firm does
            level = None
            if (
                strength not in _NO_LEVEL and role != "title"
                and not (reached(hiring, first, start) and names_the_job(text, levels_here, first, start))
            ):  # fmt: skip
                level = level_of(text, levels_here, start, end, first=first, role=role)
                if level is None:
                    level = _lead_in_level(text, levels, first)
                if level is None and role in ("duties", "outcomes") and not names_a_job(text[start:end]):
                    level = _DONE
            probability = linked.get((span.start, span.end, span.kb_id_), PROBABILITY) if linked else PROBABILITY
            readings.append((probability, role, strength, level))
        if len(kept) < len(spans):
            doc.spans[SKILLS] = SpanGroup(doc, name=SKILLS, spans=kept)
        set_readings(doc, readings)
        return doc

    # The lexicons travel with the package: nothing of its own to save.

    def to_disk(self, path: Any, *, exclude: tuple[str, ...] = ()) -> None:
        pass

    def from_disk(self, path: Any, *, exclude: tuple[str, ...] = ()) -> SkillContext:
        return self

    def to_bytes(self, *, exclude: tuple[str, ...] = ()) -> bytes:
        return b""

    def from_bytes(self, data: bytes, *, exclude: tuple[str, ...] = ()) -> SkillContext:
        return self


def _strength(
    kind: str,
    section: Section,
    text: str,
    cues: list[Cue],
    first: int,
    start: int,
    end: int,
    last: int,
    *,
    sought: bool,
) -> str:
    """Strength by the sentence's cues, where they do not contradict the section's own meaning; who is ``sought`` in a
    sentence about the employer is no part of that."""
    by_section = "" if sought else _BY_SECTION[kind].get(section.role, "")
    if section.role == "other" and kind == "syllabus" and _COURSE_NAME.match(text, text.rfind("\n", 0, start) + 1):
        by_section = ""
    cued = strength_of(text, cues, first, start, end, last) if cues else ""
    if by_section == "preferred" and cued in ("", "required") and section.start >= first:
        # The section is this sentence, on the word of a cue: "PLC or SCADA, preferably Siemens" prefers Siemens alone.
        return _DEFAULT[kind] if any(cue.strength == "preferred" for cue in cues) else by_section
    if cued == "taught" and any(cue.start <= first + _ARTICLE and cue.strength == cued for cue in cues):
        return cued  # "Covers welding. Requires ...": the sentence opens by saying so, whatever its neighbours are
    if cued in ("", "required", "taught"):
        # "Degree required" under "nice to have" is a matter of wording; in running text of unknown role it is not.
        return by_section or cued or _DEFAULT[kind]
    if by_section == "mentioned" and cued in ("preferred", "assumed"):
        return by_section
    return cued


def _lead_in_level(text: str, levels: list[Level], first: int) -> int | None:
    """Level of the lead-in above a list: the last term in the nearest line above that ends with a colon."""
    line = text.rfind("\n", 0, first) if first and text[first - 1] != "\n" else first - 1
    if not _is_item(text, line + 1):
        return None
    for _ in range(_LONGEST_LIST):
        if line <= 0:
            return None
        above = text.rfind("\n", 0, line) + 1
        lead_in = text[above:line].rstrip()
        if not lead_in:
            line = above - 1
            continue
        inside = [term for term in _between(levels, above, line) if term.side == "before"]
        if lead_in.endswith(":"):
            return inside[-1].level if inside else None
        if inside and _OPEN_END.fullmatch(text, inside[-1].end, above + len(lead_in)):
            return inside[-1].level  # "Proficient in", with the list below
        if not _is_item(text, above):
            return None
        line = above - 1
    return None


def _is_item(text: str, start: int) -> bool:
    while start < len(text) and text[start] in " \t":
        start += 1
    return BULLET.match(text, start) is not None


def _between(terms: list[_Term], first: int, last: int) -> list[_Term]:
    """The terms that lie within ``first`` to ``last``."""
    found = terms[bisect_left(terms, first, key=_START) : bisect_left(terms, last, key=_START)]
    while found and found[-1].end > last:
        found.pop()
    return found
