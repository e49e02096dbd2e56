"""Sentences and names as vectors: a weighted sum of word vectors that are learned from the taxonomy itself.

The vectors are trained so that a name, a description or an example sentence lies near the label of its skill and far
from the labels of others: a softmax over the skills of a batch in both directions, the "in-batch negatives" of
Henderson et al. 2017 (arXiv:1705.00652), on bags of stems instead of a neural encoder, with AdaGrad (Duchi et al. 2011)
over the rows that a batch touches. Nothing is downloaded; full ESCO takes about half a minute.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from skillmatch.linking.words import folded_words, stem

DIMENSIONS = 256
_EPOCHS = 3
_BATCH = 1024
_RATE = 0.05
_TEMPERATURE = 0.1
_CACHE_LIMIT = 400_000
_SKIPPED, _UNKNOWN = -1, -2


class Vocabulary:
    """Stems that occur at least twice in the texts of a taxonomy, with their weights (inverse document frequency).

    An Italian word that no Italian text of the taxonomy has is looked up as an English one: *Kubernetes*, *budget*.
    """

    def __init__(self, stems: Sequence[str], weights: np.ndarray) -> None:
        self.stems = list(stems)
        self.weights = np.asarray(weights, dtype=np.float32)
        self._position = {word: at for at, word in enumerate(self.stems)}
        self._cache: dict[str, dict[str, int]] = {"en": {}, "it": {}}

    @classmethod
    def count(cls, texts: Iterable[tuple[str, str]]) -> Vocabulary:
        """From (text, language) pairs."""
        frequency: Counter[str] = Counter()
        size = 0
        for text, language in texts:
            size += 1
            frequency.update({stem(word, language) for word in folded_words(text)})
        frequency.pop("", None)
        kept = sorted(
            (word for word, times in frequency.items() if times > 1), key=lambda word: (-frequency[word], word)
        )
        return cls(kept, np.log(size / np.array([frequency[word] for word in kept], dtype=np.float64)))

    def __len__(self) -> int:
        return len(self.stems)

    def number(self, word: str, language: str) -> int:
        """Number of a folded word; -1 for a function word, -2 for one that the vocabulary does not have."""
        cache = self._cache[language]
        found = cache.get(word)
        if found is None:
            if len(cache) > _CACHE_LIMIT:
                cache.clear()
            found = cache[word] = self._look_up(word, language)
        return found

    def _look_up(self, word: str, language: str) -> int:
        key = stem(word, language)
        if not key:
            return _SKIPPED
        found = self._position.get(key, _UNKNOWN)
        if found == _UNKNOWN and language == "it":
            found = self._position.get(stem(word, "en"), _UNKNOWN)
        return found

    def numbers(self, text: str, language: str) -> list[int]:
        """Numbers of the known words of a text, in order."""
        return self.numbers_of(folded_words(text), language)

    def numbers_of(self, words: Iterable[str], language: str) -> list[int]:
        """Numbers of the known words among folded ones, in order."""
        number, cache = self.number, self._cache[language]
        found = [cache[word] if word in cache else number(word, language) for word in words]
        return [at for at in found if at >= 0]

    def bag(self, texts: Iterable[Sequence[int]]) -> sparse.csr_array:
        """Weights of the distinct words of each text (word numbers), shape (texts, words); rows are not normalised."""
        rows = [sorted(set(text)) for text in texts]
        columns = np.fromiter((at for row in rows for at in row), dtype=np.int32)
        starts = np.concatenate([[0], np.cumsum([len(row) for row in rows], dtype=np.int64)])
        return sparse.csr_array((self.weights[columns], columns, starts), shape=(len(rows), len(self)))


def unit(vectors: np.ndarray) -> np.ndarray:
    """Rows scaled to length one; zero rows stay."""
    return vectors / np.maximum(np.sqrt((vectors * vectors).sum(axis=1, keepdims=True)), 1e-8)


def unit_rows(bag: sparse.csr_array) -> sparse.csr_array:
    """A sparse matrix with its rows scaled to length one."""
    lengths = np.sqrt(np.asarray((bag * bag).sum(axis=1)).ravel())
    scaled = bag.copy()
    scaled.data = scaled.data / np.repeat(np.maximum(lengths, 1e-8), np.diff(bag.indptr)).astype(np.float32)
    return scaled


@dataclass(frozen=True)
class Pairs:
    """What the encoder learns from: row ``i`` of ``queries`` belongs to row ``targets[i]`` of ``labels``."""

    queries: sparse.csr_array
    targets: np.ndarray
    labels: sparse.csr_array


def train_encoder(
    pairs: Pairs, *, dimensions: int = DIMENSIONS, epochs: int = _EPOCHS, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Word vectors (words, dimensions), and for each label a vector of its own (labels, dimensions).

    The own vectors take up what example sentences say and the words of the label do not.
    """
    random = np.random.default_rng(seed)
    words = random.standard_normal((pairs.queries.shape[1], dimensions), dtype=np.float32) / np.sqrt(dimensions)
    words = words.astype(np.float32)
    own = np.zeros((pairs.labels.shape[0], dimensions), dtype=np.float32)
    sums = np.zeros(len(words), dtype=np.float32), np.zeros(len(own), dtype=np.float32)
    count = len(pairs.targets)
    batch = min(_BATCH, count)
    for epoch in range(epochs):
        order = random.permutation(count)
        rate = _RATE * (1 - epoch / epochs)
        for start in range(0, count - batch + 1, batch):
            chosen = order[start : start + batch]
            _step(pairs.queries[chosen], pairs.labels, pairs.targets[chosen], (words, own), sums, rate)
    return words, own


