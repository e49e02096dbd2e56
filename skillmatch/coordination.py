"""Names that share a word with their neighbour: *electrical maintenance* in "mechanical and electrical maintenance".

Where words are joined by *and*, *or*, a slash or a list that ends so, each of them is read with what stands before
and after all of them: "lettura e interpretazione del disegno" also says *lettura del disegno*, "financial planning and
analysis" also *financial analysis*.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

#: What a token does to its neighbours; 0 for all other tokens.
JOINS, SLASH, COMMA, LOOSENS, STOPS = 1, 2, 3, 4, 5
_MOST_ELEMENTS = 5
#: Words that the elements share on one side: names are hardly ever longer.
_MOST_SHARED = 3
_NO_NAME = 1  # the stem key of all words that no name contains
_ROLES = {
    "en": {
        JOINS: ("and", "or", "&", "and/or"),
        SLASH: ("/",),
        COMMA: (",",),
        # "interpersonal skills and the ability to write": what follows these words belongs to one element alone.
        LOOSENS: ("with", "by", "from", "at", "for", "to", "in", "on"),
    },
    "it": {
        JOINS: ("e", "ed", "o", "od", "e/o", "oppure", "and", "&"),
        SLASH: ("/",),
        COMMA: (",",),
    },
}
_ROLE_OF = {
    language: {word: role for role, words in roles.items() for word in words} for language, roles in _ROLES.items()
}
_GLUE = re.compile(r"[-'’*_]+$")
_JOINING = (JOINS, SLASH)
_SEPARATING = (JOINS, SLASH, COMMA)
#: Words of one form end alike: verbs are joined with verbs, adjectives with adjectives.
_ENDINGS = {
    "en": ("ing", "ion|ment|ance|ence|ysis|ity|ness|ship", "al|ic|ive|ous|ary|[ai]ble|e[dn]", "ly"),
    "it": (
        "[aei]r(?:e|si)|rre",
        "zion[ei]|sion[ei]|ment[oi]|ur[ae]|aggi|aggio|enz[ae]|ità|isi|ing",
        "al[ei]|ic[oaie]|iche|iv[oaie]|os[oaie]|ari[oa]|bil[ei]|[aui]t[oaie]",
        "[ae]ndo",
        "mente",
    ),
}
_FORM = {
    language: re.compile(r"\w{2}(?:" + "|".join(f"({ending})" for ending in endings) + ")$")
    for language, endings in _ENDINGS.items()
}


def role_of(word: str, language: str) -> int:
    """What a folded token does to its neighbours.

    >>> role_of("and", "en") == JOINS, role_of("-", "en"), role_of("(", "en") == STOPS
    (True, 0, True)
    """
    role = _ROLE_OF[language].get(word)
    if role is None:
        role = 0 if word[:1].isalnum() or _GLUE.match(word) else STOPS
    return role


class Coordination(NamedTuple):
    """Words joined with each other (positions of tokens), and the stem keys of the words before and after them all."""

    elements: list[int]
    before: list[int]
    after: list[int]

    def readings(self, element: int, stem: int) -> Iterator[tuple[list[int], int]]:
        """The stems an element may be read with, and how many of them a name must cover at least, from the first on.

        What the words cover as they stand, beside each other, is left to the ordinary search.
        """
        before, after = self.before, self.after
        opens = element == self.elements[0]
        ahead = bool(after) and element != self.elements[-1]
        if ahead:
            yield [stem, *after], 2
        if ahead or not opens:
            for first in range(len(before)):
                yield [*before[first:], stem, *after], len(before) - first + 1 + opens


def coordinations(stems: Sequence[int], roles: np.ndarray) -> Iterator[Coordination]:
    """The coordinations of a text, from the stem key (0 for words to skip, 1 for those of no name) and the role of
    each token.

    >>> words = "mechanical and electrical maintenance".split()
    >>> next(coordinations([2, 3, 4, 5], np.array([role_of(word, "en") for word in words])))
    Coordination(elements=[0, 2], before=[], after=[5])
    """
    joins = np.flatnonzero((roles == JOINS) | (roles == SLASH)).tolist()
    if not joins:
        return
    # Nothing joins beyond the ends.
    stems, known = [*stems, _NO_NAME], [*roles.tolist(), STOPS]
    beyond = 1
    for join in joins:
        if join < beyond:
            continue
        elements = _elements_before(join, stems, known)
        if not elements:
            continue
        joined = len(elements)
        while known[join] in _JOINING and len(elements) < _MOST_ELEMENTS:
            found = _element_after(join, stems, known)
            if not found:
                break
            elements.append(found)
            beyond = join = found + 1
        if len(elements) > joined:
            before = _beside(elements[0], -1, stems, known)
            after = _beside(elements[-1], 1, stems, known)
            if before or after:
                yield Coordination(elements, before[::-1], after)


def same_form(word: str, other: str, language: str) -> bool | None:
    """Whether two words end like words of one form; None where an ending tells nothing.

    >>> same_form("manage", "managing", "en"), same_form("designing", "building", "en")
    (None, True)
    """
    forms = _FORM[language]
    one, two = forms.search(word.lower()), forms.search(other.lower())
    return None if one is None or two is None else one.lastindex == two.lastindex


def _elements_before(join: int, stems: Sequence[int], roles: Sequence[int]) -> list[int]:
    """The words joined by commas that end before a join, in their order."""
    at = join - 1
    while at >= 0 and roles[at] in _SEPARATING:
        at -= 1
    elements: list[int] = []
    while at >= 0 and stems[at] and not roles[at]:
        elements.append(at)
        at -= 1
        while at >= 0 and not stems[at] and not roles[at]:
            at -= 1
        if at < 1 or roles[at] != COMMA or len(elements) == _MOST_ELEMENTS - 1:
            break
        at -= 1
    return elements[::-1]


def _element_after(join: int, stems: Sequence[int], roles: Sequence[int]) -> int:
    """The word joined to those before a join; 0 where there is none, as in *addetto/a al magazzino*, where what
    follows is only an ending."""
    at = join + 1
    while roles[at] in _SEPARATING:
        at += 1
    if roles[at - 1] != SLASH:
        while not stems[at] and not roles[at]:
            at += 1
    return at if stems[at] and not roles[at] else 0


def _beside(at: int, step: int, stems: Sequence[int], roles: Sequence[int]) -> list[int]:
    """The stems of names that stand on one side of a position, the nearest first."""
    found: list[int] = []
    at += step
    while at >= 0 and not roles[at]:
        stem = stems[at]
        if stem == _NO_NAME:
            break
        if stem:
            found.append(stem)
            if len(found) == _MOST_SHARED:
                break
        at += step
    return found
