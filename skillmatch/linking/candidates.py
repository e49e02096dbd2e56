"""Which skills are looked at for a sentence: the nearest by vectors, and those that its rare words propose."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy import sparse

from skillmatch.linking.index import ALIAS_FACTOR, LinkIndex

#: Candidates by likeness of vectors, by words of names, by words of examples.
NEAREST, BY_NAME, BY_EXAMPLE = 40, 20, 20
#: Columns of scores come in multiples of this (`best`).
BLOCK = 32
# Words of more skills than this are too common to propose a skill by themselves; they still count in the features.
_COMMON = 500


class Proposer:
    """Proposes skills of an index for the sentences of a batch."""

    def __init__(self, index: LinkIndex) -> None:
        skills = len(index.skill_ids)
        # Rows of zeros fill the last block: what lies at no angle to anything is never among the nearest.
        self._vectors = np.pad(index.skill_vectors, ((0, -skills % BLOCK), (0, 0)))
        self._skills = self._vectors.shape[0]
        mass = np.maximum(index.name_mass, 1e-6)
        self._by_name = _proposals(index.names, index.name_owner, alias_factors(index) / mass, skills)
        self._by_example = _proposals(index.examples, index.example_owner, inverse_lengths(index.examples), skills)

    def __call__(
        self, presence: sparse.csr_array, query: np.ndarray, *further: tuple[np.ndarray, np.ndarray]
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Pairs of a sentence and a skill, sorted, and how near their vectors are.

        Parameters
        ----------
        presence : a one for each word of each sentence, shape (sentences, words).
        query : vectors of the sentences, shape (sentences, dimensions).
        further : pairs from elsewhere, as numbers of sentences and of skills.
        """
        near = query @ self._vectors.T
        proposed = [
            best(near, NEAREST),
            _best_of_sparse(presence @ self._by_name, BY_NAME),
            _best_of_sparse(presence @ self._by_example, BY_EXAMPLE),
            *further,
        ]
        rows, skills = np.divmod(
            np.unique(np.concatenate([rows * self._skills + skills for rows, skills in proposed])), self._skills
        )
        return rows, skills, near[rows, skills]


def alias_factors(index: LinkIndex) -> np.ndarray:
    """How much each name counts, shape (names,)."""
    factors = np.full(len(index.name_owner), ALIAS_FACTOR, dtype=np.float32)
    factors[index.name_starts[:-1]] = 1.0
    return factors


def inverse_lengths(bag: sparse.csr_array) -> np.ndarray:
    """1 / length of each row."""
    return 1 / np.maximum(np.sqrt(np.asarray((bag * bag).sum(axis=1)).ravel()), 1e-6)


def best(scores: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of the ``count`` highest positive scores of each row; the number of columns divides by 32.

    Columns fall into sets of 32. The highest of each set bound the lowest score that can be among the wanted, and only
    sets that reach it are looked into: some thirty times as fast as a partition. A set takes one column in so many,
    since maxima over neighbours are slow.
    """
    sets = scores.reshape(len(scores), BLOCK, -1)
    highest = sets.max(axis=1)
    bound = np.full(len(scores), np.finfo(scores.dtype).tiny, dtype=scores.dtype)
    if highest.shape[1] > count:
        bound = np.maximum(np.partition(highest, -count, axis=1)[:, -count], bound)
    rows, first = np.nonzero(highest >= bound[:, None])
    inside = sets[rows, :, first]
    found, place = np.divmod(np.flatnonzero(inside >= bound[rows, None]), BLOCK)
    values, rows, columns = inside[found, place], rows[found], place * highest.shape[1] + first[found]
    order = np.lexsort((columns, -values, rows))
    rows, columns = rows[order], columns[order]
    keep = np.arange(len(rows)) - np.searchsorted(rows, np.arange(len(scores)))[rows] < count
    return rows[keep], columns[keep]


def _best_of_sparse(scores: sparse.csr_array, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of the ``count`` highest scores of each row; all are positive."""
    starts = scores.indptr.tolist()
    parts = []
    for first, last in pairwise(starts):
        columns = scores.indices[first:last]
        if last - first > count:
            columns = columns[np.argpartition(scores.data[first:last], -count)[-count:]]
        parts.append(columns)
    rows = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    return rows, np.concatenate([np.zeros(0, dtype=np.int64), *parts])


def _proposals(bag: sparse.csr_array, owner: np.ndarray, factor: np.ndarray, skills: int) -> sparse.csr_array:
    """How strongly a word proposes a skill, shape (words, skills): the highest of weight² x factor over the rows."""
    rows = np.repeat(np.arange(bag.shape[0]), np.diff(bag.indptr))
    words, values = bag.indices, bag.data**2 * factor[rows]
    owners = owner[rows]
    order = np.lexsort((-values, owners, words))
    words, owners, values = words[order], owners[order], values[order]
    first = np.ones(len(words), dtype=bool)
    first[1:] = (words[1:] != words[:-1]) | (owners[1:] != owners[:-1])
    words, owners, values = words[first], owners[first], values[first].astype(np.float32)
    rare = np.bincount(words, minlength=bag.shape[1])[words] <= _COMMON
    return sparse.csr_array((values[rare], (words[rare], owners[rare])), shape=(bag.shape[1], skills))
