"""How far a wording reaches: which cue of strength, and which verb or degree of mastery, governs a mention."""

from __future__ import annotations

import re
from collections.abc import Sequence

from skillmatch.components.terms import Cue, Level

# Where a clause ends for good.
_BREAK = re.compile(
    r"[;.!?]\s|\n|\s[-–—]\s|(?i:\b(?:but|while|whereas|however|although|though|ma|mentre|invece|però|bensì|tuttavia)\b)"
)
_JOINED = re.compile(r"(?i)\b(?:and|or|e|ed|o|oppure|and/or|e/o|nor|né)\b|/|&")
_PLURAL = re.compile(r"(?i)\b(?:are|sono|costituiscono|rappresentano|all|both|entrambi|tutti)\b")
#: Precedence among wordings that reach a mention from the same distance.
_ORDER = {"negated": 0, "assumed": 1, "preferred": 2, "mentioned": 3, "required": 4, "taught": 5}
_INFINITIVE = re.compile(r"(?i)\b(?:to|di|saper|sapere|sa|sai|sappia)\s(?:to\s)?$")
_DETERMINER = re.compile(r"(?i)\s(?:an?|the|how|why|when|your|il|lo|la|i|gli|le|una?|uno|l['’])\b")
#: Forms that are no names of topics: "Describe filters" and "descrivere filtri", not "Design patterns".
_PLAIN_VERB = re.compile(
    r"(?i)analy[sz]e|apply|assess|calculate|choose|classify|communicate|compare|compute|construct|create|critique|define|"
    r"demonstrate|derive|describe|determine|develop|differentiate|discuss|distinguish|estimate|evaluate|examine|explain|"
    r"explore|formulate|generate|identify|illustrate|implement|interpret|investigate|justify|operate|perform|predict|"
    r"prepare|propose|recogni[sz]e|recommend|select|solve|summari[sz]e|understand|use|utili[sz]e|verify|write|"
    r"\w{2,}(?:are|ere|ire|arre|urre|orre)"
)
_SOMEBODY = re.compile(
    r"(?i)\b(?:students?|participants?|you (?:will|can|learn)|able to|learn(?:s|ing)? (?:how )?to|student[ei]|"
    r"in grado di|capac[ei] di|sapr\w+|saper|impar\w+ a|partecipanti|alliev\w)\b"
)
_LAST = 10_000
_DOING = frozenset(("duties", "outcomes"))
_TOPICS = frozenset(("content", "other", "assessment", "reading", "employer", "offer", "title"))
_PARTED = re.compile(r"[,;:()]| [-–—] ")
_REACH = 160
_REACH_PLAIN = 90
_ADJACENT = re.compile(r"^\s*[(\[:–-]?\s*(?:[\w']+[\s:]+){0,3}$")


def strength_of(text: str, cues: Sequence[Cue], first: int, start: int, end: int, last: int) -> str:
    """Strength of the mention ``text[start:end]`` by the cues in its sentence ``first`` to ``last``; "" without any.

    A cue before the mention reaches to the end of its clause, one in brackets to the closing bracket. A cue behind it
    reaches back over a list that is joined (*A, B or C is a plus*), not over a mere comma (*A required, B a plus*).
    The nearest one counts.
    """
    best: tuple[int, int, str] | None = None
    for cue in cues:
        if cue.start < first:
            continue
        if cue.end > last:
            break
        if cue.side == "before" and cue.end <= start:
            gap = text[cue.end : start]
            if _BREAK.search(gap) or (")" in gap and "(" not in gap):
                continue
            if cue.closing and not _closed(text, cues, cue, end, last):
                continue
        elif cue.side == "after" and cue.start >= end:
            gap = text[end : cue.start]
            if not _reaches_back(gap, text[cue.start : cue.end]):
                continue
        else:
            continue
        # "no … required": what is required in so many words counts only where nothing else speaks.
        found = (len(gap) + (_LAST if cue.strength == "required" else 0), _ORDER[cue.strength], cue.strength)
        if cue.strength == "negated" and cue.closing:
            return cue.strength
        if best is None or found < best:
            best = found
    return best[2] if best else ""


