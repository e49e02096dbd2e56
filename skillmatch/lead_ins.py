"""Lead-ins: a line that ends with a colon or dots and says in many words what a heading says in one."""

from __future__ import annotations

import re
from functools import cache

# Of the wordings of a kind the first that fits.
_LEAD_INS = {
    "posting": (
        (
            "preferred",
            r"\b(plus|nice|prefer\w*|ideally|bonus|advantage\w*|an asset|would be great|gradit\w|preferenzial\w|"
            r"apprezz\w+|meglio se|vantaggio|punto in più)\b",
        ),
        ("required", r"\bif you (?:have|are|can)\b"),
        (
            "offer",
            r"\b(we offer|you (?:will )?(?:get|find|receive|enjoy)|in return|benefits?|offriamo|si offre|offre|"
            r"proponiamo|troverai|avrai)\b",
        ),
        (
            "duties",
            r"\b(you will|you'll|will be|responsible for|responsibilit\w+|duties|tasks|role|ti occuperai|"
            r"si occuperà|occuparsi|dovrai|dovrà|sarai responsabile|responsabile di|attività|mansioni|compiti)\b",
        ),
        (
            "required",
            r"\b(look(?:ing)? for|must|you (?:should )?have|required|requires?|requirements?|we (?:ask|expect|need)|"
            r"needs?|candidates?|profile|richied\w+|richiest\w|cerchiamo|requisit\w|serv(?:e|ono)|chiediamo|"
            r"candidat\w|profilo|competenze|conoscenz\w)\b",
        ),
    ),
    "syllabus": (
        # Also "All who receive a passing grade should be able to:".
        ("outcomes", r"\b(able to|in grado di|capac[ei] di|learn(?: how)? to|students? will)\W*$"),
        ("assessment", r"\b(exam|grad(?:e|es|ed|ing)|assess\w*|mark|esame|voto|verifica|valutazione)\b"),
        (
            "prerequisites",
            r"\b(assumed?|already|prerequisites?|before (?:taking|the course)|presuppon\w+|prerequisit\w|richied\w+|"
            r"richiest\w|pregress\w|in ingresso)\b",
        ),
        (
            "reading",
            r"^(?!.*\b(?:learn|able|grado|impar)).*"
            r"\b(?:need|required?|must|following|bring|seguent\w|necessari\w|serv(?:e|ono))\b.*"
            r"\b(?:tools|software|materials|platforms|accounts|supplies|strumenti|materiali)\b\W*(?:\w+\W+){0,3}$",
        ),
        (
            "outcomes",
            r"\b(able to|you can|you will|students? (?:will|can|should|learn)|participants? (?:will|can)|learn|"
            r"outcomes?|objectives?|in grado di|sapr\w+|imparer\w+|obiettiv\w|capacità|acquisi\w+)\b",
        ),
        ("content", r"\b(topics?|covers?|cover(?:ed)?|treats?|themes|tratta\w*|argoment\w|tem[ai]|affronta\w*)\b"),
        ("reading", r"\b(books?|textbooks?|texts?|readings?|test[oi]|libr[oi])\b"),
    ),
}
_LONGEST = 14


def find_lead_in(line: str, kind: str) -> tuple[int, str] | None:
    """(start, role) of the last sentence of such a line, where it announces a list.

    >>> find_lead_in("Thank you. As a welder you will be responsible for:", "posting")
    (11, 'duties')
    """
    first = max((line.rfind(stop) + 2 for stop in (". ", "! ", "? ", "; ")), default=0)
    first = first if first >= 2 else 0
    words = line[first:]
    if len(words.split()) <= _LONGEST:
        for role, wording in _patterns(kind):
            if wording.search(words):
                return first, role
    return None


@cache
def _patterns(kind: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((role, re.compile(wording, re.IGNORECASE)) for role, wording in _LEAD_INS[kind])
