"""How likely a sentence speaks of a skill at all, from its words and those of its neighbours in the document.

A chain looks only a few words around; which words stand anywhere in the sentence, and whether the sentences around it
are requirements or the employer's praise, it learns from this score.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from skillmatch.spans.features import Encoded, Vocabulary, find_codes

#: Neighbours that are looked at, and how much their words weigh.
NEIGHBOURS = {-1: 0.7, 1: 0.7, -2: 0.5, 2: 0.5}
_INVERSE_PENALTY = 0.3
_FOLDS = 5
_MARKS = 4
_BULLETS = frozenset("*•-–·")


def gate_matrix(encoded: Encoded, vocabulary: Vocabulary, documents: np.ndarray) -> sparse.csr_array:
    """(sentences, features): stems and pairs of stems of the sentence, marks of its form, the same of its neighbours.

    Parameters
    ----------
    documents : number of the document of each sentence; neighbours are sentences beside it with the same number.
        Sentences with a negative number have none.
    """
    count = len(encoded.lengths)
    stems = encoded.stems[encoded.at] - 1  # the pad, number 1, does not occur here
    pairs = find_codes(vocabulary.pairs, vocabulary.codes(encoded)[0])[encoded.at]
    rows = np.concatenate([encoded.sentence[stems >= 0], encoded.sentence[pairs >= 0]])
    columns = np.concatenate([stems[stems >= 0], pairs[pairs >= 0] + len(vocabulary.stems)])
    width = len(vocabulary.stems) + len(vocabulary.pairs)
    words = sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(count, width))
    words.sum_duplicates()
    sizes = np.diff(words.indptr)
    words.data = np.repeat(1 / np.sqrt(np.maximum(sizes, 1)), sizes)
    parts = [words, _marks(encoded)]
    for distance, weight in NEIGHBOURS.items():
        parts.append(_shift(documents, distance, weight) @ words)
    return sparse.hstack(parts, format="csr")


def fit_gate(matrix: sparse.csr_array, has_span: np.ndarray) -> np.ndarray:
    """Weights (features + 1,), the last is the intercept, of the log-odds that a sentence has a span."""
    from sklearn.linear_model import LogisticRegression  # slow to import, and not needed to tag

    model = LogisticRegression(C=_INVERSE_PENALTY, max_iter=500).fit(matrix, has_span)
    return np.append(model.coef_[0], model.intercept_)


def gate_scores(matrix: sparse.csr_array, weights: np.ndarray) -> np.ndarray:
    """Log-odds (sentences,) that a sentence has a span."""
    return matrix @ weights[:-1] + weights[-1]


def held_out_scores(matrix: sparse.csr_array, has_span: np.ndarray, documents: np.ndarray) -> np.ndarray:
    """Log-odds of each sentence by weights that were fitted without its document: what the chain may learn from."""
    folds = documents % _FOLDS
    scores = np.empty(len(has_span))
    for fold in np.unique(folds):
        held_out = folds == fold
        scores[held_out] = gate_scores(matrix[held_out], fit_gate(matrix[~held_out], has_span[~held_out]))
    return scores


def gate_features(scores: np.ndarray) -> np.ndarray:
    """(sentences, 3): the log-odds, and its positive and negative part, so that each side has a slope of its own."""
    return np.stack([scores, np.maximum(scores, 0), np.maximum(-scores, 0)], axis=1)


def _marks(encoded: Encoded) -> sparse.csr_array:
    """Length (logarithm), bullet before, colon or full stop at the end."""
    marks = np.zeros((len(encoded.lengths), _MARKS))
    ends = np.cumsum(encoded.lengths)
    for number, (length, end) in enumerate(zip(encoded.lengths, ends, strict=True)):
        if length:
            first, last = (encoded.words[encoded.stream[encoded.at[at]]] for at in (end - length, end - 1))
            marks[number] = np.log1p(length), first in _BULLETS, last.endswith(":"), last[-1] in ".!?"
    return sparse.csr_array(marks)


def _shift(documents: np.ndarray, distance: int, weight: float) -> sparse.csr_array:
    """Matrix that puts the sentence ``distance`` away in the place of each sentence, where it is of its document."""
    count = len(documents)
    here = np.arange(max(0, -distance), count - max(0, distance))
    here = here[(documents[here] >= 0) & (documents[here] == documents[here + distance])]
    return sparse.csr_array((np.full(len(here), weight), (here, here + distance)), shape=(count, count))
