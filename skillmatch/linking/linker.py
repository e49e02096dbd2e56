"""Sentences in, skills of a taxonomy out, ranked and with probabilities."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice, pairwise, repeat
from typing import NamedTuple

import numpy as np

from skillmatch.errors import InputError
from skillmatch.fingerprints import digest
from skillmatch.language import SUPPORTED
from skillmatch.linking.features import FeatureMaker
from skillmatch.linking.index import LinkIndex
from skillmatch.linking.index_building import load_index
from skillmatch.linking.reranker import Reranker
from skillmatch.linking.semantic import SemanticStage, SemanticVectors
from skillmatch.linking.windows import weighted_words, window_lengths, window_sums
from skillmatch.linking.words import folded_words, words_in
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
    semantic : vectors of texts that propose further skills and weigh in on all of them.

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
        semantic: SemanticVectors | None = None,
    ) -> None:
        self.taxonomy = load_taxonomy(taxonomy) if isinstance(taxonomy, str) else taxonomy
        self.reranker = reranker or Reranker.load()
        self.index = index or load_index(self.taxonomy)
        self._semantic = semantic and SemanticStage(semantic, self.taxonomy, self.index.skill_ids)

    @cached_property
    def _maker(self) -> FeatureMaker:
        return FeatureMaker(self.index)

    @cached_property
    def _labels(self) -> list[str]:
        return [self.taxonomy[skill_id].label("en") for skill_id in self.index.skill_ids]

    @property
    def key(self) -> str:
        """Digest of what decides its links besides the bundled parts: the index, and the semantic vectors."""
        return digest([self.index.key, self._semantic.vectors.key]) if self._semantic else self.index.key

    @property
    def threshold(self) -> float:
        """Probability from which on `link` counts a skill as found."""
        return self.reranker.threshold

    def rank(self, sentences: Sequence[str], *, language: str = "en", top: int = 100) -> list[list[Link]]:
        """The most probable skills of each sentence, best first, without a threshold; repeated sentences cost nothing.

        At most as many as there are candidates, some 65, with semantic vectors some 80.

        Raises
        ------
        InputError : a language that is not supported.
        """
        return self._ranked(sentences, language, top)

    def link(
        self, sentences: Sequence[str], *, language: str = "en", threshold: float | None = None
    ) -> list[list[Link]]:
        """The skills of each sentence whose probability reaches the threshold (default: the calibrated one)."""
        least = self.threshold if threshold is None else threshold
        return self._ranked(sentences, language, None, least)

    def span(self, sentence: str, skill_id: str, *, language: str = "en") -> tuple[int, int]:
        """The words of the sentence that support a skill most: ``sentence[start:end]``, (0, 0) where none does.

        The window of at most three words that lies nearest to the skill, without words at its ends that say nothing.
        """
        number = self.index.vocabulary.number
        placed = [(at, start, end) for word, start, end in words_in(sentence) if (at := number(word, language)) >= 0]
        if not placed:
            return 0, 0
        target = self.index.skill_vectors[self._position[skill_id]]
        weighted = weighted_words(self.index, np.array([[at for at, _, _ in placed]]))
        scores = weighted @ target
        single = (scores / window_lengths(weighted, 1))[0]
        windows = (window_sums(scores, _WINDOW) / window_lengths(weighted, _WINDOW))[0]
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

    def _ranked(self, sentences: Sequence[str], language: str, top: int | None, least: float = 0.0) -> list[list[Link]]:
        if language not in SUPPORTED:
            raise InputError(f"language {language!r}", remedy=f"use one of {', '.join(SUPPORTED)}")
        shortened = [sentence[:_LONGEST_SENTENCE] for sentence in sentences]
        distinct = iter(dict.fromkeys(shortened))
        known: dict[str, list[Link]] = {}
        while batch := list(islice(distinct, BATCH)):
            known.update(zip(batch, self._batch(batch, language, top, least), strict=True))
        return [known[sentence].copy() for sentence in shortened]

    def _batch(self, sentences: list[str], language: str, top: int | None, least: float) -> Iterator[list[Link]]:
        words = [folded_words(sentence) for sentence in sentences]
        gate = self.reranker.gate.scores_of(words)
        numbers = self.index.vocabulary.numbers_of
        near = self._semantic and self._semantic(sentences, language)
        further = [near.nearest()] if near else []
        found = self._maker([numbers(row, language)[:_LONGEST_WORDS] for row in words], *further)
        score = np.zeros(0)
        if len(found.sentence):
            more = near.agreement(found.sentence, found.skill) if near else 0.0
            score = self.reranker.scores(found.features, gate[found.sentence], language=language, more=more)
        probability = np.round(1 / (1 + np.exp(-score)), 4)
        kept = np.flatnonzero(probability >= least)
        order = kept[np.lexsort((found.skill[kept], -score[kept], found.sentence[kept]))]
        bounds = np.searchsorted(found.sentence[order], np.arange(len(sentences) + 1))
        if top is not None:
            order = order[np.arange(len(order)) - bounds[found.sentence[order]] < top]
            bounds = np.searchsorted(found.sentence[order], np.arange(len(sentences) + 1))
        skills = found.skill[order].tolist()
        columns = (
            map(self.index.skill_ids.__getitem__, skills),
            map(self._labels.__getitem__, skills),
            np.round(score[order], 4).tolist(),
            probability[order].tolist(),
        )
        # Made this way, tens of thousands of named tuples take a tenth of the time that calls take.
        links = list(map(tuple.__new__, repeat(Link), zip(*columns, strict=True)))
        for first, last in pairwise(bounds.tolist()):
            yield links[first:last]
