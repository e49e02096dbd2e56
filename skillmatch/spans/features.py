"""What the tagger looks at around a word, as numbers: traits of seven words, word vectors, pairs of words, position."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from skillmatch.spans.words import Traits, traits

#: Words before and after that are seen; vectors of words are looked at up to `VECTOR_REACH` away.
REACH = 3
OFFSETS = range(-REACH, REACH + 1)
VECTOR_REACH = 2
_PAD = Traits("", "<>", "<>", (("pad", REACH), ("stem <>", REACH)))
_FIRST_POSITIONS = 5
_LENGTH_CLASSES = 8
_POSITIONS = 1 + 2 * _FIRST_POSITIONS + _LENGTH_CLASSES
#: Uses of a pair of neighbouring stems (where the word stands to the pair), of stems with one between, of shapes.
_STEM_PAIRS, _SKIP_PAIRS, _SHAPE_PAIRS = (-1, 0, -2, 1), (-1,), (-1, 0)
_UNKNOWN, _PAD_NUMBER = 0, 1
_LEAST_COUNT = 2
#: Vectors are unit-length; a higher scale makes the penalty of the chain weigh less on them.
_VECTOR_SCALE = 2.0


@dataclass(frozen=True)
class Encoded:
    """Sentences as numbers, laid one after another with three pads before each and after the last.

    Attributes
    ----------
    words : the distinct words; number 0 is the pad.
    stream : numbers of words, pads included.
    at : positions of the words in the stream.
    stems, shapes : of the stream, numbers of the vocabulary.
    lengths : words of each sentence.
    """

    words: list[str]
    stream: np.ndarray
    at: np.ndarray
    stems: np.ndarray
    shapes: np.ndarray
    lengths: np.ndarray

    @cached_property
    def sentence(self) -> np.ndarray:
        """Number of the sentence of each word."""
        return np.repeat(np.arange(len(self.lengths)), self.lengths)


class Vocabulary:
    """Numbers of the attributes, stems, shapes and pairs that occur at least twice in the training sentences.

    Pairs are sorted codes ``first * size + second`` of numbers of stems or shapes.
    """

    def __init__(
        self,
        *,
        attributes: Sequence[str],
        stems: Sequence[str],
        shapes: Sequence[str],
        pairs: np.ndarray,
        skips: np.ndarray,
        shape_pairs: np.ndarray,
        vector_words: Sequence[str],
        vectors: np.ndarray,
    ) -> None:
        self.attributes, self.stems, self.shapes = list(attributes), list(stems), list(shapes)
        self.pairs, self.skips, self.shape_pairs = pairs, skips, shape_pairs
        self.vector_words, self.vectors = list(vector_words), vectors
        self.attribute_number = {attribute: number for number, attribute in enumerate(self.attributes)}
        self._stem_number = {stem: number for number, stem in enumerate(self.stems, _PAD_NUMBER)}
        self._shape_number = {form: number for number, form in enumerate(self.shapes, _PAD_NUMBER)}
        self._vector_number = {word: number for number, word in enumerate(self.vector_words)}
        #: Number of columns, the last of which is for whatever is not known.
        tables = zip((pairs, skips, shape_pairs), (_STEM_PAIRS, _SKIP_PAIRS, _SHAPE_PAIRS), strict=True)
        self.columns = _POSITIONS + sum(len(codes) * len(uses) for codes, uses in tables) + 1

    @classmethod
    def count(
        cls, sentences: Sequence[Sequence[str]], *, vector_words: Sequence[str], vectors: np.ndarray
    ) -> Vocabulary:
        """From training sentences; word vectors are taken as they are."""
        counts = Counter(word for sentence in sentences for word in sentence)
        attributes: Counter[str] = Counter({"pad": _LEAST_COUNT, "stem <>": _LEAST_COUNT})
        stems: Counter[str] = Counter()
        shapes: Counter[str] = Counter()
        for word, times in counts.items():
            found = traits(word)
            stems[found.stem] += times
            shapes[found.shape] += times
            for attribute, _ in found.attributes:
                attributes[attribute] += times
        none = np.empty(0, dtype=np.int64)
        bare = cls(
            attributes=_frequent(attributes),
            stems=[_PAD.stem, *_frequent(stems)],
            shapes=[_PAD.shape, *_frequent(shapes)],
            pairs=none,
            skips=none,
            shape_pairs=none,
            vector_words=vector_words,
            vectors=vectors,
        )
        encoded = bare.encode(sentences)
        pairs, skips, shape_pairs = (_frequent_codes(codes[encoded.at]) for codes in bare.codes(encoded))
        return cls(
            attributes=bare.attributes,
            stems=bare.stems,
            shapes=bare.shapes,
            pairs=pairs,
            skips=skips,
            shape_pairs=shape_pairs,
            vector_words=vector_words,
            vectors=vectors,
        )

    def encode(self, sentences: Sequence[Sequence[str]]) -> Encoded:
        """Number the words of sentences."""
        numbers: dict[str, int] = {"": 0}
        lengths = np.array([len(sentence) for sentence in sentences], dtype=np.int64)
        stream = [0] * REACH
        for sentence in sentences:
            stream += [numbers.setdefault(word or " ", len(numbers)) for word in sentence]
            stream += [0] * REACH
        flat = np.array(stream, dtype=np.int64)
        within = np.arange(int(lengths.sum())) + REACH
        at = within + REACH * np.repeat(np.arange(len(lengths)), lengths)
        known = [_PAD, *map(traits, list(numbers)[1:])]
        stems = np.array([self._stem_number.get(word.stem, _UNKNOWN) for word in known])[flat]
        shapes = np.array([self._shape_number.get(word.shape, _UNKNOWN) for word in known])[flat]
        return Encoded(list(numbers), flat, at, stems, shapes, lengths)

    def codes(self, encoded: Encoded) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """For each place of the stream: code of (it, next) stems, of (it, next but one), of (it, next) shapes."""
        return (
            _codes(encoded.stems, len(self.stems) + 1, 1),
            _codes(encoded.stems, len(self.stems) + 1, 2),
            _codes(encoded.shapes, len(self.shapes) + 1, 1),
        )

    def column_numbers(self, encoded: Encoded) -> np.ndarray:
        """Columns that are set for each word (words, 11); what is not known has the last column."""
        lengths = encoded.lengths
        place = np.arange(len(encoded.at)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        size = lengths[encoded.sentence]
        length_class = np.minimum(np.log2(np.maximum(size, 1)).astype(np.int64), _LENGTH_CLASSES - 1)
        columns = [
            np.zeros_like(place),
            1 + np.minimum(place, _FIRST_POSITIONS - 1),
            1 + _FIRST_POSITIONS + np.minimum(size - 1 - place, _FIRST_POSITIONS - 1),
            1 + 2 * _FIRST_POSITIONS + length_class,
        ]
        base = _POSITIONS
        tables = (self.pairs, _STEM_PAIRS), (self.skips, _SKIP_PAIRS), (self.shape_pairs, _SHAPE_PAIRS)
        for (table, uses), codes in zip(tables, self.codes(encoded), strict=True):
            rows = find_codes(table, codes)
            for use, shift in enumerate(uses):
                row = rows[encoded.at + shift]
                columns.append(np.where(row >= 0, base + row * len(uses) + use, self.columns - 1))
            base += len(table) * len(uses)
        return np.stack(columns, axis=1)

    def word_attributes(self, words: Iterable[str], *, distance: int) -> sparse.csr_array:
        """(words, attributes) with 1 where a word has an attribute that is seen from ``distance`` words away."""
        indices: list[int] = []
        ends = [0]
        for word in words:
            attributes = (traits(word) if word else _PAD).attributes
            known = (self.attribute_number.get(attribute, -1) for attribute, reach in attributes if reach >= distance)
            indices += [number for number in known if number >= 0]
            ends.append(len(indices))
        return sparse.csr_array(
            (np.ones(len(indices)), np.array(indices, dtype=np.int64), np.array(ends)),
            shape=(len(ends) - 1, len(self.attributes)),
        )

    def word_vectors(self, words: Iterable[str]) -> np.ndarray:
        """(words, dimensions); zero for words without a vector."""
        found_numbers = (self._vector_number.get(traits(word).core if word else "", -1) for word in words)
        numbers = np.fromiter(found_numbers, dtype=np.int64)
        found = self.vectors[numbers] if len(self.vectors) else np.zeros((len(numbers), self.vectors.shape[1]))
        return np.where(numbers[:, None] >= 0, found, 0.0).astype(np.float64) * _VECTOR_SCALE


def find_codes(table: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Row of each code in a sorted table, -1 where it is not there."""
    if not len(table):
        return np.full(len(codes), -1)
    rows = np.minimum(np.searchsorted(table, codes), len(table) - 1)
    return np.where(table[rows] == codes, rows, -1)


def _codes(numbers: np.ndarray, size: int, distance: int) -> np.ndarray:
    """Code of each number with the one ``distance`` on; -1 where either is unknown or both are pads."""
    second = np.append(numbers[distance:], np.zeros(min(distance, len(numbers)), dtype=np.int64))
    known = (numbers > _UNKNOWN) & (second > _UNKNOWN) & (numbers + second > 2 * _PAD_NUMBER)
    return np.where(known, numbers * size + second, -1)


def _frequent(counts: Counter[str]) -> list[str]:
    return sorted(text for text, times in counts.items() if times >= _LEAST_COUNT)


def _frequent_codes(codes: np.ndarray) -> np.ndarray:
    found, counts = np.unique(codes[codes >= 0], return_counts=True)
    return found[counts >= _LEAST_COUNT]
