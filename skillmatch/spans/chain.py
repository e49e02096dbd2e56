"""A linear-chain conditional random field (Lafferty et al. 2001), for many sentences at once.

Kept here rather than taken from a library because the probability of a whole span is needed, which CRFsuite's binding
does not give, and because the weights of a word can be added up once for all its occurrences: docs/benchmarks.md has
the comparison.

Labels: 0 outside, then begin and inside for each kind of span. ``lengths`` are words a sentence; arrays over words
are concatenated sentences. Arrays over words and labels have the shape (words, labels).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.optimize import minimize

KINDS = ("skill", "knowledge")
LABELS = 1 + 2 * len(KINDS)
_INSIDE = range(2, LABELS, 2)
_IMPOSSIBLE = -1e4
_TINY = 1e-300
_LONGEST_SPAN = 20


class Candidate(NamedTuple):
    """Words ``start`` to ``end`` (exclusive) of a sentence as a span of a kind (position in `KINDS`)."""

    start: int
    end: int
    kind: int
    probability: float


@dataclass(frozen=True)
class Transitions:
    """Scores of a label after a label (labels, labels) and at the start (labels,)."""

    after: np.ndarray
    start: np.ndarray


@dataclass(frozen=True)
class Block:
    """Features of words: ``matrix`` (rows, features), and the row of each word where several words share rows."""

    matrix: sparse.csr_array | np.ndarray
    rows: sparse.csr_array | None = None

    def scores(self, weights: np.ndarray) -> np.ndarray:
        """(words, labels) from weights (features, labels)."""
        scores = self.matrix @ weights
        return scores if self.rows is None else self.rows @ scores

    def gradient(self, of_words: np.ndarray) -> np.ndarray:
        """(features, labels) from (words, labels)."""
        return self.matrix.T @ (of_words if self.rows is None else self.rows.T @ of_words)


class _Steps:
    """The words of all sentences by their position: step t holds word t of each sentence that is longer than t."""

    def __init__(self, lengths: np.ndarray) -> None:
        lengths = np.asarray(lengths)
        self.order = np.argsort(-lengths, kind="stable")
        starts = (np.cumsum(lengths) - lengths)[self.order]
        longest = int(lengths.max(initial=0))
        counts = len(lengths) - np.searchsorted(np.sort(lengths), np.arange(longest), side="right")
        self.at = [starts[:count] + step for step, count in enumerate(counts)]


def forward_backward(
    scores: np.ndarray, transitions: Transitions, lengths: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log-sums over all labellings before and after each word, and of each sentence.

    Returns
    -------
    forward (with the word's own score) and backward, both (words, labels); the log-partition (sentences,).
    """
    steps = _Steps(lengths)
    forward, backward = np.empty_like(scores), np.zeros_like(scores)
    follow = np.exp(transitions.after)
    for step, at in enumerate(steps.at):
        if step == 0:
            forward[at] = scores[at] + transitions.start
        else:
            forward[at] = _log_product(forward[steps.at[step - 1][: len(at)]], follow) + scores[at]
    for step in range(len(steps.at) - 2, -1, -1):
        after = steps.at[step + 1]
        backward[steps.at[step][: len(after)]] = _log_product(backward[after] + scores[after], follow.T)
    partition = np.zeros(len(lengths))
    if steps.at:
        some = steps.order[: len(steps.at[0])]  # those with words
        partition[some] = np.logaddexp.reduce((forward + backward)[steps.at[0]], axis=1)
    return forward, backward, partition


