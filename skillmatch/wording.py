"""Texts as weighted words: what a text is about beyond the names that a taxonomy knows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.preprocessing import normalize

from skillmatch.normalization import words_of
from skillmatch.sections import split_sections

#: How often a word counts for each time it stands in a section: a title says more, and what a course assumes or
#: lists as reading is not what it teaches.
SECTION_COUNTS = {"title": 2.0, "prerequisites": 0.0, "reading": 0.3, "assessment": 0.3}
#: BM25: how fast more of the same word stops to matter, and how far long texts are discounted.
_SATURATION = 1.2
_LENGTH = 0.5
#: Words of course catalogues that say nothing about a subject.
_CATALOGUE = {
    "en": "and or is are be as that this it its their into such not including also may will who which "
    "student students course courses subject subjects topic topics introduction introduces covers provides emphasis "
    "taking version additional complete use used using other",
    "it": "e ed o che è sono come si al alla insegnamento corso corsi studente studenti argomenti introduzione base",
}


def terms(text: str, language: str) -> list[str]:
    """Stems of the words of a text that say what it is about.

    British and American spelling are one.

    >>> terms("This course introduces the programming of welding robots", "en")
    ['program', 'weld', 'robot']
    >>> terms("optimisation of fibre moulding", "en") == terms("optimization of fiber molding", "en")
    True
    """
    stems = (_stem(word, language) for word in _WORD.findall(text))
    return [stem for stem in stems if stem]


#: What is changed alike on both sides may also hit other words (exercise, four): the same word stays the same.
_BRITISH = tuple(
    (re.compile(pattern), american)
    for pattern, american in (
        (r"(?<=\w{3})is(?=(?:e|ed|er|es|ing|ation|ations)$)", "iz"),
        (r"(?<=\w{2})ys(?=(?:e|ed|er|es|ing)$)", "yz"),
        (r"(?<=\w{2})our(?=(?:s|ed|ing|al)?$)", "or"),
        (r"moul(?=d)", "mol"),
        (r"^(fib|cent|met|lit)re(?=s?$)", r"\1er"),
        (r"^aluminium$", "aluminum"),
        (r"(?<=\w{2})ogue$", "og"),
        (r"^programme(?=s?$)", "program"),
        (r"(?<=\w)ll(?=(?:ed|ing|er)$)", "l"),
    )
)
_WORD = re.compile(r"[^\W_]+[+#]*")


@lru_cache(maxsize=400_000)
def _stem(word: str, language: str) -> str:
    """Stem of a word, "" where it says nothing about a subject."""
    if language == "en":
        word = word.lower()
        for pattern, american in _BRITISH:
            word = pattern.sub(american, word)
    stem = "".join(words_of(word, language))
    return "" if stem in _STOP[language] else stem


_STOP = {language: frozenset(words_of(words, language)) for language, words in _CATALOGUE.items()}


class Part(NamedTuple):
    """A piece of a text, how much its words weigh, and whether it is the title."""

    text: str
    weight: float
    is_title: bool


def parts_of(documents: pd.DataFrame) -> list[list[Part]]:
    """The parts of each text by its sections; titles that do not open the text are not among them."""
    found = []
    for title, text in documents[["title", "text"]].itertuples(index=False, name=None):
        sections = split_sections(text, kind="syllabus", title=title)
        found.append(
            [Part(text[start:end], SECTION_COUNTS.get(role, 1.0), role == "title") for start, end, role in sections]
        )
    return found


class Wording:
    """The words of texts, weighted by BM25 over fields (Robertson and Zaragoza, 2009, Found. Trends Inf. Retr. 3:333).

    Attributes
    ----------
    vocabulary : column of each stem.
    idf : inverse document frequency of each stem, shape (stems,).
    presence : how much of a stem a text shows, 0..1 (saturated), shape (texts, stems), by columns.
    directions : ``presence`` times ``idf``, each text of length 1, shape (texts, stems).
    """

    def __init__(self, parts: Sequence[Sequence[Part]], languages: Sequence[str]) -> None:
        self.vocabulary: dict[str, int] = {}
        body, title = self._count(parts, languages)
        n = body.shape[0]
        lengths = np.asarray(body.sum(axis=1)).ravel()
        body.data /= (1 - _LENGTH) + _LENGTH * np.repeat(lengths, np.diff(body.indptr)) / max(lengths.mean(), 1e-9)
        counts = sparse.csr_array(body + title)
        counts.data /= counts.data + _SATURATION
        holding = np.diff(counts.tocsc().indptr)
        self.idf = np.log(1 + (n - holding + 0.5) / (holding + 0.5))
        self.presence = counts.tocsc()
        self.directions = sparse.csr_array(normalize(counts.multiply(self.idf[None, :]).tocsr()))
        self._unseen = float(np.log(1 + (n + 0.5) / 0.5))

    def share(self, words: Sequence[str]) -> tuple[np.ndarray, float]:
        """How much of some words each text shows, 0..1 by weight, shape (texts,); and the weight of the words."""
        found = np.zeros(self.presence.shape[0])
        weight = 0.0
        for word in dict.fromkeys(words):
            column = self.vocabulary.get(word)
            if column is None:
                weight += self._unseen
                continue
            weight += self.idf[column]
            start, end = self.presence.indptr[column : column + 2]
            found[self.presence.indices[start:end]] += self.idf[column] * self.presence.data[start:end]
        return found / max(weight, 1e-9), weight

    def _count(
        self, parts: Sequence[Sequence[Part]], languages: Sequence[str]
    ) -> tuple[sparse.csr_array, sparse.csr_array]:
        """Weighted counts of the words in the bodies and in the titles, each of shape (texts, stems)."""
        cells: dict[bool, tuple[list[int], list[int], list[float]]] = {False: ([], [], []), True: ([], [], [])}
        for row, (pieces, language) in enumerate(zip(parts, languages, strict=True)):
            for text, weight, is_title in pieces:
                rows, columns, values = cells[is_title]
                for word in terms(text, language) if weight else ():
                    rows.append(row)
                    columns.append(self.vocabulary.setdefault(word, len(self.vocabulary)))
                    values.append(weight)
        shape = (len(parts), max(1, len(self.vocabulary)))
        made = [sparse.coo_array((v, (r, c)), shape=shape).tocsr() for r, c, v in (cells[False], cells[True])]
        return sparse.csr_array(made[0]), sparse.csr_array(made[1])
