"""Which verb or degree of mastery governs a mention: its depth."""

from __future__ import annotations

import re
from collections.abc import Sequence

from skillmatch.components.scope import leaves_bracket
from skillmatch.components.terms import Level

_INFINITIVE = re.compile(r"(?i)\b(?:to|di|saper|sapere|sa|sai|sappia)\s(?:to\s)?$")
_DETERMINER = re.compile(r"(?i)\s(?:an?|the|how|why|when|your|il|lo|la|i|gli|le|una?|uno|l['’])\b")
#: English verbs that name topics too: "Design patterns", "test methods"; others, and Italian infinitives, do not.
_NOUN_TOO = frozenset(
    "audit build change code contrast control craft cut design dimension document draft drive estimate feed fix "
    "guide help interface issue launch lead list load machine measure mill model monitor mount name outline plan "
    "polish practice practise present process program programme prototype purchase query question record repair "
    "report research respect review run sample schedule service shape size sketch spot stack study support survey "
    "test train transform update weld wire work".split()
)
_NO_VERB = re.compile(r"\w*(?:ing|ed|[^s]s|ion|ment|ance|ione|[aio])")
# Behind a label a new sentence begins: "Skills: analyse ...".
_LABEL = re.compile(r": | [-–—] ")
_SOMEBODY = re.compile(
    r"(?i)\b(?:students?|participants?|you (?:will|can|learn)|able to|how to|learn(?:s|ing)? to|student[ei]|"
    r"in grado di|capac[ei] di|sapr\w+|saper|impar\w+ a|partecipanti|alliev\w)\b"
)
# What stands right before the verb of somebody who does something: "students analyse", "we compare", "si progettano".
_DOER = re.compile(
    r"(?i)\b(?:(?:students?|participants?|learners?|you|we|teams?|groups?|courses?|class|labs?|laborator(?:y|io)|"
    r"projects?|corso|modulo|insegnamento|student[ei]|partecipanti|alliev\w|gruppi)"
    r"(?:\s(?:will|also|then|poi|anche))?|si|v(?:iene|engono)|verr(?:à|anno)|sar(?:à|anno))\s$"
)
# "A and B are compared", "A viene confrontata": the verb behind what it governs.
_PASSIVE = re.compile(
    r"(?i)(?:(?:,| and| e| ed)\s[^.;:()]{1,70}?)?\s"
    r"(?:is|are|(?:will|can) be|v(?:iene|engono)|verr(?:à|anno)|sar(?:à|anno))\s(?:also |briefly |then |anche |poi )?"
)
_ARTICLE = r"(?:(?:a|de|ne|su)?ll(?:[aoe]\s|['’])|l['’]|(?:al|del|nel|di|il|lo|la|i|gli|le|the|to)\s)?"
# Between verbs that share their object: "design, develop and maintain", "alla progettazione e allo sviluppo".
_SHARED = re.compile(rf"(?i)\s?(?:,|/|&|\be\b|\bed\b|\bo\b|\band\b|\bor\b|\s)+{_ARTICLE}")
_COORDINATED = re.compile(rf"(?i)(?:,|/|&|\be|\bed|\bo|\band|\bor)\s?{_ARTICLE}$")
_DONE = 3  # the least depth of what is done
_DOING = frozenset(("duties", "outcomes"))
_TOPICS = frozenset(("content", "other", "assessment", "reading", "employer", "offer", "title"))
_PARTED = re.compile(r"[,;:()]| [-–—] ")
_CODE = re.compile(r"[ABC][12]\b")
_REACH = 160
_REACH_PLAIN = 90
_ADJACENT = re.compile(r"^\s*[(\[:–-]?\s*(?:[\w']+[\s:]+){0,3}$")


def level_of(text: str, levels: Sequence[Level], start: int, end: int, *, first: int, role: str = "") -> int | None:
    """Depth of the mention ``text[start:end]`` by the terms in its sentence, which begins at ``first``: by a degree of
    mastery within or right behind it, else by the nearest wording before it, where a degree of mastery in the same
    phrase comes before a verb.

    What a verb reaches depends on the section: all of its clause where somebody does something (duties, outcomes), the
    phrase that it opens in requirements, nothing in a list of topics.
    """
    verb: Level | None = None
    degree: Level | None = None
    own: Level | None = None
    head: Level | None = None  # the first verb of the sentence
    passive: int | None = None
    within: int | None = None
    for term in levels:
        if term.start >= end:
            # "conoscenza dell'inglese al livello B2": the code says it better than the noun.
            better = within is None or _CODE.match(text, term.start)
            if better and term.side == "after" and _ADJACENT.match(text[end : term.start]):
                return term.level
            if passive is None and term.side == "before" and _PASSIVE.fullmatch(text, end, term.start):
                passive = term.level
            continue
        if head is None and term.side == "before" and not term.proficiency:
            head = term
        if term.end > start:
            if within is None and term.proficiency and (term.side == "after" or term.start <= start):
                within = term.level
            own = own or term
        elif term.side == "after":
            continue
        elif term.proficiency:
            degree = term
        else:
            verb = _deeper(text, verb, term)
    if within is not None:
        return within
    own_verb = own is not None and not own.proficiency and own.start == start
    if (
        own is not None and own_verb and verb is not None
        and (role in _DOING or (degree is None and verb.end > start - 40))
        and _COORDINATED.search(text, verb.end, start)
    ):  # fmt: skip
        return own.level  # "analyse requests and maintain records": each verb has its own object
    if role in _TOPICS and verb is not None and head is not None:
        # "Design a filter" and "we design filters" say what is done, "Design patterns" and "si presentano" topics.
        before = text[first : verb.start]
        done = verb.level >= _DONE and _DOER.search(before)
        opened = _opens(text, first, head) and (head == verb or not text.startswith("s ", head.end - 1))
        verb = verb if done or opened or _SOMEBODY.search(before) else None
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
    if own is not None and own_verb and role not in _TOPICS:
        # "maintain the lines" as a duty, "able to read drawings"; but not "design engineering" in a list.
        return own.level if role in _DOING or _INFINITIVE.search(text, max(0, start - 12), start) else None
    if own is not None and own_verb and (_DOER.search(text, first, start) or _opens(text, first, own)):
        return own.level  # "Students analyze data", in whatever section
    return passive


def _opens(text: str, first: int, verb: Level) -> bool:
    """Whether a sentence, or what it says behind a label, begins with this verb as a verb."""
    if _LABEL.split(text[first : verb.start])[-1].strip(" -*•>.)0123456789"):
        return False
    word = text[verb.start : verb.end].lower()
    return (word not in _NOUN_TOO and not _NO_VERB.fullmatch(word)) or _DETERMINER.match(text, verb.end) is not None


def _deeper(text: str, verb: Level | None, term: Level) -> Level:
    """The later of two verbs, but at the level of the deeper one where both share their object: "design and build"."""
    if verb is None or verb.level <= term.level or not _SHARED.fullmatch(text, verb.end, term.start):
        return term
    return term._replace(level=verb.level)


def _cut_off(gap: str, *, everywhere: bool) -> bool:
    """Whether a wording does not reach over a gap: over brackets that close, clauses that end, or any sign at all."""
    opened = gap.rfind("(")
    if opened >= 0 and ")" not in gap[opened:]:
        gap = gap[:opened]  # in brackets stands what the word before them means
    parted = bool(_PARTED.search(gap))
    if len(gap) > _REACH or (len(gap) > _REACH_PLAIN and not parted):
        return True
    return ";" in gap or leaves_bracket(gap) or (everywhere and parted)