def _log_product(logs: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    highest = logs.max(axis=1, keepdims=True)
    return np.log(np.exp(logs - highest) @ matrix + _TINY) + highest


def _possible() -> tuple[np.ndarray, np.ndarray]:
    """Which labels may follow which, and which may come first: inside only after begin or inside of its kind."""
    after, start = np.ones((LABELS, LABELS), dtype=bool), np.ones(LABELS, dtype=bool)
    for inside in _INSIDE:
        start[inside] = False
        after[:, inside] = False
        after[[inside - 1, inside], inside] = True
    return after, start


def fit(
    blocks: Sequence[Block], labels: np.ndarray, lengths: np.ndarray, *, penalty: float, iterations: int
) -> tuple[list[np.ndarray], Transitions]:
    """Weights (features, labels) of each block and the transitions, by L-BFGS on the penalised likelihood.

    Parameters
    ----------
    labels : of each word, 0 to `LABELS` - 1.
    penalty : half of it times the sum of squared weights is added to the negative log-likelihood.
    """
    after_possible, start_possible = _possible()
    words = np.arange(len(labels))
    steps = _Steps(lengths)
    first = steps.at[0]
    before = np.concatenate([steps.at[t - 1][: len(at)] for t, at in enumerate(steps.at) if t] or [first[:0]])
    after = np.concatenate([*steps.at[1:], first[:0]])
    sentence = np.repeat(np.arange(len(lengths)), lengths)
    gold = np.zeros((len(labels), LABELS))
    gold[words, labels] = 1.0
    gold_pairs = np.zeros((LABELS, LABELS))
    np.add.at(gold_pairs, (labels[before], labels[after]), 1.0)
    sizes = [block.matrix.shape[1] * LABELS for block in blocks] + [LABELS * LABELS, LABELS]
    bounds = np.cumsum(sizes)[:-1]

    def split(theta: np.ndarray) -> tuple[list[np.ndarray], Transitions]:
        *weights, pairs, start = np.split(theta, bounds)
        return [part.reshape(-1, LABELS) for part in weights], Transitions(
            np.where(after_possible, pairs.reshape(LABELS, LABELS), _IMPOSSIBLE),
            np.where(start_possible, start, _IMPOSSIBLE),
        )

    def loss(theta: np.ndarray) -> tuple[float, np.ndarray]:
        weights, transitions = split(theta)
        scores = np.zeros((len(labels), LABELS))
        for block, weight in zip(blocks, weights, strict=True):
            scores += block.scores(weight)
        forward, backward, partition = forward_backward(scores, transitions, lengths)
        likelihood = scores[words, labels].sum() + (gold_pairs * transitions.after).sum()
        likelihood += transitions.start[labels[first]].sum() - partition.sum()
        excess = np.exp(forward + backward - partition[sentence, None]) - gold
        # Scaled by the highest of the word before, so that neither factor overflows.
        highest = forward[before].max(axis=1, keepdims=True)
        left = np.exp(forward[before] - highest)
        right = np.exp(scores[after] + backward[after] + highest - partition[sentence[after], None])
        pairs = (left.T @ right) * np.exp(transitions.after) - gold_pairs
        parts = [block.gradient(excess).ravel() for block in blocks]
        gradient = np.concatenate([*parts, np.where(after_possible, pairs, 0.0).ravel(), excess[first].sum(axis=0)])
        return 0.5 * penalty * float(theta @ theta) - float(likelihood), gradient + penalty * theta

    found = minimize(loss, np.zeros(sum(sizes)), jac=True, method="L-BFGS-B", options={"maxiter": iterations})
    return split(found.x)


def span_candidates(
    scores: np.ndarray, transitions: Transitions, lengths: np.ndarray, *, least: float
) -> list[list[Candidate]]:
    """For each sentence the spans of up to 20 words whose probability exceeds ``least``, by start and end.

    The probability of a span is that of all labellings in which it stands exactly so: begin at its first word, inside
    up to its last, and not inside after it.
    """
    lengths = np.asarray(lengths)
    found: list[list[Candidate]] = [[] for _ in lengths]
    if not lengths.sum():
        return found
    forward, backward, partition = forward_backward(scores, transitions, lengths)
    sentence = np.repeat(np.arange(len(lengths)), lengths)
    starts = np.cumsum(lengths) - lengths
    ends = starts + lengths
    left = ends[sentence] - np.arange(len(scores))  # words to the end of the sentence, this one counted
    following = np.append(scores[1:] + backward[1:], np.zeros((1, LABELS)), axis=0)
    rows: list[np.ndarray] = []
    for kind, inside in enumerate(_INSIDE):
        begin = inside - 1
        closing = {}
        others = [label for label in range(LABELS) if label != inside]
        for label in (begin, inside):
            closing[label] = np.logaddexp.reduce(following[:, others] + transitions.after[label, others], axis=1)
            closing[label][ends - 1] = 0.0
        run = forward[:, begin] - partition[sentence]
        for size in range(1, min(_LONGEST_SPAN, int(lengths.max())) + 1):
            at = np.flatnonzero(left >= size)
            if size > 1:
                step = transitions.after[begin if size == 2 else inside, inside]
                run[at] += step + scores[at + size - 1, inside]
            probability = np.exp(run[at] + closing[begin if size == 1 else inside][at + size - 1])
            likely = at[probability > least]
            row = (sentence[likely], likely - starts[sentence[likely]], np.full(len(likely), size))
            rows.append(np.stack([*row, np.full(len(likely), kind), probability[probability > least]], axis=1))
    table = np.concatenate(rows)
    for number, start, size, kind_, probability_ in table[np.lexsort((table[:, 3], table[:, 2], table[:, 1]))]:
        found[int(number)].append(Candidate(int(start), int(start + size), int(kind_), float(probability_)))
    return found


def choose(candidates: Sequence[Candidate], *, threshold: float) -> list[Candidate]:
    """The spans without overlap for which the sum of (probability - threshold) is highest, by start.

    A threshold near half the F1 that can be reached gives the highest expected F1 (Lipton et al. 2014,
    arXiv:1402.1892).

    >>> choose([Candidate(0, 2, 0, 0.6), Candidate(1, 2, 1, 0.3), Candidate(2, 3, 1, 0.5)], threshold=0.2)
    [Candidate(start=0, end=2, kind=0, probability=0.6), Candidate(start=2, end=3, kind=1, probability=0.5)]
    """
    ends, values = [0], [0.0]
    taken: list[tuple[Candidate, int]] = []  # the last span of each best set, and which best set it was added to
    for candidate in sorted(candidates, key=lambda candidate: (candidate.end, candidate.start, candidate.kind)):
        before = bisect_right(ends, candidate.start) - 1
        value = values[before] + candidate.probability - threshold
        if value > values[-1]:
            ends.append(candidate.end)
            values.append(value)
            taken.append((candidate, before))
    chosen = []
    at = len(taken)
    while at:
        candidate, at = taken[at - 1]
        chosen.append(candidate)
    return chosen[::-1]
