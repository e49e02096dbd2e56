"""Sentences in, skills of a taxonomy out, ranked and with probabilities."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice, pairwise
from typing import NamedTuple

import numpy as np

from skillmatch.errors import InputError
from skillmatch.language import SUPPORTED
from skillmatch.linking.features import FeatureMaker, window_vectors
from skillmatch.linking.index import LinkIndex, load_index
from skillmatch.linking.reranker import Reranker
from skillmatch.linking.words import words_in
from skillmatch.taxonomy import Taxonomy, load_taxonomy

#: Sentences worked on together; their scores over all skills take some 14 MB.
BATCH = 256
_LONGEST_SENTENCE = 2_000
_LONGEST_WORDS = 200
_WINDOW = 3


class Link(NamedTuple):
    """A skill that a sentence speaks of; ``score`` is the log odds behind ``probability``."""

    skill_id: str
    label: str
    score: float
    probability: float


class Linker:
    """Links sentences to the skills of a taxonomy.

    Parameters
    ----------
    taxonomy : the skills; its index is made at first use, and kept in its folder if it has one.
    reranker : the trained part (default: the one that comes with skillmatch).

    >>> linker = Linker(load_taxonomy("manufacturing"))  # doctest: +SKIP
    >>> [link.label for link in linker.link(["You program Siemens controllers."])[0]]  # doctest: +SKIP
    ['PLC programming']
    """

    def __init__(
        self,
        taxonomy: Taxonomy | str = "manufacturing",
        *,
        reranker: Reranker | None = None,
        index: LinkIndex | None = None,
    ) -> None:
        self.taxonomy = load_taxonomy(taxonomy) if isinstance(taxonomy, str) else taxonomy
        self.reranker = reranker or Reranker.load()
        self.index = index or load_index(self.taxonomy)

    @cached_property
    def _maker(self) -> FeatureMaker:
        return FeatureMaker(self.index)

    @cached_property
    def _labels(self) -> list[str]:
        return [self.taxonomy[skill_id].label("en") for skill_id in self.index.skill_ids]

    @property
    def threshold(self) -> float:
        """Probability from which on `link` counts a skill as found."""
        return self.reranker.threshold

    def rank(self, sentences: Sequence[str], *, language: str = "en", top: int = 100) -> list[list[Link]]:
        """The most probable skills of each sentence, best first, without a threshold; repeated sentences cost nothing.

        At most as many as there are candidates, some 65.

        Raises
        ------
        InputError : a language that is not supported.
        """
        return [self._links(found) for found in self._ranked(sentences, language, top)]

    def link(
        self, sentences: Sequence[str], *, language: str = "en", threshold: float | None = None
    ) -> list[list[Link]]:
        """The skills of each sentence whose probability reaches the threshold (default: the calibrated one)."""
        least = self.threshold if threshold is None else threshold
        ranked = self._ranked(sentences, language, 100)
        return [self._links([row for row in found if row[2] >= least]) for found in ranked]

    def span(self, sentence: str, skill_id: str, *, language: str = "en") -> tuple[int, int]:
        """The words of the sentence that support a skill most: ``sentence[start:end]``, (0, 0) where none does.

        The window of at most three words that lies nearest to the skill, without words at its ends that say nothing.
        """
        number = self.index.vocabulary.number
        placed = [(at, start, end) for word, start, end in words_in(sentence) if (at := number(word, language)) >= 0]
        if not placed:
            return 0, 0
        target = self.index.skill_vectors[self._position[skill_id]]
        vectors, counts = window_vectors(self.index, [at for at, _, _ in placed])
        scores = vectors @ target
        single = scores[: counts[0]]
        windows = scores[counts[0] : counts[0] + counts[1]]
        size = min(_WINDOW, len(placed))
        best = int(windows.argmax())
        first, last = best, best + size - 1
        useful = single > max(0.0, 0.4 * float(single[first : last + 1].max()))
        while first < last and not useful[first]:
            first += 1
        while last > first and not useful[last]:
            last -= 1
        return placed[first][1], placed[last][2]

    @cached_property
    def _position(self) -> dict[str, int]:
        return {skill_id: at for at, skill_id in enumerate(self.index.skill_ids)}

    def _links(self, found: list[tuple[int, float, float]]) -> list[Link]:
        ids, labels = self.index.skill_ids, self._labels
        return [Link(ids[skill], labels[skill], score, probability) for skill, score, probability in found]

    def _ranked(self, sentences: Sequence[str], language: str, top: int) -> list[list[tuple[int, float, float]]]:
        if language not in SUPPORTED:
            raise InputError(f"language {language!r}", remedy=f"use one of {', '.join(SUPPORTED)}")
        shortened = [sentence[:_LONGEST_SENTENCE] for sentence in sentences]
        distinct = iter(dict.fromkeys(shortened))
        known: dict[str, list[tuple[int, float, float]]] = {}
        while batch := list(islice(distinct, BATCH)):
            known.update(zip(batch, self._batch(batch, language, top), strict=True))
        return [known[sentence] for sentence in shortened]

    def _batch(self, sentences: list[str], language: str, top: int) -> Iterator[list[tuple[int, float, float]]]:
        numbers = self.index.vocabulary.numbers
        found = self._maker([numbers(sentence, language)[:_LONGEST_WORDS] for sentence in sentences])
        gate = self.reranker.gate.scores(sentences)
        score = np.zeros(0)
        if len(found.sentence):
            score = self.reranker.scores(found.features, gate[found.sentence], language=language)
        order = np.lexsort((found.skill, -score, found.sentence))
        skill, score = found.skill[order].tolist(), score[order]
        probability = np.round(1 / (1 + np.exp(-score)), 4).tolist()
        score = np.round(score, 4).tolist()
        bounds = np.searchsorted(found.sentence, np.arange(len(sentences) + 1)).tolist()
        for first, last in pairwise(bounds):
            last = min(last, first + top)
            yield list(zip(skill[first:last], score[first:last], probability[first:last], strict=True))
