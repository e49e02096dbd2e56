"""Which verb or degree of mastery governs a mention: its depth."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from skillmatch.components.scope import leaves_bracket
from skillmatch.components.terms import Level

_INFINITIVE = re.compile(r"(?i)\b(?:to|di|saper|sapere|sa|sai|sappia)\s(?:to\s)?$")
_DETERMINER = re.compile(
    r"(?i)\s(?:(?:and|&|,|or) \w+ )?(?:an?|the|how|why|when|your|il|lo|la|i|gli|le|una?|uno|l['’])\b"
)
#: English verbs that name topics too: "Design patterns", "test methods"; others, and Italian infinitives, do not.
_NOUN_TOO = frozenset(
    "audit change code contrast control craft cut design dimension document draft drive estimate feed fix "
    "guide help interface issue launch lead list load machine measure mill model monitor mount name outline plan "
    "polish practice practise present process program programme prototype purchase query question record repair "
    "report research respect review run sample schedule service shape size sketch spot stack study support survey "
    "test train transform update weld wire work".split()
)
_NO_VERB = re.compile(r"\w*(?:ing|ed|[^s]s|ion|ment|ance|ione|[aio])")
# Behind a label a new sentence begins: "Skills: analyse ...".
_LABEL = re.compile(r": | [-–—] ")
_SOMEBODY = re.compile(
    r"(?i)\b(?:students?|participants?|learners?|trainees?|apprentices?|you|we will|able to|how to|learn(?:s|ing)? to|"
    r"by the end|student[ei]|in grado di|capac[ei] di|sapr\w+|saper|impar\w+ a|partecipanti|alliev\w|corsist\w|"
    r"al termine|alla fine)\b"
)
# What stands right before the verb of somebody who does something: "students analyse", "we compare", "si progettano".
_DOER = re.compile(
    r"(?i)\b(?:(?:students?|participants?|learners?|you|we|teams?|groups?|courses?|class|labs?|laborator(?:y|io)|"
    r"projects?|assignments?|exercises?|please|corso|modulo|insegnamento|student[ei]|partecipanti|alliev\w|gruppi)"
    r"(?:\s(?:will|also|then|poi|anche))?|si|v(?:iene|engono)|verr(?:à|anno)|sar(?:à|anno))\s$"
)
_COME = re.compile(r"(?i)\bcome\s$")
_ITALIAN_INFINITIVE = re.compile(r"\w+[aei]r(?:e|l[oaie]|si)\b")
# "A and B are compared", "A viene confrontata": the verb behind what it governs.
_PASSIVE = re.compile(
    r"(?i)(?:(?:,| and| e| ed)\s[^.;:()]{1,70}?)?\s"
    r"(?:is|are|(?:will|can) be|v(?:iene|engono)|verr(?:à|anno)|sar(?:à|anno))\s"
    r"(?:(?:also|only|briefly|then|anche|solo|soltanto|brevemente|poi) )?"
)
_ARTICLE = r"(?:(?:a|de|ne|su)?ll(?:[aoe]\s|['’])|l['’]|(?:al|del|nel|di|il|lo|la|i|gli|le|the|to)\s)?"
# Between verbs that share their object: "design, develop and maintain", "alla progettazione e allo sviluppo".
_SHARED = re.compile(rf"(?i)\s?(?:(?:,|/|&|\be\b|\bed\b|\bo\b|\band\b|\bor\b)\s?)+{_ARTICLE}")
_SAME_KNOWLEDGE = re.compile(r"(?i)\s?(?:\w+\s)?(?:and|or|&|/|ed?|o)\s")  # "extensive knowledge and understanding of"
_ANOTHER = re.compile(r"(?i)(?:\band|\bor|&|\bed?|\bo)\s$")
# "experience (2+ years) with Python": what stands in the brackets is said of what follows.
_OF_BRACKET = re.compile(r"(?i)[^()]{0,20}\)(?=\s(?:with|in|of|on|using|con|di|d[ei]\w+|n[e]l\w*|in|su\w*)\b)")
# A noun of action in a list of what is known: "knowledge of statistics, data analysis and research methods".
_ACT_AS_TOPIC = re.compile(
    r"(?i)(?:\w+(?:ing|sis|tions?|ments?|ances?|zion[ei]|ment[oi]|tura|aggio)|analisi|design|control|controllo|uso|test)\b"
)
_COORDINATED = re.compile(
    rf"(?i)(?:,|/|&|\be|\bed|\bo|\band|\bor)\s?"
    rf"(?:{_ARTICLE}|(?:how to|to|can|able to|come|a|di|sai?|sanno|sapr\w+|saper) )$"
)
_ITEM = re.compile(r"(?i)(?:,|/|&|\band|\bor|\bed?|\bo)\s?(?:\w+\s){0,2}$")
# "knows the laws of heat and can size": what one can do is not what one knows.
_ABLE = re.compile(
    r"(?i)\b(?:and|or|but|ed?|o|ma)\s(?:can|able to|be able to|(?:the )?ability to|to|sai?|sanno|sapr\w+|saper[e]?|"
    r"(?:la )?capacità di|in grado di|di saper[e]?)\s$"
)
_CLAUSE = re.compile(r"[.;:()]")
_USE = re.compile(r"(?i)(?:using|use of|utilizzo d|uso d|usare|utilizzare)")
# Between use and what is used: "using the R language and", "utilizzo del".
_USED = re.compile(r"(?:[^.;:()\n]{0,60}(?:,|/|&|\be|\bed|\bo|\band|\bor)\s(?:\w+\s)?|.{0,12})")
_KNOWN = re.compile(r"(?i)(?:\w+ )*(?:knowledge|understanding|conoscenz[ae]|nozioni|competenze)\b")
_BASIC = 2
_DONE = 3  # the least depth of what is done
_DOING = frozenset(("duties", "outcomes"))
_TOPICS = frozenset(("content", "other", "assessment", "reading", "employer", "offer", "title"))
_PARTED = re.compile(r"[,;:()]| [-–—] ")
_CODE = re.compile(r"[ABC][12]\b")
_REACH = 160
_REACH_PLAIN = 90
_ADJACENT = re.compile(r"^\s*[(\[:–-]?\s*(?:[\w']+[\s:]+){0,3}$")


class _Governors(NamedTuple):
    """The terms of a sentence that may tell a mention's depth."""

    verb: Level | None  # the nearest before it
    degree: Level | None  # the nearest degree of mastery before it
    own: Level | None  # the first within it
    head: Level | None  # the first verb of the sentence
    passive: int | None  # of the verb behind what it governs
    said: int | None  # of the degree of mastery within the mention or right behind it


