"""The tagger: sentences in, spans with their kind and probability out."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from skillmatch.errors import InputError
from skillmatch.resources import resource
from skillmatch.spans.chain import KINDS, LABELS, Candidate, Transitions, choose, span_candidates
from skillmatch.spans.features import OFFSETS, REACH, VECTOR_REACH, Encoded, Vocabulary
from skillmatch.spans.gate import gate_features, gate_matrix, gate_scores
from skillmatch.spans.words import SIGNS, split_words

_FILE = "model.npz"
_FORMAT = 1
_WEIGHT = "weight_"
_BATCH = 1_000
_CACHE_LIMIT = 200_000
_TEXTS = ("attributes", "stems", "shapes", "vector_words")
_TABLES = ("pairs", "skips", "shape_pairs", "vectors")


class FoundSpan(NamedTuple):
    """``text``, which stands at ``start`` to ``end`` (characters) of its sentence, as skill or knowledge."""

    start: int
    end: int
    text: str
    kind: str
    probability: float


@dataclass(frozen=True)
class Weights:
    """Weights of the chain and of the gate; the last axis is the label.

    Attributes
    ----------
    attributes : (7 offsets, attributes, labels).
    vectors : (5 offsets, dimensions, labels).
    columns : (columns, labels), that of what is not known is zero.
    gate_use : (3, labels), of the features of the gate.
    after, start : transitions (labels, labels) and (labels,).
    gate : (features of the gate + 1,).
    threshold : (1,), least probability of a span.
    """

    attributes: np.ndarray
    vectors: np.ndarray
    columns: np.ndarray
    gate_use: np.ndarray
    after: np.ndarray
    start: np.ndarray
    gate: np.ndarray
    threshold: np.ndarray


class SpanTagger:
    """Says where in English sentences skills and knowledge stand.

    >>> tagger = SpanTagger.load()
    >>> [(span.text, span.kind) for span in tagger.find(["Strong knowledge of Java and good communication skills."])[0]]
    [('Java', 'knowledge'), ('communication skills', 'skill')]
    """

    def __init__(self, vocabulary: Vocabulary, weights: Weights) -> None:
        self.vocabulary = vocabulary
        self.weights = weights
        self._scores: dict[str, np.ndarray] = {}

    def find(
        self, sentences: Sequence[str], *, documents: Sequence[Hashable] | None = None, threshold: float | None = None
    ) -> list[list[FoundSpan]]:
        """Spans of each sentence, by start, without overlap.

        Parameters
        ----------
        documents : the document of each sentence, whose sentences stand together and in order: neighbours help to
            tell requirements from the rest. Without it each sentence is read alone.
        threshold : least probability that a span stands exactly so; by default the one of the model.
        """
        places = [split_words(sentence) for sentence in sentences]
        found = self.find_in_words([[p.word for p in of] for of in places], documents=documents, threshold=threshold)
        result = []
        for sentence, words, spans in zip(sentences, places, found, strict=True):
            trimmed = (_trim(sentence, words[s.start].start, words[s.end - 1].end) for s in spans)
            result.append(
                [
                    FoundSpan(start, end, sentence[start:end], KINDS[span.kind], span.probability)
                    for span, (start, end) in zip(spans, trimmed, strict=True)
                    if start < end
                ]
            )
        return result

    def find_in_words(
        self,
        sentences: Sequence[Sequence[str]],
        *,
        documents: Sequence[Hashable] | None = None,
        threshold: float | None = None,
    ) -> list[list[Candidate]]:
        """As `find`, of sentences that are split into words already: places are numbers of words."""
        least = float(self.weights.threshold[0]) if threshold is None else threshold
        candidates = self.candidates(sentences, documents=documents, least=least)
        return [choose(of_sentence, threshold=least) for of_sentence in candidates]

    def candidates(
        self, sentences: Sequence[Sequence[str]], *, documents: Sequence[Hashable] | None = None, least: float = 0.05
    ) -> list[list[Candidate]]:
        """All spans of each sentence with at least this probability; they may overlap."""
        numbers = np.full(len(sentences), -1)
        if documents is not None:
            known: dict[Hashable, int] = {}
            numbers = np.array([known.setdefault(document, len(known)) for document in documents], dtype=np.int64)
        transitions = Transitions(self.weights.after.astype(np.float64), self.weights.start.astype(np.float64))
        found: list[list[Candidate]] = []
        for begin, first, last, end in _batches(len(sentences)):
            encoded = self.vocabulary.encode(sentences[begin:end])
            scores = self._word_scores(encoded) + self._gate(encoded, numbers[begin:end])[encoded.sentence]
            all_found = span_candidates(scores, transitions, encoded.lengths, least=least)
            found += all_found[first - begin : last - begin]
        return found

    def _word_scores(self, encoded: Encoded) -> np.ndarray:
        """(words, labels) from the words around, each word's sum computed once."""
        self._remember(encoded.words)
        by_word = np.stack([self._scores[word] for word in encoded.words])
        columns = self.vocabulary.column_numbers(encoded)
        scores = self.weights.columns[columns].sum(axis=1, dtype=np.float64)
        for slot, offset in enumerate(OFFSETS):
            scores += by_word[encoded.stream[encoded.at + offset], slot]
        return scores

    def _remember(self, words: list[str]) -> None:
        """Scores (7 offsets, labels) of words that were not met before."""
        if len(self._scores) > _CACHE_LIMIT:
            self._scores.clear()
        new = [word for word in words if word not in self._scores]
        scores = np.zeros((len(new), len(OFFSETS), LABELS))
        vectors = self.vocabulary.word_vectors(new)
        for distance in range(REACH + 1):
            attributes = self.vocabulary.word_attributes(new, distance=distance)
            for offset in {-distance, distance}:
                scores[:, offset + REACH] = attributes @ self.weights.attributes[offset + REACH]
                if distance <= VECTOR_REACH:
                    scores[:, offset + REACH] += vectors @ self.weights.vectors[offset + VECTOR_REACH]
        self._scores.update(zip(new, scores, strict=True))

    def _gate(self, encoded: Encoded, documents: np.ndarray) -> np.ndarray:
        """(sentences, labels)."""
        scores = gate_scores(gate_matrix(encoded, self.vocabulary, documents), self.weights.gate)
        return gate_features(scores) @ self.weights.gate_use

    def save(self, folder: str | Path) -> Path:
        """Write FOLDER/model.npz: arrays alone, no pickle; the same model gives the same bytes."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        texts = {name: getattr(self.vocabulary, name) for name in _TEXTS}
        header = json.dumps({"format": _FORMAT, "kinds": KINDS, **texts}, ensure_ascii=False, separators=(",", ":"))
        tables = {name: getattr(self.vocabulary, name) for name in _TABLES}
        weights = {f"{_WEIGHT}{name}": array for name, array in vars(self.weights).items()}
        header_bytes = np.frombuffer(header.encode(), dtype=np.uint8)
        np.savez_compressed(folder / _FILE, header=header_bytes, **tables, **weights)
        return folder / _FILE

    @classmethod
    def load(cls, folder: str | Path | None = None) -> SpanTagger:
        """From a folder that `save` wrote; by default the bundled one, which is read once a process.

        Raises
        ------
        InputError : there is no such model, or it is not one.
        """
        return _bundled() if folder is None else cls._read(Path(folder))

    @classmethod
    def _read(cls, folder: Path) -> SpanTagger:
        remedy = "make it with skillmatch train spans"
        try:
            with np.load(folder / _FILE, allow_pickle=False) as arrays:
                header = json.loads(arrays["header"].tobytes())
                vocabulary = Vocabulary(
                    **{name: header[name] for name in _TEXTS}, **{name: arrays[name] for name in _TABLES}
                )
                weights = Weights(**{field.name: arrays[f"{_WEIGHT}{field.name}"] for field in fields(Weights)})
        except (OSError, ValueError, KeyError) as error:
            raise InputError(f"{folder}: no model of spans there ({error})", remedy=remedy) from error
        if header.get("format") != _FORMAT or len(weights.columns) != vocabulary.columns:
            raise InputError(f"{folder}: a model of spans of another version", remedy=remedy)
        return cls(vocabulary, weights)


@cache
def _bundled() -> SpanTagger:
    return SpanTagger.load(resource("models", "spans"))


def _batches(count: int) -> Iterator[tuple[int, int, int, int]]:
    """(begin, first, last, end): sentences first to last are answered; up to two around them give context."""
    context = 2
    for first in range(0, count, _BATCH):
        last = min(first + _BATCH, count)
        yield max(0, first - context), first, last, min(count, last + context)


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    """The place without signs at its edges; a bracket that is closed within stays."""
    while start < end and text[start] in SIGNS:
        start += 1
    while start < end and text[end - 1] in SIGNS and not (text[end - 1] == ")" and "(" in text[start:end]):
        end -= 1
    return start, end