def _step(
    queries: sparse.csr_array,
    labels: sparse.csr_array,
    targets: np.ndarray,
    vectors: tuple[np.ndarray, np.ndarray],
    sums: tuple[np.ndarray, np.ndarray],
    rate: float,
) -> None:
    """One AdaGrad step over a batch, in place."""
    words, own = vectors
    names = labels[targets]
    used, numbers = np.unique(np.concatenate([queries.indices, names.indices]), return_inverse=True)
    split = len(queries.indices)
    shape = (len(targets), len(used))
    queries = sparse.csr_array((queries.data, numbers[:split], queries.indptr), shape=shape)
    names = sparse.csr_array((names.data, numbers[split:], names.indptr), shape=shape)
    active = words[used]
    left, right = queries @ active, names @ active + own[targets]
    left_length = np.sqrt((left * left).sum(axis=1, keepdims=True)) + 1e-8
    right_length = np.sqrt((right * right).sum(axis=1, keepdims=True)) + 1e-8
    left /= left_length
    right /= right_length
    scores = left @ right.T / np.float32(_TEMPERATURE)
    same = targets[:, None] == targets[None, :]
    np.fill_diagonal(same, False)
    scores[same] = -30.0  # another text of the same skill is no wrong answer
    slope = _softmax(scores, 1) + _softmax(scores, 0)
    diagonal = np.arange(len(targets))
    slope[diagonal, diagonal] -= 2.0
    slope /= np.float32(_TEMPERATURE * len(targets))
    left_slope, right_slope = slope @ right, slope.T @ left
    left_slope = (left_slope - left * (left_slope * left).sum(axis=1, keepdims=True)) / left_length
    right_slope = (right_slope - right * (right_slope * right).sum(axis=1, keepdims=True)) / right_length
    _descend(words, sums[0], used, queries.T @ left_slope + names.T @ right_slope, rate)
    skills, places = np.unique(targets, return_inverse=True)
    gather = sparse.csr_array(
        (np.ones(len(targets), dtype=np.float32), (places, diagonal)), shape=(len(skills), len(targets))
    )
    _descend(own, sums[1], skills, gather @ right_slope, rate)


def _softmax(scores: np.ndarray, axis: int) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def _descend(vectors: np.ndarray, sums: np.ndarray, rows: np.ndarray, slope: np.ndarray, rate: float) -> None:
    sums[rows] += (slope * slope).mean(axis=1)
    vectors[rows] -= np.float32(rate) * slope / (np.sqrt(sums[rows])[:, None] + np.float32(1e-7))