def level_of(text: str, levels: Sequence[Level], start: int, end: int, *, first: int, role: str = "") -> int | None:
    """Depth of the mention ``text[start:end]`` by the terms in its sentence, which begins at ``first``: by a degree of
    mastery within or right behind it, else by the nearest wording before it, where a degree of mastery in the same
    phrase comes before a verb.

    What a verb reaches depends on the section: all of its clause where somebody does something (duties, outcomes), the
    phrase that it opens in requirements, nothing in a list of topics.
    """
    verb, degree, own, head, passive, said = _governors(text, levels, start, end)
    if role in _DOING and verb is not None and verb.level >= _DONE and not _CLAUSE.search(text, verb.end, start):
        # "build basic circuits", "progettare una rete di base": the verb says more than how simple the things are.
        said = None if said == _BASIC else said
        degree = None if degree is not None and degree.level == _BASIC and degree.start >= verb.end else degree
    if said is not None:
        # "proficiency in machine learning fundamentals": the one who must be proficient knows more than these.
        more = degree is not None and said == _BASIC and not _PARTED.search(text, degree.end, start)
        return degree.level if degree is not None and more else said
    opens = own is not None and text[start : own.start].lower() in ("", "saper ", "sapere ", "to ")
    own_verb = own is not None and opens and not own.proficiency and not _is_topic(text, degree, verb, own)
    if (
        own is not None and own_verb and verb is not None
        and (role in _DOING or (degree is None and verb.end > start - 40))
        and _COORDINATED.search(text, verb.end, start)
    ):  # fmt: skip
        return own.level  # "analyse requests and maintain records": each verb has its own object
    if role in _TOPICS and verb is not None and head is not None:
        # "Design a filter" and "we design filters" say what is done, "Design patterns" and "si presentano" topics.
        before = text[first : verb.start]
        done = verb.level >= _DONE and _is_done(text, first, verb.start)
        opened = _opens(text, first, head) and (head == verb or not text.startswith("s ", head.end - 1))
        used = _USE.match(text, verb.start) and _USED.fullmatch(text, verb.end, start)
        verb = verb if done or opened or used or _SOMEBODY.search(before) else None
    if verb is not None and _cut_off(text[verb.end : start], everywhere=role not in _DOING and role not in _TOPICS):
        verb = None
    if degree is not None:
        gap = _OF_BRACKET.sub("", text[degree.end : start], count=1)
        # "advanced Excel, SAP" goes on; "Excel avanzato, SAP" has said it of Excel.
        everywhere = role in _TOPICS and not _KNOWN.match(text, degree.start, degree.end)
        if gap.startswith(",") or _cut_off(gap, everywhere=everywhere):
            degree = None
    if verb is not None and degree is not None:
        between = text[degree.end : verb.start]
        parted = verb.start > degree.end and (_PARTED.search(between) or _ABLE.search(between))
        return verb.level if parted else degree.level
    governor = verb or degree
    if governor is not None:
        return governor.level
    if own is not None and own_verb:
        level = _own_level(text, own, first=first, role=role)
        if level is not None:
            return level
    return passive


