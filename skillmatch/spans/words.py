"""Words of a sentence as the tagger sees them, and what of a word it looks at."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import Stemmer

# Commas are no words: the sentences of the training data have none.
_STRETCH = re.compile(r"[^\s,]+")
_OPENING = "([{"
_CLOSING = ")]}"
#: Signs around a word that do not change which word it is.
SIGNS = ".,;:!?()[]{}\"'“”‘’*•·-–—"
_STEMMER = Stemmer.Stemmer("english")
_RUN = re.compile(r"(.)\1+")
_CLASSES = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "X" * 26 + "x" * 26 + "d" * 10
)
_LONGEST_SHAPE = 8
_LONGEST_WORD = 60


class Place(NamedTuple):
    """A word and where it stands: ``text[start:end]``."""

    word: str
    start: int
    end: int


class Traits(NamedTuple):
    """What the tagger looks at in one word; ``attributes`` are pairs of a text and how far away it is still seen."""

    core: str
    stem: str
    shape: str
    attributes: tuple[tuple[str, int], ...]


def split_words(text: str) -> list[Place]:
    """The words of a sentence, split as the training data are: brackets and the last full stop apart, commas left out.

    >>> [place.word for place in split_words("Python, SQL (e.g. PostgreSQL).")]
    ['Python', 'SQL', '(', 'e.g.', 'PostgreSQL', ')', '.']
    """
    places = []
    for match in _STRETCH.finditer(text):
        start, end = match.span()
        after: list[Place] = []
        while start < end and text[start] in _OPENING:
            places.append(Place(text[start], start, start + 1))
            start += 1
        last = not text[end:].strip()
        while start < end and (text[end - 1] in _CLOSING or (last and text[end - 1] == ".")):
            after.append(Place(text[end - 1], end - 1, end))
            end -= 1
        if start < end:
            places.append(Place(text[start:end], start, end))
        places += reversed(after)
    return places


def shape(word: str) -> str:
    """Classes of its characters, runs shortened to two.

    >>> shape("PostgreSQL-15")
    'XxxXX-dd'
    """
    return _RUN.sub(r"\1\1", word.translate(_CLASSES))[:_LONGEST_SHAPE]


@lru_cache(maxsize=100_000)
def traits(word: str) -> Traits:
    """What the tagger looks at in a word.

    >>> traits("Databases;").core, traits("Databases;").stem
    ('databases', 'databas')
    """
    word = word[:_LONGEST_WORD]
    core = word.strip(SIGNS).lower() or word
    stem = _STEMMER.stemWord(core)
    form = shape(word)
    far = [(f"word {core}", 2), (f"stem {stem}", 3), (f"shape {form}", 2)]
    near = [f"starts {core[:3]}", f"starts {core[:4]}", f"ends {core[-2:]}", f"ends {core[-3:]}", f"ends {core[-4:]}"]
    if any(character.isdigit() for character in word):
        near.append("digit")
    if len(word) > 1 and word[0].isupper():
        near.append("capital")
    if sum(character.isupper() for character in word) > 1:
        near.append("capitals")
    if word[-1] in ".,;:!?":
        near.append(f"closed {word[-1]}")
    if "-" in word[1:-1]:
        near.append("hyphen")
    return Traits(core, stem, form, (*far, *((attribute, 1) for attribute in dict.fromkeys(near))))
