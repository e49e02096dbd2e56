"""What speaks for each candidate of each sentence of a batch, as arrays.

All sentences of a batch are worked on together; the one loop over sentences multiplies the vectors of its candidates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import sparse

from skillmatch.linking.candidates import Proposer, alias_factors, inverse_lengths
from skillmatch.linking.encoder import unit, unit_rows
from skillmatch.linking.index import LinkIndex
from skillmatch.linking.segments import Groups, by_segment, ranges
from skillmatch.linking.windows import WINDOWS, weighted_words, window_lengths, window_sums

#: A name counts as covered from this share of its words on.
_MOSTLY = 0.6
_TEMPERATURE = 0.1
_NONE = -0.2
_TOP = 3

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
        self._propose = Proposer(index)
        self._factor = alias_factors(index)
        self._example_scale = inverse_lengths(index.examples)

    def __call__(self, texts: Sequence[Sequence[int]], *further: tuple[np.ndarray, np.ndarray]) -> Candidates:
        """Candidates of sentences given as word numbers (`Vocabulary.numbers`).

        ``further`` : more of them, as numbers of sentences and of skills.
        """
        index = self.index
        bag = index.vocabulary.bag(texts)
        presence = bag.copy()
        presence.data = np.ones_like(bag.data)
        query = unit(unit_rows(bag) @ index.words)
        rows, skills, near = self._propose(presence, query, *further)
        group = Groups(rows, len(texts))
        words = _Words(bag)
        parts = {
            **self._vector_features(near, group),
            **self._example_features(query, words, bag, skills, group),
            **self._name_features(words, bag, skills, group),
            **self._products(texts, query, skills, group),
            "length": np.array([len(text) for text in texts], dtype=np.float32)[rows],
            "mass": np.asarray(bag.sum(axis=1)).ravel()[rows],
            "occupations": index.traits[skills, 0],
            "reuse": index.traits[skills, 1],
            "knowledge": index.traits[skills, 2],
        }
        # Feature by feature in memory, which is how they are made and how trees read them.
        table = np.empty((len(FEATURES), len(rows)), dtype=np.float32)
        for at, name in enumerate(FEATURES):
            table[at] = parts[name]
        return Candidates(rows, skills, table.T)

    def _vector_features(self, near: np.ndarray, group: Groups) -> dict[str, np.ndarray]:
        best = group.maximum(near)
        powers = np.exp((near - best) / _TEMPERATURE)
        return {
            "vector": near,
            "vector_below_best": near - best,
            "vector_rank": group.rank(near),
            "vector_share": powers / group.total(powers),
            "best_vector": best,
        }

    def _example_features(
        self, query: np.ndarray, words: _Words, bag: sparse.csr_array, skills: np.ndarray, group: Groups
    ) -> dict[str, np.ndarray]:
        index, rows = self.index, group.rows
        starts = index.example_starts
        which, counts = ranges(starts[skills], starts[skills + 1])
        likeness = np.empty(len(which), dtype=np.float32)
        ends = np.concatenate([[0], np.cumsum(counts)])[np.append(group.starts, len(rows))].tolist()
        for row, (first, last) in enumerate(pairwise(ends)):
            np.dot(index.example_vectors[which[first:last]], query[row], out=likeness[first:last])
        bounds = index.examples.indptr
        inside, sizes = ranges(bounds[starts[skills]], bounds[starts[skills + 1]])
        places = words.places(np.repeat(rows, sizes), index.examples.indices[inside])
        # A word that both have counts its weight in the one times its weight in the other: the square.
        squares = by_segment(np.add, words.table(bag.data**2).take(places), bounds[which + 1] - bounds[which])
        shared = by_segment(np.maximum, squares * self._example_scale[which], counts)
        shared *= inverse_lengths(bag)[rows]
        return {
            "example_vector": by_segment(np.maximum, likeness, counts, empty=_NONE),
            "example_mean": np.where(counts > 0, by_segment(np.add, likeness, counts) / np.maximum(counts, 1), _NONE),
            "examples": np.log1p(counts),
            "example_words": shared,
            "example_words_relative": shared / np.maximum(group.maximum(shared), 1e-6),
            "example_words_rank": group.rank(shared),
        }

    def _name_features(
        self, words: _Words, bag: sparse.csr_array, skills: np.ndarray, group: Groups
    ) -> dict[str, np.ndarray]:
        """``name`` is (matched mass)² / mass of the best name: long names must be covered."""
        index = self.index
        starts = index.name_starts
        which, counts = ranges(starts[skills], starts[skills + 1])
        bounds = index.names.indptr
        inside, sizes = ranges(bounds[starts[skills]], bounds[starts[skills + 1]])
        places = words.places(np.repeat(group.rows, sizes), index.names.indices[inside])
        # One sum for two: the weights of the words found are the real part, their number is the imaginary one.
        found = by_segment(np.add, words.table(bag.data + 1j).take(places), bounds[which + 1] - bounds[which])
        matched, share = found.real, found.imag / np.maximum(index.name_length[which], 1)
        mass = index.name_mass[which]
        coverage = matched / np.maximum(mass, 1e-6)
        name = by_segment(np.maximum, matched * coverage * self._factor[which], counts)
        whole = share >= 1 - 1e-6
        first = np.cumsum(counts) - counts
        return {
            "name": name,
            "name_relative": name / np.maximum(group.maximum(name), 1e-6),
            "name_rank": group.rank(name),
            "coverage": by_segment(np.maximum, coverage, counts),
            "words_covered": by_segment(np.maximum, share, counts),
            "names_mostly": by_segment(np.add, (share >= _MOSTLY).astype(np.float32), counts),
            "names_whole": by_segment(np.add, whole.astype(np.float32), counts),
            "whole_mass": by_segment(np.maximum, np.where(whole, mass, 0), counts),
            "label": matched[first] * coverage[first],
            "label_coverage": coverage[first],
            "label_words": share[first],
            "label_missing": mass[first] - matched[first],
            "label_mass": mass[first],
            "names": np.log1p(counts),
        }

    def _products(
        self, texts: Sequence[Sequence[int]], query: np.ndarray, skills: np.ndarray, group: Groups
    ) -> dict[str, np.ndarray]:
        """How near sentence, single words and windows of words come: a sentence often asks for several skills.

        Sentences of as many words go together, so that their windows are one array.
        """
        index = self.index
        label, description = np.zeros((2, len(skills)), dtype=np.float32)
        found = np.full((2 + len(WINDOWS), len(skills)), _NONE, dtype=np.float32)
        sizes = np.array([len(text) for text in texts])
        sizes[group.counts == 0] = 0
        for size in np.unique(sizes[sizes > 0]).tolist():
            chosen = np.flatnonzero(sizes == size)
            weighted = weighted_words(index, np.array([texts[row] for row in chosen.tolist()]))
            pairs, counts = ranges(group.starts[chosen], group.starts[chosen] + group.counts[chosen])
            scores = np.empty((len(pairs), size), dtype=np.float32)
            end = 0
            for at, row in enumerate(chosen.tolist()):
                first, last = group.bounds(row)
                which = skills[first:last]
                np.dot(index.label_vectors[which], query[row], out=label[first:last])
                np.dot(index.description_vectors[which], query[row], out=description[first:last])
                start, end = end, end + last - first
                np.dot(index.skill_vectors[which], weighted[at].T, out=scores[start:end])
            sentence = np.repeat(np.arange(len(chosen)), counts)
            single = scores / window_lengths(weighted, 1)[sentence]
            found[0, pairs] = single.max(axis=1)
            top = min(_TOP, size)
            found[1, pairs] = np.partition(single, -top, axis=1)[:, -top:].mean(axis=1)
            for at, width in enumerate(WINDOWS):
                windows = window_sums(scores, width) / window_lengths(weighted, width)[sentence]
                found[2 + at, pairs] = windows.max(axis=1)
        return {
            "label_vector": label,
            "description_vector": description,
            "word": found[0],
            "words_top": found[1],
            "window_3": found[2],
            "window_6": found[3],
            "window_3_below_best": found[2] - group.maximum(found[2]),
            "window_6_below_best": found[3] - group.maximum(found[3]),
        }


class _Words:
    """Dense tables of the words that a batch has, which stay in the processor's cache; those of a taxonomy do not."""

    def __init__(self, bag: sparse.csr_array) -> None:
        used = np.unique(bag.indices)
        self._column = np.zeros(bag.shape[1], dtype=np.intp)  # 0: no sentence of the batch has the word
        self._column[used] = np.arange(1, len(used) + 1)
        self._shape = bag.shape[0], len(used) + 1
        self._filled = self.places(np.repeat(np.arange(bag.shape[0]), np.diff(bag.indptr)), bag.indices)

    def places(self, rows: np.ndarray, words: np.ndarray) -> np.ndarray:
        """Where a sentence's word stands in a table."""
        return rows * self._shape[1] + self._column[words]

    def table(self, values: np.ndarray) -> np.ndarray:
        """A value for each entry of the bag, flat; 0 where a sentence does not have a word."""
        flat = np.zeros(self._shape[0] * self._shape[1], dtype=values.dtype)
        flat[self._filled] = values
        return flat
