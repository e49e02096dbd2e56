"""Weights of features added up for all stretches of many documents at once.

The features are those that `skillmatch.role_features.features` names. Their names are not built here: what a word
always adds is added up once a word, pairs of words are looked up by number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from skillmatch.role_features import (
    SEPARATOR,
    VERB,
    Passage,
    Shape,
    common,
    is_verb,
    opening_names,
    own_names,
    shapes,
    stem,
    wordings,
    words_of,
)  # fmt: skip

#: More distinct words than this and what is known of them starts anew: memory stays flat on millions of documents.
_MOST_WORDS = 200_000


class Scorer:
    """Sums of weights for each role.

    ``vocabulary`` gives the row of ``weights`` (features x roles) that belongs to a feature; row 0 weighs nothing.
    """

    def __init__(self, kind: str, vocabulary: Mapping[str, int], weights: np.ndarray) -> None:
        self._kind, self._vocabulary, self._weights = kind, vocabulary, weights
        self._pairs = _Pairs({name: at for name, at in vocabulary.items() if name.count(" ") == 1 and name[0] != "<"})
        # Wordings by their first two words: what those of two words weigh, and what the longer ones want behind them.
        endings: dict[str, list[tuple[list[str], str]]] = {}
        for one, opened in wordings(kind).items():
            for rest, class_ in opened:
                if rest:
                    endings.setdefault(f"{one} {rest[0]}", []).append((rest[1:], class_))
        self._wordings = _Pairs({pair: number for number, pair in enumerate(endings, start=1)})
        found = [[], *endings.values()]
        self._short = np.stack([self._weigh([class_ for rest, class_ in ends if not rest]) for ends in found])
        self._longer: list[dict[str, list[tuple[list[str], np.ndarray]]]] = []
        for ends in found:
            by_third: dict[str, list[tuple[list[str], np.ndarray]]] = {}
            for rest, class_ in ends:
                if rest:
                    by_third.setdefault(rest[0], []).append((rest[1:], self._weigh([class_])))
            self._longer.append(by_third)
        self._goes_on = np.array([bool(ends) for ends in self._longer])
        self._shapes: dict[Shape, np.ndarray] = {}
        self._words: dict[str, int] = {}
        self._sums = np.zeros((1024, 2 * weights.shape[1]), dtype=np.float32)
        self._numbers = np.zeros((1024, 7), dtype=np.int64)

    def sums(self, passages: Sequence[Passage]) -> np.ndarray:
        """The sum of the weights of each stretch's features, shape (stretches of all passages, roles)."""
        words = [word for passage in passages for word in words_of(passage)]
        words += [SEPARATOR, SEPARATOR]
        known = self._words
        try:
            at_word = np.fromiter(map(known.__getitem__, words), dtype=np.int64, count=len(words))
        except KeyError:
            at_word = np.array(self._learn(words))
        separators = np.flatnonzero(at_word == 0)[:-1]
        sizes, heads = np.diff(separators) - 1, separators[:-1]
        sums = self._sums.take(at_word, axis=0)
        # One row for each of the numbers that `_learn` keeps.
        first, second, opening, stem_first, stem_second, before_verb, verb = self._numbers.take(at_word, axis=0).T
        size = self._weights.shape[1]
        rows = sums[:, :size]
        rows[heads] += sums[heads + 1, size:]
        pairs = self._pairs.find(
            np.concatenate([first[:-1], opening[heads + 1] * (sizes > 2)]),
            np.concatenate([second[1:], second[heads + 2]]),
        )
        rows[heads] += self._weights.take(pairs[len(words) - 1 :], axis=0)
        rows[1:] += self._weights.take(pairs[: len(words) - 1], axis=0)
        rows[1:] += self._weights.take(before_verb[:-1] * verb[1:], axis=0)
        opened = self._wordings.find(stem_first[:-1], stem_second[1:])
        rows[1:] += self._short.take(opened, axis=0)
        for at in np.flatnonzero(self._goes_on.take(opened)).tolist():
            for rest, weight in self._longer[opened[at]].get(stem(common(words[at + 2])), ()):
                if [stem(common(word)) for word in words[at + 3 : at + 3 + len(rest)]] == rest:
                    rows[at] += weight
        left = iter(sizes.tolist())
        looks = [self._weight_of(shape) for passage in passages for shape in shapes(passage, left)]
        return np.add.reduceat(rows, heads, axis=0) + np.array(looks)

    def _learn(self, words: Sequence[str]) -> list[int]:
        """The numbers of words, new ones among them; 0 is the separator's."""
        known = self._words
        if len(known) > _MOST_WORDS:
            known.clear()
        known.setdefault(SEPARATOR, 0)
        new = [word for word in dict.fromkeys(words) if word not in known]
        while len(known) + len(new) > len(self._sums):
            self._sums = np.concatenate([self._sums, np.zeros_like(self._sums)])
            self._numbers = np.concatenate([self._numbers, np.zeros_like(self._numbers)])
        for word in new:
            number = known[word] = len(known)
            word = common(word)
            own, opening = own_names(word, self._kind), opening_names(word)
            if is_verb(word):
                opening.append(f"^{VERB}")
            self._sums[number] = np.concatenate([self._weigh(own), self._weigh(opening)])
            begins = stem(word)
            self._numbers[number] = (
                self._pairs.first.get(word, 0), self._pairs.second.get(word, 0), self._pairs.first.get(f"^{word}", 0),
                self._wordings.first.get(begins, 0), self._wordings.second.get(begins, 0),
                self._vocabulary.get(f"{word} {VERB}", 0), is_verb(word),
            )  # fmt: skip
        return [known[word] for word in words]

    def _weight_of(self, shape: Shape) -> np.ndarray:
        weight = self._shapes.get(shape)
        if weight is None:
            weight = self._shapes[shape] = self._weigh(shape.names())
        return weight

    def _weigh(self, names: Sequence[str]) -> np.ndarray:
        """Sum of the weights of features; unknown ones weigh nothing."""
        known = [self._vocabulary[name] for name in names if name in self._vocabulary]
        return self._weights[known].sum(axis=0)


class _Pairs:
    """Numbers of pairs of words (``"one two"``), found for many pairs at once.

    ``first`` and ``second`` number the words that occur in a pair; 0 is any other word.
    """

    def __init__(self, pairs: Mapping[str, int]) -> None:
        parted = [pair.split(" ") for pair in pairs]
        self.first = {word: at for at, word in enumerate(dict.fromkeys(one for one, _ in parted), start=1)}
        self.second = {word: at for at, word in enumerate(dict.fromkeys(two for _, two in parted), start=1)}
        self._width = len(self.second) + 1
        keys = np.array([self.first[one] * self._width + self.second[two] for one, two in parted])
        order = np.argsort(keys)
        # The last key is no pair's: each search ends at a place that there is.
        self._keys = np.append(keys[order], np.iinfo(np.int64).max)
        self._values = np.append(np.array(list(pairs.values()))[order], 0)

    def find(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """For each pair of `first` and `second` its number, 0 for those that are none."""
        keys = first * self._width + second
        at = self._keys.searchsorted(keys)
        return self._values.take(at) * (self._keys.take(at) == keys)
