"""Words around mentions that tell strength or depth, found by their stems: the lexicons ``cues`` and ``levels``.

``…`` in a lexicon stands for the mention: ``gradita …`` works on what follows, ``… is a plus`` on what comes before,
``no … required`` on what stands between. A term of level without ``…`` works on what follows.
"""

from __future__ import annotations

import re
from typing import NamedTuple, TypeVar

import spacy
from spacy.attrs import IDX, LENGTH
from spacy.tokens import Doc
from spacy.vocab import Vocab

from skillmatch.lexicons import read_lexicon
from skillmatch.normalization import SKIP, Normalizer, tokenize_name
from skillmatch.phrases import PhraseTrie
from skillmatch.sections import KINDS

_GAP = "…"
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
_CEFR = re.compile(r"(?<![\w-])(A1|A2|B1|B2|C1|C2)(?![\w-])")
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
        self._tokenizer = spacy.blank(language).tokenizer
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

    def find(self, doc: Doc, text: str) -> tuple[list[Cue], list[Level]]:
        """Cues and levels in text order; one that lies within a longer one of its sort is left out."""
        stems = self._normalizer.stems(doc)
        at = [i for i, stem in enumerate(stems) if stem != SKIP]
        places = doc.to_array([IDX, LENGTH]).tolist()
        cues: list[Cue] = []
        levels: list[Level] = []
        for start, end, values in self._tries[doc._.kind].find([stems[i] for i in at]):
            first, last = places[at[start]][0], sum(places[at[end - 1]])
            for side, value, closing, proficiency in values:
                if isinstance(value, str):
                    cues.append(Cue(first, last, side, value, closing))
                else:
                    levels.append(Level(first, last, side, value, proficiency))
        for years in _YEARS.finditer(text):
            level = _level_of_years(years.group("kind") or years.group(1))
            levels += [Level(years.start(), years.end(), side, level, True) for side in ("before", "after")]
        for cefr in _CEFR.finditer(text):
            level = _CEFR_LEVEL[cefr.group(1)]
            levels += [Level(cefr.start(), cefr.end(), side, level, True) for side in ("before", "after")]
        return _outermost(cues), _outermost(levels)

    def _add(self, kind: str, term: str, value: str | int, proficiency: bool) -> None:
        before, after = (self._keys(part) for part in term.split(_GAP)) if _GAP in term else (self._keys(term), ())
        trie = self._tries[kind]
        if before:
            trie.add(before, ("before", value, after, proficiency))
        else:
            trie.add(after, ("after", value, (), proficiency))
        if before and after:
            trie.add(after, ("closes", value, after, proficiency))

    def _keys(self, phrase: str) -> tuple[int, ...]:
        return self._normalizer.stem_phrase(tokenize_name(phrase.strip(), self._tokenizer))


def _level_of_years(number: str) -> int:
    """Depth that so many years of experience speak of.

    >>> [_level_of_years(number) for number in ("1", "three", "5", "dieci")]
    [2, 3, 4, 5]
    """
    years = int(number) if number.isdigit() else _NUMBERS[number.lower()]
    return 2 if years < 2 else 3 if years < 5 else 4 if years < 10 else 5


def _outermost(terms: list[_Term]) -> list[_Term]:
    """Without the terms that lie within a longer one."""
    if len(terms) < 2:
        return terms
    terms.sort(key=lambda term: (term.start, -term.end))
    kept: list[_Term] = []
    for term in terms:
        if kept and term.end <= kept[-1].end and (term.start, term.end) != (kept[-1].start, kept[-1].end):
            continue
        kept.append(term)
    return kept
