"""Whether a sentence speaks of a skill at all: a linear model over its words and pairs of words.

Function words count here (*we offer*, *our customers*), other than for the linker.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from skillmatch.linking.words import folded_words
from skillmatch.output import whole_file

_BEGIN, _END = "<", ">"
_SHORT = 5
# Beginnings of words tell an inflected word that was never seen; one that is no word of its own starts with a tilde.
_STEM = 5
_SCALE = 3.0
# A weight this small changes nothing: words seen once on each side.
_SMALLEST = 0.02
_FOLDS = 3


class Gate:
    """Scores sentences: the logarithm of the odds that a sentence speaks of a skill."""

    def __init__(self, weights: dict[str, float], bias: float) -> None:
        self._weights = weights
        self._bias = bias
        self._single = {name: weight for name, weight in weights.items() if " " not in name}
        self._pairs = {tuple(name.split(" ")): weight for name, weight in weights.items() if " " in name}

    @classmethod
    def fit(cls, sentences: Sequence[str], has_skill: Sequence[bool], sample_weight: Sequence[float]) -> Gate:
        """Learn from sentences with and without a skill."""
        from sklearn.feature_extraction import DictVectorizer
        from sklearn.linear_model import LogisticRegression

        vectorizer = DictVectorizer()
        table = vectorizer.fit_transform([_table(sentence) for sentence in sentences])
        model = LogisticRegression(max_iter=300, class_weight="balanced")
        model.fit(table, np.asarray(has_skill), sample_weight=np.asarray(sample_weight))
        names = vectorizer.get_feature_names_out()
        kept = [
            (str(name), float(round(w, 4)))
            for name, w in zip(names, model.coef_[0], strict=True)
            if abs(w) >= _SMALLEST
        ]
        return cls(dict(kept), float(model.intercept_[0]))

    def scores(self, sentences: Sequence[str]) -> np.ndarray:
        """Log odds of each sentence, shape (sentences,)."""
        return self.scores_of([folded_words(sentence) for sentence in sentences])

    def scores_of(self, sentences: Iterable[Sequence[str]]) -> np.ndarray:
        """Log odds of sentences given as folded words, shape (sentences,)."""
        return np.array([self._score(words) for words in sentences], dtype=np.float32)

    def _score(self, words: Sequence[str]) -> float:
        framed = (_BEGIN, *words, _END)
        names = [*dict.fromkeys(framed), *_beginnings(words), *_marks(words)]
        pairs = dict.fromkeys(itertools.pairwise(framed))
        total = sum(map(self._single.get, names, itertools.repeat(0.0)))
        total = sum(map(self._pairs.get, pairs, itertools.repeat(0.0)), total)
        return self._bias + _SCALE * total / (len(names) + len(pairs)) ** 0.5

    def save(self, file: Path) -> None:
        names = sorted(self._weights)
        with whole_file(file, "wb") as stream:
            np.savez_compressed(
                stream,
                names=np.frombuffer("\n".join(names).encode(), dtype=np.uint8),
                weights=np.array([self._weights[name] for name in names], dtype=np.float32),
                bias=np.array(self._bias),
            )

    @classmethod
    def load(cls, file: Path) -> Gate:
        with np.load(file, allow_pickle=False) as stored:
            names = stored["names"].tobytes().decode().split("\n")
            return cls(dict(zip(names, stored["weights"].tolist(), strict=True)), float(stored["bias"]))


def held_out_scale(
    sentences: Sequence[str],
    has_skill: Sequence[bool],
    sample_weight: Sequence[float],
    counts: Sequence[bool],
    *,
    seed: int,
) -> tuple[float, float]:
    """Slope and intercept by which a score becomes log odds, learned from gates that did not see the sentence.

    Parameters
    ----------
    counts : the sentences to learn the scale from (all teach the gates). Those with and without a skill weigh the
        same: half of the sentences of an advertisement have none.
    """
    from sklearn.linear_model import LogisticRegression

    texts, has, weight = np.array(sentences, dtype=object), np.asarray(has_skill), np.asarray(sample_weight)
    counted = np.flatnonzero(counts)
    fold = np.random.default_rng(seed).permutation(len(counted)) % _FOLDS
    scores = np.zeros(len(counted))
    for held in range(_FOLDS):
        rest = np.setdiff1d(np.arange(len(texts)), counted[fold == held])
        gate = Gate.fit(texts[rest].tolist(), has[rest].tolist(), weight[rest].tolist())
        scores[fold == held] = gate.scores(texts[counted[fold == held]].tolist())
    model = LogisticRegression(C=100.0, class_weight="balanced").fit(scores[:, None], has[counted])
    return round(float(model.coef_[0, 0]), 4), round(float(model.intercept_[0]), 4)


def _names(sentence: str) -> Iterator[str]:
    """The distinct features of a sentence."""
    words = folded_words(sentence)
    framed = [_BEGIN, *words, _END]
    yield from dict.fromkeys(framed)
    yield from dict.fromkeys(f"{first} {second}" for first, second in itertools.pairwise(framed))
    yield from _beginnings(words)
    yield from _marks(words)


def _beginnings(words: Sequence[str]) -> dict[str, None]:
    return dict.fromkeys([f"~{word[:_STEM]}" for word in words if len(word) > _STEM])


def _marks(words: Sequence[str]) -> Iterator[str]:
    """Features of the sentence as a whole."""
    if len(words) < _SHORT:
        yield "#short"
    if any(word.isdigit() for word in words):
        yield "#number"


def _table(sentence: str) -> dict[str, float]:
    names = list(_names(sentence))
    return dict.fromkeys(names, _SCALE / len(names) ** 0.5)