def _governors(text: str, levels: Sequence[Level], start: int, end: int) -> _Governors:
    verb: Level | None = None
    degree: Level | None = None
    own: Level | None = None
    head: Level | None = None
    passive: int | None = None
    within: int | None = None
    for term in levels:
        if term.start >= end:
            # "conoscenza dell'inglese al livello B2": the code says it better than the noun.
            better = within is None or _CODE.match(text, term.start)
            gap = text[end : term.start]
            if better and term.side == "after" and _ADJACENT.match(gap) and not _ANOTHER.search(gap):
                within = term.level
                break
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
            degree = _stronger(text, degree, term)
        elif not _is_topic(text, degree, verb, term):
            verb = _deeper(text, verb, term)
    return _Governors(verb, degree, own, head, passive, within)


def _own_level(text: str, own: Level, *, first: int, role: str) -> int | None:
    """Depth of a mention that begins with a verb of its own: "maintain the lines" as a duty, "able to read drawings",
    "use of spreadsheets"; but not "design engineering" in a list."""
    start = own.start
    if role not in _TOPICS:
        said = role in _DOING or _USE.match(text, start) or _INFINITIVE.search(text, max(0, start - 12), start)
        return own.level if said else None
    # "Students analyze data", in whatever section
    return own.level if _is_done(text, first, start) or _opens(text, first, own) else None


def _is_done(text: str, first: int, start: int) -> bool:
    """Whether the verb at ``start`` is what somebody does: "we design", "si progetta", "come progettare"."""
    if _DOER.search(text, first, start):
        return True
    return _COME.search(text, first, start) is not None and _ITALIAN_INFINITIVE.match(text, start) is not None


def _opens(text: str, first: int, verb: Level) -> bool:
    """Whether a sentence, or what it says behind a label, begins with this verb as a verb."""
    if _LABEL.split(text[first : verb.start])[-1].strip(" -*•>.)|0123456789").lower() not in ("", "to"):
        return False
    word = text[verb.start : verb.end].lower()
    return (word not in _NOUN_TOO and not _NO_VERB.fullmatch(word)) or _DETERMINER.match(text, verb.end) is not None


def _stronger(text: str, degree: Level | None, term: Level) -> Level:
    """The later of two degrees, but the higher one where both speak of the same: "extensive knowledge and
    understanding of"."""
    if degree is None or degree.level <= term.level or not _SAME_KNOWLEDGE.fullmatch(text, degree.end, term.start):
        return term
    return term._replace(level=degree.level)


def _is_topic(text: str, degree: Level | None, verb: Level | None, term: Level) -> bool:
    """Whether a noun of action is one item of a list of what is known."""
    known = degree or (verb if verb is not None and verb.level == _BASIC else None)
    if known is None or _ACT_AS_TOPIC.fullmatch(text, term.start, term.end) is None:
        return False
    gap = text[known.end : term.start]
    return bool(_ITEM.search(gap)) and not _CLAUSE.search(gap) and len(gap) <= _REACH


def _deeper(text: str, verb: Level | None, term: Level) -> Level:
    """The later of two verbs, but at the level of the deeper one where both share their object: "design and build"."""
    if verb is not None and verb.start == term.start:
        return max(verb, term, key=lambda level: level.level)  # both "aggiornamento di" and "aggiornare"
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
