"""Training of the tagger from labelled sentences and the project's own raw ones."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy import sparse
from threadpoolctl import threadpool_limits

from skillmatch.errors import EmptyError
from skillmatch.resources import resource
from skillmatch.spans.chain import Block, fit
from skillmatch.spans.features import OFFSETS, VECTOR_REACH, Encoded, Vocabulary
from skillmatch.spans.gate import fit_gate, gate_features, gate_matrix, held_out_scores
from skillmatch.spans.gold import GoldSentence, read_gold
from skillmatch.spans.tagger import SpanTagger, Weights
from skillmatch.spans.vectors import word_vectors
from skillmatch.spans.words import split_words

GOLD_FILE = "skillspan_train.jsonl"
_PENALTY = 1.0
_ITERATIONS = 150
_THRESHOLD = 0.25
_LONGEST_SENTENCE = 120
#: The sentences of every third document are learned without their neighbours, so that single sentences are read well.
_ALONE = 3
_RAW = "english-*.tsv"


def train_spans(gold: str | Path, output: str | Path, *, seed: int = 0) -> Path:
    """Train on GOLD/skillspan_train.jsonl and write OUTPUT/spans/model.npz; returns its path.

    Raises
    ------
    InputError : there is no such file, or it is not labelled sentences.
    EmptyError : it has no spans.
    """
    sentences = read_gold(Path(gold) / GOLD_FILE)
    # Sums that several threads share come out in another order each time: one thread, so that the bytes are the same.
    with threadpool_limits(1):
        tagger = fit_tagger(sentences, raw=own_sentences(), seed=seed)
    return tagger.save(Path(output) / "spans")


def own_sentences() -> list[list[str]]:
    """Words of the English sentences of ``corpora/sentences``, for the word vectors."""
    sentences = []
    for file in sorted(resource("corpora", "sentences").glob(_RAW)):
        with file.open(encoding="utf-8", newline="") as stream:
            rows = csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
            sentences += [[place.word for place in split_words(row["sentence"])] for row in rows]
    return sentences


def fit_tagger(
    gold: Sequence[GoldSentence], *, raw: Sequence[Sequence[str]] = (), seed: int = 0, iterations: int = _ITERATIONS
) -> SpanTagger:
    """A tagger from labelled sentences, documents in order; ``raw`` sentences only shape the word vectors."""
    sentences = [sentence.words[:_LONGEST_SENTENCE] for sentence in gold]
    labels = np.concatenate([_labels(sentence) for sentence in gold]) if gold else np.empty(0, dtype=np.int64)
    has_span = np.array([bool(sentence.spans) for sentence in gold])
    if not labels.any() or has_span.all():
        raise EmptyError("sentences with and without labelled spans are needed", remedy=f"look at {GOLD_FILE}")
    words, vectors = word_vectors([*raw, *sentences], seed=seed)
    vocabulary = Vocabulary.count(sentences, vector_words=words, vectors=vectors)
    encoded = vocabulary.encode(sentences)
    known: dict[str, int] = {}
    documents = np.array([known.setdefault(sentence.document, len(known)) for sentence in gold])
    matrix = gate_matrix(encoded, vocabulary, np.where(documents % _ALONE, documents, -1))
    use = gate_features(held_out_scores(matrix, has_span, documents))
    blocks = _blocks(encoded, vocabulary, use)
    fitted, transitions = fit(blocks, labels, encoded.lengths, penalty=_PENALTY, iterations=iterations)
    half = len(OFFSETS)
    columns, gate_use = np.split(fitted[-1], [vocabulary.columns])
    columns[-1] = 0.0
    return SpanTagger(
        vocabulary,
        Weights(
            attributes=_compact(np.stack(fitted[:half])),
            vectors=_compact(np.stack(fitted[half:-1])),
            columns=_compact(columns),
            gate_use=_compact(gate_use),
            after=transitions.after,
            start=transitions.start,
            gate=_compact(fit_gate(matrix, has_span)),
            threshold=np.array([_THRESHOLD]),
        ),
    )


def _blocks(encoded: Encoded, vocabulary: Vocabulary, gate_use: np.ndarray) -> list[Block]:
    """Attributes at each offset, vectors at each offset, then columns and gate together."""
    count = len(encoded.at)
    vectors = vocabulary.word_vectors(encoded.words)
    attributes = {d: vocabulary.word_attributes(encoded.words, distance=d) for d in {abs(o) for o in OFFSETS}}

    def rows(offset: int) -> sparse.csr_array:
        numbers = encoded.stream[encoded.at + offset]
        return sparse.csr_array((np.ones(count), numbers, np.arange(count + 1)), shape=(count, len(encoded.words)))

    columns = vocabulary.column_numbers(encoded)
    table = sparse.csr_array(
        (np.ones(columns.size), columns.ravel(), np.arange(0, columns.size + 1, columns.shape[1])),
        shape=(count, vocabulary.columns),
    )
    table.data[table.indices == vocabulary.columns - 1] = 0.0  # what is not known has no weight
    table.eliminate_zeros()
    last = sparse.hstack([table, sparse.csr_array(gate_use[encoded.sentence])], format="csr")
    return [
        *(Block(attributes[abs(offset)], rows(offset)) for offset in OFFSETS),
        *(Block(vectors, rows(offset)) for offset in OFFSETS if abs(offset) <= VECTOR_REACH),
        Block(last),
    ]


def _labels(sentence: GoldSentence) -> np.ndarray:
    """Labels of words; where a knowledge span lies in or across a skill span, the skill is kept."""
    labels = np.zeros(len(sentence.words), dtype=np.int64)
    for begin, spans in ((3, sentence.knowledge), (1, sentence.skill)):
        for start, end in spans:
            crossing = [other for other in sentence.skill if other[0] < end and start < other[1]]
            if begin == 3 and crossing:
                continue
            labels[start] = begin
            labels[start + 1 : end] = begin + 1
    return labels[:_LONGEST_SENTENCE]


def _compact(weights: np.ndarray) -> np.ndarray:
    """Single precision with 10 bits after the first, which compresses to half and moves no score that matters."""
    return weights.astype(np.float16).astype(np.float32)
