"""Candidates for each sentence of a batch, and what speaks for each of them, as arrays.

All sentences of a batch are worked on together; the only loop over sentences is over their word windows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from skillmatch.linking.encoder import unit, unit_rows
from skillmatch.linking.index import ALIAS_FACTOR, LinkIndex

#: Candidates by likeness of vectors, by words of names, by words of examples.
NEAREST, BY_NAME, BY_EXAMPLE = 40, 20, 20
#: A name counts as covered from this share of its words on.
_MOSTLY = 0.6
_WINDOWS = (3, 6)
_TEMPERATURE = 0.1
_NONE = -0.2
_BLOCK = 64
# Words of more skills than this are too common to propose a skill by themselves; they still count in the features.
_COMMON = 500

FEATURES = (
    "vector", "vector_below_best", "vector_rank", "vector_share", "best_vector", "label_vector", "description_vector",
    "example_vector", "example_mean", "examples", "example_words", "example_words_relative", "example_words_rank",
    "name", "name_relative", "name_rank", "coverage", "words_covered", "names_mostly", "names_whole", "whole_mass",
    "label", "label_coverage", "label_words", "label_missing", "label_mass", "names",
    "word", "words_top", "window_3", "window_6", "window_3_below_best", "window_6_below_best",
    "length", "mass", "occupations", "reuse", "knowledge",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Candidates:
    """Pairs of a sentence and a skill, by sentence: numbers of both, features of shape (pairs, len(FEATURES))."""

    sentence: np.ndarray
    skill: np.ndarray
    features: np.ndarray


class FeatureMaker:
    """Makes `Candidates` for an index."""

    def __init__(self, index: LinkIndex) -> None:
        self.index = index
        mass = np.maximum(index.name_mass, 1e-6)
        factor = np.full(len(mass), ALIAS_FACTOR, dtype=np.float32)
        factor[index.name_starts[:-1]] = 1.0
        self._factor = factor
        self._by_name = _proposals(index.names, index.name_owner, factor / mass, len(index.skill_ids))
        examples = unit_rows(index.examples)
        self._examples = examples
        self._by_example = _proposals(
            index.examples, index.example_owner, _inverse_lengths(index.examples), len(index.skill_ids)
        )

    def __call__(self, texts: Sequence[Sequence[int]]) -> Candidates:
        """Candidates of sentences given as word numbers (`Vocabulary.numbers`)."""
        index = self.index
        bag = index.vocabulary.bag(texts)
        scaled = unit_rows(bag)
        query = unit(scaled @ index.words)
        near = query @ index.skill_vectors.T
        mask = np.zeros(near.shape, dtype=bool)
        _mark_best(mask, near, NEAREST)
        presence = bag.copy()
        presence.data = np.ones_like(bag.data)
        _mark_best_of_sparse(mask, presence @ self._by_name, BY_NAME)
        _mark_best_of_sparse(mask, presence @ self._by_example, BY_EXAMPLE)
        mask[np.diff(bag.indptr) == 0] = False
        rows, skills = np.nonzero(mask)
        group = _Groups(rows, len(texts))
        parts = {
            **self._vector_features(query, near[rows, skills], rows, skills, group),
            **self._example_features(query, scaled, rows, skills, group),
            **self._name_features(presence, rows, skills, group),
            **self._window_features(texts, rows, skills, group),
            "length": np.array([len(text) for text in texts], dtype=np.float32)[rows],
            "mass": np.asarray(bag.sum(axis=1)).ravel()[rows],
            "occupations": index.traits[skills, 0],
            "reuse": index.traits[skills, 1],
            "knowledge": index.traits[skills, 2],
        }
        table = np.empty((len(rows), len(FEATURES)), dtype=np.float32)
        for at, name in enumerate(FEATURES):
            table[:, at] = parts[name]
        return Candidates(rows, skills, table)

    def _vector_features(
        self, query: np.ndarray, near: np.ndarray, rows: np.ndarray, skills: np.ndarray, group: _Groups
    ) -> dict[str, np.ndarray]:
        best = group.maximum(near)
        powers = np.exp((near - best) / _TEMPERATURE)
        mine = query[rows]
        return {
            "vector": near,
            "vector_below_best": near - best,
            "vector_rank": group.rank(near),
            "vector_share": powers / group.total(powers),
            "best_vector": best,
            "label_vector": np.einsum("ij,ij->i", mine, self.index.label_vectors[skills]),
            "description_vector": np.einsum("ij,ij->i", mine, self.index.description_vectors[skills]),
        }

    def _example_features(
        self, query: np.ndarray, scaled: sparse.csr_array, rows: np.ndarray, skills: np.ndarray, group: _Groups
    ) -> dict[str, np.ndarray]:
        index = self.index
        starts = index.example_starts
        which, counts = _ranges(starts[skills], starts[skills + 1])
        sentence = np.repeat(rows, counts)
        # All sentences with all examples in one product: faster than gathering the vectors of those that are needed.
        likeness = (query @ index.example_vectors.T)[sentence, which]
        dense = scaled.toarray()
        inside, sizes = _ranges(self._examples.indptr[which], self._examples.indptr[which + 1])
        words = dense[np.repeat(sentence, sizes), self._examples.indices[inside]] * self._examples.data[inside]
        shared = _by_segment(np.maximum, _by_segment(np.add, words, sizes), counts)
        return {
            "example_vector": _by_segment(np.maximum, likeness, counts, empty=_NONE),
            "example_mean": np.where(counts > 0, _by_segment(np.add, likeness, counts) / np.maximum(counts, 1), _NONE),
            "examples": np.log1p(counts),
            "example_words": shared,
            "example_words_relative": shared / np.maximum(group.maximum(shared), 1e-6),
            "example_words_rank": group.rank(shared),
        }

    def _name_features(
        self, presence: sparse.csr_array, rows: np.ndarray, skills: np.ndarray, group: _Groups
    ) -> dict[str, np.ndarray]:
        """``name`` is (matched mass)² / mass of the best name: long names must be covered."""
        index = self.index
        starts = index.name_starts
        which, counts = _ranges(starts[skills], starts[skills + 1])
        inside, sizes = _ranges(index.names.indptr[which], index.names.indptr[which + 1])
        dense = presence.toarray()
        hits = dense[np.repeat(np.repeat(rows, counts), sizes), index.names.indices[inside]]
        matched = _by_segment(np.add, hits * index.names.data[inside], sizes)
        words = _by_segment(np.add, hits, sizes) / np.maximum(index.name_length[which], 1)
        mass = index.name_mass[which]
        coverage = matched / np.maximum(mass, 1e-6)
        name = _by_segment(np.maximum, matched * coverage * self._factor[which], counts)
        whole = words >= 1 - 1e-6
        first = np.cumsum(counts) - counts
        return {
            "name": name,
            "name_relative": name / np.maximum(group.maximum(name), 1e-6),
            "name_rank": group.rank(name),
            "coverage": _by_segment(np.maximum, coverage, counts),
            "words_covered": _by_segment(np.maximum, words, counts),
            "names_mostly": _by_segment(np.add, (words >= _MOSTLY).astype(np.float32), counts),
            "names_whole": _by_segment(np.add, whole.astype(np.float32), counts),
            "whole_mass": _by_segment(np.maximum, np.where(whole, mass, 0), counts),
            "label": matched[first] * coverage[first],
            "label_coverage": coverage[first],
            "label_words": words[first],
            "label_missing": mass[first] - matched[first],
            "label_mass": mass[first],
            "names": np.log1p(counts),
        }

    def _window_features(
        self, texts: Sequence[Sequence[int]], rows: np.ndarray, skills: np.ndarray, group: _Groups
    ) -> dict[str, np.ndarray]:
        """How near single words and windows of words come to the skill: a sentence often asks for several."""
        index = self.index
        found = np.full((2 + len(_WINDOWS), len(rows)), _NONE, dtype=np.float32)
        for row, text in enumerate(texts):
            first, last = group.bounds(row)
            if first == last:
                continue
            vectors, count = window_vectors(index, text)
            scores = vectors @ index.skill_vectors[skills[first:last]].T
            single = scores[: count[0]]
            found[0, first:last] = single.max(axis=0)
            found[1, first:last] = np.partition(single, -min(3, len(single)), axis=0)[-3:].mean(axis=0)
            for at in range(len(_WINDOWS)):
                part = scores[sum(count[: at + 1]) : sum(count[: at + 2])]
                found[2 + at, first:last] = part.max(axis=0)
        return {
            "word": found[0],
            "words_top": found[1],
            "window_3": found[2],
            "window_6": found[3],
            "window_3_below_best": found[2] - group.maximum(found[2]),
            "window_6_below_best": found[3] - group.maximum(found[3]),
        }


def window_vectors(index: LinkIndex, text: Sequence[int]) -> tuple[np.ndarray, list[int]]:
    """Unit vectors of each word, then of each window of 3, then of 6 (or of the whole text); how many of each."""
    weighted = index.words[text] * index.vocabulary.weights[text][:, None]
    sums = np.vstack([np.zeros((1, weighted.shape[1]), dtype=np.float32), np.cumsum(weighted, axis=0)])
    parts = [weighted]
    for size in _WINDOWS:
        size = min(size, len(text))
        parts.append(sums[size:] - sums[:-size])
    return unit(np.vstack(parts)), [len(part) for part in parts]


class _Groups:
    """Reductions over the pairs of each sentence; ``rows`` is sorted."""

    def __init__(self, rows: np.ndarray, sentences: int) -> None:
        self.rows = rows
        self.counts = np.bincount(rows, minlength=sentences)
        self.starts = np.cumsum(self.counts) - self.counts

    def bounds(self, row: int) -> tuple[int, int]:
        return int(self.starts[row]), int(self.starts[row] + self.counts[row])

    def maximum(self, values: np.ndarray) -> np.ndarray:
        return _by_segment(np.maximum, values, self.counts)[self.rows]

    def total(self, values: np.ndarray) -> np.ndarray:
        return _by_segment(np.add, values, self.counts)[self.rows]

    def rank(self, values: np.ndarray) -> np.ndarray:
        """log(1 + rank) within the sentence, best first."""
        order = np.lexsort((-values, self.rows))
        ranks = np.empty(len(values), dtype=np.float32)
        ranks[order] = np.arange(len(values)) - self.starts[self.rows]
        return np.log1p(ranks)


def _mark_best(mask: np.ndarray, scores: np.ndarray, count: int) -> None:
    """Mark the ``count`` highest positive scores of each row.

    The maxima of blocks of columns bound the lowest score that can be among them: ten times as fast as a partition.
    """
    width = -scores.shape[1] % _BLOCK
    padded = np.pad(scores, ((0, 0), (0, width)), constant_values=-1) if width else scores
    blocks = padded.reshape(len(scores), -1, _BLOCK).max(axis=2)
    bound = np.zeros(len(scores), dtype=scores.dtype)
    if blocks.shape[1] > count:
        bound = np.maximum(np.partition(blocks, -count, axis=1)[:, -count], 0)
    rows, columns = np.nonzero((scores >= bound[:, None]) & (scores > 0))
    order = np.lexsort((-scores[rows, columns], rows))
    rows, columns = rows[order], columns[order]
    starts = np.searchsorted(rows, np.arange(len(scores)))
    keep = np.arange(len(rows)) - starts[rows] < count
    mask[rows[keep], columns[keep]] = True


def _mark_best_of_sparse(mask: np.ndarray, scores: sparse.csr_array, count: int) -> None:
    """Mark the ``count`` highest scores of each row; all are positive."""
    starts = scores.indptr.tolist()
    for row in range(scores.shape[0]):
        first, last = starts[row], starts[row + 1]
        columns = scores.indices[first:last]
        if last - first > count:
            columns = columns[np.argpartition(scores.data[first:last], -count)[-count:]]
        mask[row, columns] = True


def _ranges(starts: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of all ranges one after the other, and the length of each range."""
    counts = ends - starts
    total = int(counts.sum())
    return np.repeat(starts - (np.cumsum(counts) - counts), counts) + np.arange(total), counts


