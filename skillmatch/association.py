"""Which skills and which words go with a name, also where the taxonomy does not have that name."""

from __future__ import annotations

import csv
from functools import cache

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.preprocessing import normalize

from skillmatch.resources import resource
from skillmatch.taxonomy import Taxonomy
from skillmatch.wording import terms

#: A skill is near to a name from this similarity of its nearest name on; at most so many skills are.
_NEAR = 0.45
_MOST_SKILLS = 6
_MOST_PROFILES = 10
_LABEL_COUNTS = 3
_SENTENCES = {"english-one-skill.tsv": "en", "english-several-skills.tsv": "en", "italian.tsv": "it"}


class Associations:
    """Names of skills, and the words that are used around them.

    Two sources: the taxonomy (names and definitions), and the bundled sentences, which show how postings and syllabi
    speak of a skill (``corpora/sentences``).

    >>> from skillmatch.taxonomy import load_taxonomy
    >>> known = Associations(load_taxonomy())
    >>> [known.skill_ids[at] for at, _ in known.near_skills("welding robots")[:2]]
    ['robotic-welding', 'welding']
    """

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.skill_ids = list(taxonomy.skills)
        names, self._skill_of = [], []
        profiles = []
        for at, skill in enumerate(taxonomy):
            for language in ("en", "it"):
                wordings = [terms(alias.text, language) for alias in skill.names(language)]
                names += wordings
                self._skill_of += [at] * len(wordings)
                defined = terms(skill.definitions.get(language, ""), language)
                profiles.append([*(word for wording in wordings for word in wording), *defined])
        self._names = _Bags(names, sublinear=False)
        self._profiles = _Bags([*profiles, *_sentence_profiles()], sublinear=True)

    def near_skills(self, name: str) -> list[tuple[int, float]]:
        """(position of the skill, similarity 0..1) of the skills whose names are like this one, the nearest first."""
        nearest = np.zeros(len(self.skill_ids))
        np.maximum.at(nearest, self._skill_of, self._names.nearest(name))
        order = np.argsort(-nearest, kind="stable")[:_MOST_SKILLS]
        return [(int(at), float(min(1.0, nearest[at]))) for at in order if nearest[at] >= _NEAR]

    def near_words(self, name: str) -> dict[str, float]:
        """Words used around a name, the nearest weighing most; empty where none of its words is known."""
        similarity = self._profiles.nearest(name)
        nearest = np.argsort(-similarity, kind="stable")[:_MOST_PROFILES]
        weight = similarity[nearest] / max(similarity[nearest].sum(), 1e-9)
        together = np.asarray(self._profiles.matrix[nearest].T @ weight).ravel()
        return {self._profiles.words[at]: float(together[at]) for at in np.flatnonzero(together)}


class _Bags:
    """Bags of words as TF-IDF vectors of length 1."""

    def __init__(self, bags: list[list[str]], *, sublinear: bool) -> None:
        counter = CountVectorizer(analyzer=lambda words: words, binary=not sublinear)
        counts = sparse.csr_array(counter.fit_transform(bags)).astype(float)
        if sublinear:
            counts.data = np.log1p(counts.data)
        self.words: list[str] = list(counter.get_feature_names_out())
        self._column: dict[str, int] = counter.vocabulary_
        self._idf = np.log(1 + len(bags) / np.diff(counts.tocsc().indptr))
        self.matrix = sparse.csr_array(normalize(counts.multiply(self._idf[None, :]).tocsr()))

    def nearest(self, name: str) -> np.ndarray:
        """Cosine of a name with each bag, in the language in which it comes nearest to one."""
        english, italian = (self._similarity(terms(name, language)) for language in ("en", "it"))
        return italian if italian.max(initial=0.0) > english.max(initial=0.0) else english

    def _similarity(self, words: list[str]) -> np.ndarray:
        """Cosine of some words with each bag; a word that is in none counts as a rare one, so it pulls all down."""
        query = np.zeros(len(self.words))
        unknown = 0
        for word in dict.fromkeys(words):
            column = self._column.get(word)
            if column is None:
                unknown += 1
            else:
                query[column] = self._idf[column]
        length = np.sqrt((query**2).sum() + unknown * self._idf.max() ** 2)
        return self.matrix @ (query / max(length, 1e-9))


@cache
def _sentence_profiles() -> list[list[str]]:
    """For each label of the bundled sentences its words and those of the sentences that have it."""
    profiles: dict[str, list[str]] = {}
    for name, language in _SENTENCES.items():
        with resource("corpora", "sentences", name).open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
                for label in filter(None, row["skills"].split(" | ")):
                    words = profiles.setdefault(label, terms(label, "en") * _LABEL_COUNTS)
                    words += terms(row["sentence"], language)
    return list(profiles.values())
