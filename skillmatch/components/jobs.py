"""Names of jobs in postings: of other people's, and of the one that is filled."""

from __future__ import annotations

import re
from bisect import bisect_left

from skillmatch.components.terms import Level

_AGENTS = (
    "manager engineer developer scientist programmer technician designer analyst consultant specialist architect "
    "administrator operator planner buyer auditor supervisor inspector electrician mechanic scrum master owner"
).split()
_AGENT = frozenset(_AGENTS)
_AGENT_PLURAL = frozenset(f"{agent}s" for agent in _AGENTS) - {"mechanics"}  # fluid mechanics is nobody's job
# Words behind which stands the job that is filled; what is done in it comes later.
_HIRING = re.compile(
    r"(?i)(?<!che )\b(?:(?:look|search)(?:s|ing)? for|seek(?:s|ing)?|(?:we|i) need|hir(?:es?|ing)|position|role|wanted|"
    r"cerc(?:a|ano|asi|hiamo|ando)|ricerc(?:hiamo|asi)|assum(?:e|iamo|ono)|selezioniamo|(?:ricerca|seleziona) (?:\d+ )?"
    r"(?:un['ao]?|addett\w|operai\w|tecnic\w))\b[^.;:\n]{0,40}$"
)
# One of these stands in each of them; they are looked for once a document.
_HIRING_HINTS = "look", "search", "seek", "need", "hir", "position", "role", "wanted", "cerc", "assum", "selezion"
_HIRING_REACH = 90
# Words behind which a job's name means somebody to work with: "report to the project manager".
_WITH_OTHERS = re.compile(
    r"(?i)\b(?:with|to|by|from|alongside|between|among|supports?|supporting|assists?|assisting|con|ai|agli|al|allo|alla|"
    r"dal|dai|dagli|verso|affiancando|affiancherà|supporterà|supportare|assistere)\b[^.;:\n]{0,45}$"
)


def names_a_job(words: str) -> bool:
    """Whether the last of some words is the name of who does a job, as in *PLC programmer*."""
    return words.rsplit(None, 1)[-1].lower() in _AGENT


def names_other_people(text: str, start: int, end: int) -> bool:
    """Whether a mention is the name of somebody else's job: in the plural, or behind *with*, *report to*, *con* ...

    >>> names_other_people("liaise with project managers", 12, 28)
    True
    >>> names_other_people("project manager for new lines", 0, 15)
    False
    """
    last = text[start:end].rsplit(None, 1)[-1].lower()
    if last in _AGENT_PLURAL:
        return True
    return last in _AGENT and _WITH_OTHERS.search(text, max(0, start - 60), start) is not None


def names_the_job(text: str, levels: list[Level], first: int, start: int) -> bool:
    """Whether a mention tells which job is filled, and not what is done in it: nothing says how deeply it is known.

    >>> names_the_job("We are looking for a CNC operator", [], 0, 21)
    True
    """
    hiring = _HIRING.search(text, max(first, start - _HIRING_REACH), start)
    return hiring is not None and not any(
        hiring.start() + 8 < term.start and term.end <= start for term in levels if term.side == "before"
    )


def hiring_places(text: str) -> list[int]:
    """Where a wording of `_HIRING` may stand, in text order."""
    lower = text.lower()
    if len(lower) != len(text):  # a letter that becomes two when lower-cased: places would not be the same
        return list(range(len(text)))
    places = []
    for hint in _HIRING_HINTS:
        at = lower.find(hint)
        while at >= 0:
            places.append(at)
            at = lower.find(hint, at + 1)
    return sorted(places)


def reached(hiring: list[int], first: int, start: int) -> bool:
    """Whether a place of `hiring_places` is near enough before a mention, in its sentence."""
    at = bisect_left(hiring, max(first, start - _HIRING_REACH))
    return at < len(hiring) and hiring[at] < start
