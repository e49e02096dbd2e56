"""Word vectors from the neighbourhood of words in raw text: positive mutual information, reduced by SVD.

Levy and Goldberg 2014 (Neural Word Embedding as Implicit Matrix Factorization) is the source of the formula; the
neighbours keep their place (one word before is not one word after), which makes the vectors tell parts of speech.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from scipy import sparse
from sklearn.decomposition import TruncatedSVD

from skillmatch.spans.words import traits

DIMENSIONS = 60
_PLACES = (-2, -1, 1, 2)
_LEAST_COUNT = 3
_CONTEXT_WORDS = 4_000
_SMOOTHING = 0.75
_BOUNDARY = "<>"


def word_vectors(sentences: Sequence[Sequence[str]], *, seed: int = 0) -> tuple[list[str], np.ndarray]:
    """Words (lower-case, without signs around) and their unit vectors (words, 60), half precision.

    A sentence that stands there several times counts once.
    """
    distinct = list(dict.fromkeys(tuple(traits(word).core for word in sentence) for sentence in sentences))
    counts = Counter(word for sentence in distinct for word in sentence)
    words = sorted((w for w, times in counts.items() if times >= _LEAST_COUNT), key=lambda w: (-counts[w], w))
    number = {word: at for at, word in enumerate(words)}
    context = {word: at for at, word in enumerate([_BOUNDARY, *words[:_CONTEXT_WORDS]])}
    seen: Counter[tuple[int, int]] = Counter()
    for sentence in distinct:
        bounded = (_BOUNDARY, *sentence, _BOUNDARY)
        for at, word in enumerate(bounded):
            if word not in number:
                continue
            for place, shift in enumerate(_PLACES):
                if 0 <= at + shift < len(bounded) and bounded[at + shift] in context:
                    seen[number[word], context[bounded[at + shift]] * len(_PLACES) + place] += 1
    rows, columns = np.array(sorted(seen)).T
    times = np.array([seen[pair] for pair in sorted(seen)], dtype=np.float64)
    matrix = _positive_information(rows, columns, times, shape=(len(words), len(context) * len(_PLACES)))
    reduced = TruncatedSVD(min(DIMENSIONS, len(words) - 1), random_state=seed).fit(matrix)
    vectors = reduced.transform(matrix) / np.sqrt(np.maximum(reduced.singular_values_, 1e-9))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9
    return words, vectors.astype(np.float16)


def _positive_information(
    rows: np.ndarray, columns: np.ndarray, times: np.ndarray, *, shape: tuple[int, int]
) -> sparse.csr_array:
    total = times.sum()
    of_row = np.bincount(rows, times, shape[0])
    of_column = np.bincount(columns, times, shape[1]) ** _SMOOTHING
    of_column *= total / of_column.sum()
    information = np.log(times * total / (of_row[rows] * of_column[columns]))
    kept = information > 0
    return sparse.csr_array((information[kept], (rows[kept], columns[kept])), shape=shape)
