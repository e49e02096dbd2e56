"""Codes of courses in a text, and which of them it names as prerequisites."""

from __future__ import annotations

import re
from itertools import pairwise

# A class of degrees (L-9, LM-33) and a sector of teaching (IIND-03/A) look like codes and are none.
_CODE = re.compile(r"\b(?!LM?[- ]?\d{1,2}\b)[A-Z]{2,6}[- ]?\d{2,5}[A-Z]{0,2}\b(?!/[A-Z])")
_NO_CODE = re.compile(
    r"(?:FALL|SPRING|SUMMER|WINTER|AUTUMN|YEAR|ROOM|AULA|ISO|UNI|EN|IEC|DIN|ASTM|AA|CFU|ECTS|SSD|BOX|TEL|FAX|COVID)"
    r"[- ]?\d"
)
_DOTTED = re.compile(r"(?<![\w.])(?:\d{1,2}[A-Z]?|[A-Z]{2,4})\.[A-Z]{0,3}\d{2,4}[A-Z]{0,2}(?![\w.]*\d)")
_NAMED = re.compile(r"\b(?:Physics|Math|Maths|Mathematics|Chemistry|Biology|Statistics|Stat|Calc|Computing) \d{3}\b")
#: Words behind which a text names what a course builds on.
NEEDS = re.compile(
    r"(?i)\b(?:prerequisites?|pre-?reqs?|prerequisiti|propedeuticità|propedeuticita'?|esami propedeutici|requires|"
    r"(?:should|must) have (?:taken|completed|passed)|aver (?:sostenuto|superato)|superamento d\w+)\b"
)
_NEEDS_END = re.compile(r"\n\n(?!- )|(?<=[\w)])[.;] +(?=[A-ZÀ-Ú][a-zà-ù])|(?i:\bcorequisites?\b|\bco-?reqs?\b)")
_NO_NEED = re.compile(
    r"(?i)\b(?:no|not|without|recommended|suggested|advisable|nessun\w*|consigliat\w|senza)\W+(?:\w+ )?$"
)
_NEEDS_LONGEST = 500
_OR = re.compile(r"(?i)\b(?:or|o|oppure|od)\b|/")
_NO_COURSE_BEFORE = re.compile(r"(?i)(?:python|java|version|versione|matlab|v|office|windows|room|chapter|page)\s?$")


def find_code(text: str) -> re.Match[str] | None:
    """The first code of a course (``ME 301``, ``ECSE-2610``) in a text."""
    return next((code for code in _CODE.finditer(text) if not _NO_CODE.match(code.group())), None)


def needed_courses(text: str) -> str:
    """Codes of the courses that a text names as prerequisites: ``"A or B; C"``.

    >>> needed_courses("Prereq: 18.03 and (2.001 or 2.01). Introduces heat transfer as in 2.51.")
    '18.03; 2.001 or 2.01'
    """
    needs: list[str] = []
    for cue in NEEDS.finditer(text):
        if _NO_NEED.search(text, max(0, cue.start() - 40), cue.start()) or _NEEDS_END.match(text, cue.end()):
            continue  # "Recommended prerequisite: A", "... is a prerequisite. A second sentence"
        stretch = text[cue.end() : cue.end() + _NEEDS_LONGEST].lstrip(" :.\n-")
        end = _NEEDS_END.search(stretch)
        needs += _groups(stretch[: end.start()] if end else stretch)
    return "; ".join(dict.fromkeys(needs))


def _groups(stretch: str) -> list[str]:
    """Codes in a stretch, alternatives together."""
    found = sorted(
        (code.start(), code.end(), code.group().replace(" ", ""))
        for pattern in (_CODE, _DOTTED, _NAMED)
        for code in pattern.finditer(stretch)
        if not _NO_CODE.match(code.group()) and not _NO_COURSE_BEFORE.search(stretch[: code.start()])
    )
    groups: list[list[str]] = []
    for at, (start, _, code) in enumerate(found):
        between = stretch[found[at - 1][1] : start] if at else ""
        if between.strip() == ",":  # of a list whose last comma says how it is meant
            ahead = [stretch[a[1] : b[0]] for a, b in pairwise(found[at:])]
            tail = stretch[found[-1][1] :][:12]
            between = next((gap for gap in [*ahead, tail] if gap.strip() != ","), "")
        if groups and _OR.search(between) and "\n" not in between and ";" not in between:
            groups[-1].append(code)
        else:
            groups.append([code])
    return [" or ".join(dict.fromkeys(group)) for group in groups]