def _by_segment(reduce: np.ufunc, values: np.ndarray, counts: np.ndarray, *, empty: float = 0.0) -> np.ndarray:
    """A ufunc reduced over consecutive segments of the given lengths; ``empty`` for those of length 0."""
    result = np.full(len(counts), empty, dtype=np.float32)
    filled = counts > 0
    if len(values):
        result[filled] = reduce.reduceat(values, (np.cumsum(counts) - counts)[filled])
    return result


def _inverse_lengths(bag: sparse.csr_array) -> np.ndarray:
    return 1 / np.maximum(np.sqrt(np.asarray((bag * bag).sum(axis=1)).ravel()), 1e-6)


def _proposals(bag: sparse.csr_array, owner: np.ndarray, factor: np.ndarray, skills: int) -> sparse.csr_array:
    """How strongly a word proposes a skill, shape (words, skills): the highest of weight² x factor over the rows."""
    rows = np.repeat(np.arange(bag.shape[0]), np.diff(bag.indptr))
    words, values = bag.indices, bag.data**2 * factor[rows]
    owners = owner[rows]
    order = np.lexsort((-values, owners, words))
    words, owners, values = words[order], owners[order], values[order]
    first = np.ones(len(words), dtype=bool)
    first[1:] = (words[1:] != words[:-1]) | (owners[1:] != owners[:-1])
    words, owners, values = words[first], owners[first], values[first].astype(np.float32)
    rare = np.bincount(words, minlength=bag.shape[1])[words] <= _COMMON
    return sparse.csr_array((values[rare], (words[rare], owners[rare])), shape=(bag.shape[1], skills))
