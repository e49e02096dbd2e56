"""Words around mentions that tell strength or depth, found by their stems: the lexicons ``cues`` and ``levels``.

``…`` in a lexicon stands for the mention: ``gradita …`` works on what follows, ``… is a plus`` on what comes before,
``no … required`` on what stands between. A term of level without ``…`` works on what follows. A term that begins with
``=`` stands only as written; of a term that is one word but for function words, these must stand there too (*builds on*
is not *builds*).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple, TypeVar

import numpy as np
from spacy.tokens import Doc
from spacy.vocab import Vocab

from skillmatch.lexicons import read_lexicon
from skillmatch.normalization import Normalizer
from skillmatch.phrases import PhraseTrie
from skillmatch.sections import KINDS
from skillmatch.tokenization import name_tokenizer, tokenize_name

#: Italian function words that melt with the article.
_FUNCTION = {"di": r"d(?:i|e[li]\w*|egli)?", "a": r"a(?:l\w*|i|gli|d)?", "in": r"(?:in|ne\w+)", "su": r"su\w*", "da": r"da\w*",
             "con": r"co[nli]\w*"}  # fmt: skip
_GAP = "…"
_NEAR = 12  # characters around a term in which its function words stand
_SHORT = 4
_ADJECTIVE = re.compile(
    r"(?:[eo]rs?|[ai]bl[ey]|ive(?:ly)?|ful(?:ly)?|al(?:ly)?|it(?:y|ies)|ists?|tor[ei]|tric[ei]|tiv[oaie]|ità|bil[ei])$"
)
_NOUN = re.compile(r"(?:[^n]tions?|ments?|ances?|zion[ei]|ment[oi])$")
# "development and testing of", "sviluppo, test e manutenzione del"
_OBJECT = re.compile(
    r"(?i)(?:\s?(?:,|/|&|and\b|or\b|ed?\b|o\b)\s?[\w'’-]+(?:\s[\w'’-]+)??){0,3}?(?:\s[\w'’-]+)?"
    r"\s(?:(?:of|d(?:i|e[li]\w*|egli))\b|d(?:ell)?['’])"
)
_NUMBERS = {
    word: number
    for number, words in enumerate(
        ("one un uno una", "two due", "three tre", "four quattro", "five cinque", "six sei", "seven sette", "eight otto",
         "nine nove", "ten dieci"), start=1
    )
    for word in words.split()
} | {"annuale": 1, "biennale": 2, "triennale": 3, "quinquennale": 5, "pluriennale": 5, "decennale": 10, "many": 5}  # fmt: skip
_YEARS = re.compile(
    r"(?i)(?<![\w.])(\d{1,2}|" + "|".join(sorted(_NUMBERS, key=len, reverse=True)) + r")"
    r"(?:\s?\(\d{1,2}\))?\s?(?:\+|plus|or more|o più)?"
    r"(?:\s?(?:-|–|to|a|o|or|/)\s?(?:\d{1,2}|\w{3,7})\s?\+?)?\s?(?:years?|yrs?|anni|anno)\b"
    r"(?:'|’)?(?: (?:of|di|in))?(?: \w{3,12}){0,2}?(?: (?:experience|esperienza))?"
    r"|\besperienza (?:almeno )?(?P<kind>annuale|biennale|triennale|quinquennale|pluriennale|decennale)"
)
_YEAR = re.compile(
    r"[Yy]ears?\b|YEARS?\b|[Yy]rs?\b|[Aa]nn[io]\b|ANN[IO]\b|(?:[bB]i|[tT]ri|[aA]n|[pP]luri|[cC]inq|[dD]ec|ENN|NNU)\w*nn\w*ale\b|BIENNALE|TRIENNALE"
)
_BEFORE_YEARS = 40
# Nearly every English text has none of the Italian words for years: these few letters tell, in a tenth of the time.
_ITALIAN_YEAR = re.compile(r"nn(?:[io]\b|\w*ale\b)|NN(?:[IO]\b|ALE)")
_ENGLISH_YEAR = re.compile(r"[Yy](?:(?:ears?|rs?)\b|(?<=Y)EARS?\b)")
# The letter first, then what must not stand before it: the search skips to letters, several times faster.
_CEFR = re.compile(r"([ABC](?<![\w-][ABC])[12])(?![\w-])")
_CEFR_LEVEL = {"A1": 2, "A2": 2, "B1": 3, "B2": 3, "C1": 4, "C2": 5}


class Cue(NamedTuple):
    """A wording of strength at characters ``start`` to ``end``; ``closing``: the words that must follow the mention."""

    start: int
    end: int
    side: str
    strength: str
    closing: tuple[int, ...]


class Level(NamedTuple):
    """A wording of depth; ``proficiency`` where it speaks of a degree of mastery, not of what is done."""

    start: int
    end: int
    side: str
    level: int
    proficiency: bool


_Term = TypeVar("_Term", Cue, Level)


class Terms:
    """The lexicons of one language, compiled once."""

    def __init__(self, vocab: Vocab, language: str) -> None:
        self._normalizer = Normalizer(language, vocab.strings)
        self._tokenizer = name_tokenizer(language)
        self._tries = {kind: PhraseTrie() for kind in KINDS}
        languages = {"en": ("en",), "it": ("it", "en")}[language]  # Italian ads are full of English wordings
        for row in read_lexicon("cues"):
            if row["language"] in languages:
                self._add(row["kind"], row["cue"], row["strength"], False)
        for row in read_lexicon("levels"):
            if row["language"] == language:
                for kind in KINDS:
                    self._add(kind, row["term"], int(row["level"]), row["kind"] == "proficiency")
        self._normalizer.freeze()
        terms = {row["term"].strip("=… ").lower() for row in read_lexicon("levels") if row["language"] in languages}
        self._words = frozenset(terms | {f"{term}s" for term in terms})

    def find(self, doc: Doc, text: str) -> tuple[list[Cue], list[Level]]:
        """Cues and levels in text order; one that lies within a longer one of its sort is left out."""
        stems = self._normalizer.stems(doc)
        content = np.flatnonzero(stems)  # the others are skipped
        tokens = content.tolist()
        cues: list[Cue] = []
        levels: list[Level] = []
        for start, end, values in self._tries[doc._.kind].find(stems.take(content)):
            closing_token = doc[tokens[end - 1]]
            first, last = doc[tokens[start]].idx, closing_token.idx + len(closing_token)
            for side, value, closing, proficiency, surface in values:
                if isinstance(surface, str):
                    if text[first:last].lower().rstrip("-") != surface:
                        continue
                elif surface is not None and not surface.search(text, max(0, first - _NEAR), last + _NEAR):
                    continue
                if isinstance(value, str):
                    cues.append(Cue(first, last, side, value, closing))
                elif proficiency or surface is not None or end - start > 1 or self._governs(text, first, last):
                    levels.append(Level(first, last, side, value, proficiency))
        for years in _years(text):
            level = _level_of_years(years.group("kind") or years.group(1))
            levels += [Level(years.start(), years.end(), side, level, True) for side in ("before", "after")]
        for cefr in _CEFR.finditer(text):
            level = _CEFR_LEVEL[cefr.group(1)]
            levels += [Level(cefr.start(), cefr.end(), side, level, True) for side in ("before", "after")]
        return _outermost(cues), _outermost(levels)

    def _governs(self, text: str, first: int, last: int) -> bool:
        """Whether a word with the stem of a verb is a form that governs something: no *innovative*, *developer*; a noun
        (*development*, *organizzazione*) only with what it is done to (*development of*)."""
        word = text[first:last].lower()
        if word in self._words:
            return True
        form = _form(word)
        return form == "verb" or (form == "noun" and _OBJECT.match(text, last) is not None)

    def _add(self, kind: str, term: str, value: str | int, proficiency: bool) -> None:
        exact = term.startswith("=")
        parts = term.removeprefix("=").split(_GAP)
        before, after = (self._keys(part) for part in parts) if len(parts) > 1 else (self._keys(parts[0]), ())
        trie = self._tries[kind]
        if before:
            trie.add(before, ("before", value, after, proficiency, _surface(parts[0], before, exact)))
        else:
            trie.add(after, ("after", value, (), proficiency, _surface(parts[1], after, exact)))
        if before and after:
            # A participle closes as written only: "no licence required", but not "no material requirements".
            participle = len(after) == 1 and parts[1].endswith("ed")
            trie.add(after, ("closes", value, after, proficiency, _surface(parts[1], after, exact or participle)))

    def _keys(self, phrase: str) -> tuple[int, ...]:
        return self._normalizer.stem_phrase(tokenize_name(phrase.strip(), self._tokenizer))


def _years(text: str) -> Iterator[re.Match[str]]:
    """Statements of years of experience; the slow pattern is tried only near a word that means years."""
    end = 0
    hints = _YEAR if _ITALIAN_YEAR.search(text) else _ENGLISH_YEAR
    for hint in hints.finditer(text):
        found = _YEARS.search(text, max(end, hint.start() - _BEFORE_YEARS), hint.end() + _BEFORE_YEARS)
        if found is not None and found.end() >= hint.end():
            end = found.end()
            yield found


@lru_cache(maxsize=4096)
def _form(word: str) -> str:
    """What a word is by its ending: verb, noun (of action) or other."""
    return "other" if _ADJECTIVE.search(word) else "noun" if _NOUN.search(word) else "verb"


def _surface(part: str, keys: tuple[int, ...], exact: bool) -> re.Pattern[str] | str | None:
    """What must stand in the text beside equal stems, ``None`` where the stems say enough; a word as itself, since the
    comparison is much faster than a search."""
    words = part.split()
    if exact and len(words) == 1 and words[0].isalpha():
        return words[0].lower()
    if exact:
        return re.compile(r"(?i)\b" + r"\W+".join(map(re.escape, words)) + r"(?!\w)")
    if len(keys) == 1 and len(words) > 1:
        loose = [_FUNCTION.get(word) or _beginning(word) for word in words]
        return re.compile(r"(?i)\b" + r"\W+".join(loose) + r"(?!\w)")
    return None


def _beginning(word: str) -> str:
    return re.escape(word) if len(word) < _SHORT else re.escape(word[: max(3, len(word) - 3)]) + r"\w*"


def _level_of_years(number: str) -> int:
    """Depth that so many years of experience speak of.

    >>> [_level_of_years(number) for number in ("1", "three", "5", "dieci")]
    [2, 3, 4, 5]
    """
    years = int(number) if number.isdigit() else _NUMBERS[number.lower()]
    return 2 if years < 2 else 3 if years < 5 else 4 if years < 10 else 5


def _outermost(terms: list[_Term]) -> list[_Term]:
    """Without the terms that lie within a longer one, unless that says the same of its other side: "(will be) a plus"."""
    if len(terms) < 2:
        return terms
    terms.sort(key=lambda term: (term.start, -term.end))
    kept: list[_Term] = []
    outer: _Term | None = None
    for term in terms:
        if outer is None or term.end > outer.end or (term.start, term.end) == (outer.start, outer.end):
            outer = term
        elif term.side == outer.side or term[3] != outer[3]:
            continue
        kept.append(term)
    return kept