def _closed(text: str, cues: Sequence[Cue], opening: Cue, end: int, last: int) -> bool:
    """Whether the closing words of a cue (``no … required``) follow in the clause."""
    return any(
        cue.side == "closes" and cue.closing == opening.closing and end <= cue.start < last
        and not _BREAK.search(text[end : cue.start])
        for cue in cues
    )  # fmt: skip


def _reaches_back(gap: str, cue: str) -> bool:
    if _BREAK.search(gap):
        return False
    opened = gap.rfind("(")
    if opened >= 0 and ")" not in gap[opened:]:
        return "," not in gap[:opened] and not _JOINED.search(gap[:opened])
    # A comma right before the cue (*X, preferred*) does not part it from what it speaks of.
    inner = gap.rstrip(" ,")
    if "," not in inner:
        return True
    tail = inner[inner.rfind(",") :]
    return bool(_JOINED.search(tail) or _PLURAL.search(gap + cue))


def level_of(
    text: str, levels: Sequence[Level], first: int, start: int, end: int, last: int, *, role: str = ""
) -> int | None:
    """Depth of the mention ``text[start:end]``: by a degree of mastery within or right behind it, else by the nearest
    wording before it in its sentence, where a degree of mastery in the same phrase comes before a verb.

    What a verb reaches depends on the section: all of its clause where somebody does something (duties, outcomes), the
    phrase that it opens in requirements, nothing in a list of topics.
    """
    verb: Level | None = None
    degree: Level | None = None
    own: Level | None = None
    for term in levels:
        if term.start < first:
            continue
        if term.end > last:
            break
        if term.start >= end:
            if term.side == "after" and _ADJACENT.match(text[end : term.start]):
                return term.level
        elif term.end > start:
            if term.proficiency and (term.side == "after" or term.start == start):
                return term.level
            own = own or term
        elif term.side == "after":
            continue
        elif term.proficiency:
            degree = term
        else:
            verb = term
    if role in _TOPICS and verb is not None:
        # "Design a filter" and "students design filters" say what is done, "Design patterns" is a topic.
        before = text[first : verb.start]
        words = text[verb.start : verb.end]
        opens = (
            not before.strip(" -*•.)0123456789")
            and (_DETERMINER.match(text, verb.end) or _PLAIN_VERB.fullmatch(words))
        )  # fmt: skip
        verb = verb if opens or _SOMEBODY.search(before) else None
    if verb is not None and _cut_off(text[verb.end : start], everywhere=role not in _DOING and role not in _TOPICS):
        verb = None
    if degree is not None:
        gap = text[degree.end : start]
        # "advanced Excel, SAP" goes on; "Excel avanzato, SAP" has said it of Excel.
        if gap.startswith(",") or _cut_off(gap, everywhere=role in _TOPICS):
            degree = None
    if verb is not None and degree is not None:
        between = text[degree.end : verb.start]
        return verb.level if verb.start > degree.end and _PARTED.search(between) else degree.level
    governor = verb or degree
    if governor is not None:
        return governor.level
    if own is not None and not own.proficiency and own.start == start and role not in _TOPICS:
        # "maintain the lines" as a duty, "able to read drawings"; but not "design engineering" in a list.
        return own.level if role in _DOING or _INFINITIVE.search(text, max(0, start - 12), start) else None
    return None


def _cut_off(gap: str, *, everywhere: bool) -> bool:
    """Whether a wording does not reach over a gap: over brackets that close, clauses that end, or any sign at all."""
    parted = bool(_PARTED.search(gap))
    if len(gap) > _REACH or (len(gap) > _REACH_PLAIN and not parted):
        return True
    return ";" in gap or (")" in gap and "(" not in gap) or (everywhere and parted)


