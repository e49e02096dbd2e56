"""Which cue of strength reaches a mention."""

from __future__ import annotations

import re
from collections.abc import Sequence

from skillmatch.components.terms import Cue

# Where a clause ends for good.
_BREAK = re.compile(
    r"[;.!?]\s|\n|\s[-–—]\s|(?i:\b(?:but|while|whereas|however|although|though|ma|mentre|invece|però|bensì|tuttavia)\b)"
)
_JOINED = re.compile(r"(?i)\b(?:and|or|e|ed|o|oppure|and/or|e/o|nor|né)\b|/|&")
_ADDED = re.compile(r"(?i)\b(?:and|e|ed)\b|&")
_PLURAL = re.compile(r"(?i)\b(?:are|sono|costituiscono|rappresentano|all|both|entrambi|tutti)\b")
#: Precedence among wordings that reach a mention from the same distance.
_ORDER = {"negated": 0, "assumed": 1, "preferred": 2, "mentioned": 3, "required": 4, "taught": 5}
_LAST = 10_000
# Words behind which a new thing is said, whatever came before: "leader in robotics, we are looking for a welder".
_NEW_SUBJECT = re.compile(
    r"(?i)\b(?:looking for|seek(?:s|ing)?|cerc(?:a|hiamo)|ricerc(?:a|hiamo) (?:un|una|person\w+|per)|alla ricerca di|"
    r"seleziona)\b"
)
_WISHED = (
    r"\b(?:to have|advantage\w*|plus|bonus|asset|prefer\w*|desir\w+|welcome|useful|helpful|appreciated|gradit\w|"
    r"util[ei]|apprezzat\w|benvenut\w|auspica\w+|vantaggio)"
)
_YET = r"[,;]?\s\(?(?:but|though|although|yet|ma|anche se|sebbene|seppur|pur)\s"
# "a plus but not required", "gradita, ma non indispensabile", "not required, but preferred": still a wish.
_WISHED_BEFORE = re.compile(rf"(?i){_WISHED}{_YET}(?:(?:it|is|are|è|sono)\s)*$")
_WISHED_BEHIND = re.compile(rf"(?i){_YET}(?:\w+\s){{0,3}}?{_WISHED}")
# A list that a noun opens is one subject: "experience with A, B, C is a plus".
_HEAD = re.compile(
    r"(?i)\b(?:experience|knowledge|familiarity|exposure|understanding|skills? in|conoscenz[ae]|esperienz[ae]|"
    r"familiarità|competenz[ae])\b"
)
_COPULA = re.compile(r"(?i)['’]s\b|\b(?:is|are|would|will|be|è|sono|sarà|saranno|costitui\w+|rappresent\w+)\b")
_BRACKETS = re.compile(r"\([^()]*\)")
# "A plus: SAP and Excel", "SAP is a plus, as is Excel".
_OPENS_LIST = re.compile(r"\s?:|[^.;:\n]{0,20},? as (?:is|are|would be)\b")


def strength_of(text: str, cues: Sequence[Cue], first: int, start: int, end: int, last: int) -> str:
    """Strength of the mention ``text[start:end]`` by the cues in its sentence ``first`` to ``last``; "" without any.

    A cue before the mention reaches to the end of its clause, one in brackets to the closing bracket. A cue behind it
    reaches back over a list that is joined (*A, B or C is a plus*), not over a mere comma (*A required, B a plus*).
    The nearest one counts.
    """
    best: tuple[int, int, str] | None = None
    for cue in cues:
        strength = cue.strength
        if strength == "negated" and _still_wished(text, cue):
            strength = "preferred"
        if cue.end <= start and (cue.side == "before" or (cue.side == "after" and _OPENS_LIST.match(text, cue.end))):
            gap = text[cue.end : start]
            if gap.startswith(")") and not text[first : cue.start].strip(" -*•("):
                gap = gap[1:]  # "(preferred) experience with A"
            if _BREAK.search(gap) or leaves_bracket(gap):
                continue
            if strength in ("mentioned", "negated") and _NEW_SUBJECT.search(gap):
                continue
            if cue.closing and not _closed(text, cues, cue, end, last):
                continue
        elif cue.side == "after" and cue.start >= end:
            gap = text[end : cue.start]
            wording = text[cue.start : cue.end]
            if not _reaches_back(gap, wording) and not _same_subject(text[first:end], gap, wording, cues, end, cue):
                continue
        else:
            continue
        # "no … required": what is required in so many words counts only where nothing else speaks.
        found = (len(gap) + (_LAST if strength == "required" else 0), _ORDER[strength], strength)
        if strength == "negated" and cue.closing:
            return strength
        if best is None or found < best:
            best = found
    return best[2] if best else ""


def seeks_somebody(text: str, first: int, start: int) -> bool:
    """Whether a sentence has said, before a place, that somebody is looked for.

    >>> seeks_somebody("Azienda leader nella robotica cerca un saldatore", 0, 40)
    True
    """
    return _NEW_SUBJECT.search(text, first, start) is not None


def _closed(text: str, cues: Sequence[Cue], opening: Cue, end: int, last: int) -> bool:
    """Whether the closing words of a cue (``no … required``) follow in the clause."""
    return any(
        cue.side == "closes" and cue.closing == opening.closing and end <= cue.start < last
        and not _BREAK.search(text[end : cue.start])
        for cue in cues
    )  # fmt: skip


def _still_wished(text: str, cue: Cue) -> bool:
    """Whether a cue only takes the edge off a wish: "a plus but not required"."""
    return bool(
        _WISHED_BEFORE.search(text, max(0, cue.start - 40), cue.start)
        or _WISHED_BEHIND.match(text, cue.end, cue.end + 50)
    )


def leaves_bracket(gap: str) -> bool:
    """Whether a bracket that was open before the gap closes in it."""
    if ")" not in gap:
        return False
    depth = 0
    for sign in gap:
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            return True
    return False


def _same_subject(before: str, gap: str, wording: str, cues: Sequence[Cue], end: int, cue: Cue) -> bool:
    """Whether a cue speaks of a list by commas that one noun opens, as in "experience with A, B, C is a plus"."""
    gap = _BRACKETS.sub("", gap)
    if leaves_bracket(gap):
        gap = gap[gap.rindex(")") + 1 :]
        before = before[: before.rfind("(")] if "(" in before else before
    if "(" in gap or _BREAK.search(gap) or _HEAD.search(gap) or not _COPULA.search(gap[-40:] + wording):
        return False
    if any(end <= other.start < cue.start and other.strength != cue.strength for other in cues):
        return False
    return "," not in gap or _HEAD.search(before[-90:]) is not None


def _reaches_back(gap: str, cue: str) -> bool:
    if _BREAK.search(gap):
        return False
    opened = gap.rfind("(")
    if opened >= 0 and ")" not in gap[opened:]:
        return "," not in gap[:opened] and not _ADDED.search(gap[:opened])
    # A comma right before the cue (*X, preferred*) does not part it from what it speaks of.
    inner = gap.rstrip(" ,")
    if "," not in inner:
        return True
    tail = inner[inner.rfind(",") :]
    return bool(_JOINED.search(tail) or _PLURAL.search(gap + cue))
