"""What the role of a stretch is judged by: the names of its features.

`skillmatch.role_training` counts them by name (`features`); `skillmatch.role_scores` adds up their weights for a whole
document at once, from the same words, wordings and shapes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from skillmatch.lexicons import read_lexicon
from skillmatch.normalization import fold
from skillmatch.stretches import BULLET, Stretch

#: Stands before the words of each stretch in `words_of`.
SEPARATOR = "\n"
VERB = "<verb>"
_WORDS = re.compile(r"[^\W\d_]+|\d+|[%€$£@:?/]")
_MARKED_WORDS = re.compile(_WORDS.pattern + "|" + SEPARATOR)
# The same for plain English, of which most texts are: in two thirds of the time.
_PLAIN_WORDS = re.compile(rf"[A-Za-z]+|[0-9]+|[%$@:?/]|{SEPARATOR}")
_PREFIX = 5
_STEM = 6
_DIGITS = frozenset("0123456789")


class Passage(NamedTuple):
    """A text cut into stretches; ``employer``: a word by which it names the employer."""

    text: str
    stretches: Sequence[Stretch]
    employer: str = ""


class Shape(NamedTuple):
    """What a stretch looks like, whatever its words are."""

    place: int
    size: int
    bullet: bool
    first: bool
    last: bool
    colon: bool
    employer: bool

    def names(self) -> list[str]:
        """Its features."""
        names = ["<employer>"] if self.employer else []
        names += [f"@{self.place}", f"n{self.size}", "-" if self.bullet else "|"]
        if self.first:
            names.append("@first")
        elif self.last:
            names.append("@last")
        if self.colon:
            names.append(":$")
        return names


def words_of(passage: Passage) -> list[str]:
    r"""Folded words of all stretches, a `SEPARATOR` before each stretch.

    >>> words_of(Passage("Own PLCs. Sì", [Stretch(0, 9, 4), Stretch(10, 12, 0)]))
    ['\n', 'own', 'plcs', '\n', 'si']
    """
    text = passage.text
    pieces = [text[start:end].replace(SEPARATOR, " ") for start, end, _ in passage.stretches]
    folded = fold(SEPARATOR.join(["", *pieces]))
    return (_PLAIN_WORDS if folded.isascii() else _MARKED_WORDS).findall(folded)


def shapes(passage: Passage, sizes: Iterator[int]) -> Iterator[Shape]:
    """The shape of each stretch; of ``sizes`` is taken how many words each has."""
    text, stretches, employer = passage
    length = max(len(text), 1)
    last = len(stretches) - 1
    for at, (start, end, _) in enumerate(stretches):
        piece = text[start:end]
        yield Shape(
            min(4, 5 * start // length), min(next(sizes), 23) // 2, BULLET.match(piece) is not None, not at, at == last,
            piece.endswith(":"), bool(employer) and employer in piece,
        )  # fmt: skip


def common(word: str) -> str:
    """A word as features name it: all numbers are one."""
    return "0" if word[0] in _DIGITS else word


def own_names(word: str, kind: str) -> list[str]:
    """The features that a word has wherever it stands.

    >>> own_names("weld", "posting"), own_names("welding", "posting")
    (['weld', '<verb>'], ['welding', 'weldi*'])
    """
    names = [word, word[:_PREFIX] + "*"] if len(word) > _PREFIX else [word]
    if is_verb(word):
        names.append(VERB)
    return names + [class_ for rest, class_ in wordings(kind).get(stem(word), ()) if not rest]


def opening_names(word: str) -> list[str]:
    """The features that a word adds as the first of its stretch, but for the verb's."""
    return ["^" + word, "^-" + word[-2:], "^-" + word[-3:]]


def stem(word: str) -> str:
    """The beginning of a word, by which wordings of the lexicons and verbs are found."""
    return word[:_STEM]


def is_verb(word: str) -> bool:
    """Whether a word begins as a verb of the lexicon of levels does."""
    return stem(word) in _verbs()


def features(passage: Passage, kind: str) -> list[list[str]]:
    """The names of the features of each stretch: words, their beginnings, neighbouring pairs, wordings of the lexicons,
    how it begins, where it lies, whether it names the employer.

    >>> features(Passage("Own PLCs", [Stretch(0, 8, 4)]), "posting")[0]
    ['own', 'plcs', 'own plcs', '^own', '^-wn', '^-own', '@0', 'n1', '|', '@first']
    """
    sentences: list[list[str]] = []
    for word in words_of(passage):
        if word == SEPARATOR:
            sentences.append([])
        else:
            sentences[-1].append(common(word))
    looks = shapes(passage, iter([len(words) for words in sentences]))
    rows = []
    for words, shape in zip(sentences, looks, strict=True):
        row: list[str] = []
        stems = [stem(word) for word in words]
        for place, word in enumerate(words):
            row += own_names(word, kind)
            if is_verb(word):
                row.append(f"{words[place - 1]} {VERB}" if place else f"^{VERB}")
            for rest, class_ in wordings(kind).get(stems[place], ()):
                if rest and stems[place + 1 : place + 1 + len(rest)] == rest:
                    row.append(class_)
        row += [f"{one} {two}" for one, two in pairwise(words)]
        if words:
            row += opening_names(words[0])
            if len(words) > 2:
                row.append(f"^{words[0]} {words[1]}")
        rows.append(row + shape.names())
    return rows


def employer_name(employer: str) -> str:
    """The first telling word of an employer's name, by which a text speaks of it; "" where there is none.

    >>> employer_name("La Ferrolana Rolling Stock S.p.A.")
    'Ferrolana'
    """
    return next((word for word in re.findall(r"[^\W\d_]+", employer) if len(word) > 3 and word[0].isupper()), "")


@cache
def wordings(kind: str) -> dict[str, list[tuple[list[str], str]]]:
    """Wordings of the lexicons by the beginning of their first word: the other words' beginnings, and the class."""
    found: dict[str, list[tuple[list[str], str]]] = {}
    known = set()
    for row in read_lexicon("cues"):
        if row["kind"] == kind:
            known.add((row["cue"].strip("=").replace("…", " "), f"<cue {row['strength']}>"))
    for row in read_lexicon("headings"):
        if row["kind"] == kind:
            known.add((row["heading"], f"<as {row['role']}>"))
    for phrase, class_ in sorted(known):
        stems = [stem(word) for word in _WORDS.findall(fold(phrase))]
        if stems and (stems[1:], class_) not in found.setdefault(stems[0], []):
            found[stems[0]].append((stems[1:], class_))
    return found


@cache
def _verbs() -> frozenset[str]:
    """Beginnings of the verbs of the lexicon of levels."""
    terms = (row["term"] for row in read_lexicon("levels") if row["kind"] == "verb")
    return frozenset(stem(fold(term.strip("="))) for term in terms if " " not in term and "…" not in term)
