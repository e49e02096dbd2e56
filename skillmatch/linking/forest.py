"""Ensembles of small trees, evaluated all at once without walking through any of them.

The way of QuickScorer (Lucchese et al., SIGIR 2015): the leaves of a tree, from left to right, are bits. A condition
that fails rules out the leaves on its left; the lowest bit that all conditions leave is the leaf that is reached. Here
the masks of all trees are looked up feature by feature, by the place of the value among the feature's thresholds, so
that a row costs one look-up for each feature instead of a walk through each tree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from skillmatch.output import whole_file

_BLOCK = 256
_MOST_LEAVES = 64
_Walk = tuple[list[float], list[tuple[int, float, int, int]]]


class Ensemble(NamedTuple):
    """The trees of a HistGradientBoostingClassifier of two classes and numeric features, as plain arrays.

    A row for each node of all trees, one tree behind the other: the ``feature`` that is asked, the ``threshold`` above
    which the way goes ``right`` (numbers of nodes within the tree, 0 in a leaf), the ``value`` of a leaf. ``first`` is
    each tree's root; ``baseline`` the log odds before any tree speaks.
    """

    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    value: np.ndarray
    first: np.ndarray
    baseline: np.ndarray

    @classmethod
    def of(cls, classifier: Any) -> Ensemble:
        """The trees of a fitted classifier."""
        trees = [rounds[0].nodes for rounds in classifier._predictors]
        nodes = np.concatenate(trees)
        return cls(
            nodes["feature_idx"].astype(np.int16),
            nodes["num_threshold"].astype(np.float64),
            nodes["left"].astype(np.int16),
            nodes["right"].astype(np.int16),
            nodes["value"].astype(np.float64),
            np.cumsum([0, *map(len, trees[:-1])]).astype(np.int32),
            np.ravel(classifier._baseline_prediction)[:1].astype(np.float64),
        )

    def save(self, path: Path) -> None:
        """Write the arrays (no pickle)."""
        with whole_file(path, "wb") as stream:
            np.savez_compressed(stream, **self._asdict())

    @classmethod
    def load(cls, path: Path, features: int) -> Ensemble:
        """Arrays that `save` wrote, for so many features.

        Raises
        ------
        ValueError : they are no trees.
        """
        with np.load(path, allow_pickle=False) as arrays:
            made = cls(**{name: arrays[name] for name in cls._fields})
        roots = np.append(made.first, len(made.feature))
        sizes = np.diff(roots)
        asked = 0 <= made.feature.min() <= made.feature.max() < features
        if not asked or len(sizes) == 0 or made.first[0] != 0 or sizes.min() < 1:
            raise ValueError("no trees over these features")
        at = np.arange(len(made.feature)) - np.repeat(made.first, sizes)
        inner, most = made.left != 0, np.repeat(sizes, sizes)
        for child in (made.left, made.right):
            # Children behind their parents and in their tree: every walk ends.
            if np.any(inner & ((child <= at) | (child >= most))):
                raise ValueError("a node leads out of its tree")
        return made


class Forest:
    """Several ensembles, ready to be asked; features are taken as float32 and must not be missing.

    Raises
    ------
    ValueError : a tree has more than 64 leaves.
    """

    def __init__(self, ensembles: Sequence[Ensemble]) -> None:
        trees = [tree for ensemble in ensembles for tree in _walks(ensemble)]
        leaves = max(len(values) for values, _ in trees)
        if leaves > _MOST_LEAVES:
            raise ValueError(f"a tree has {leaves} leaves; at most {_MOST_LEAVES} can be flattened")
        self._type = next(kind for kind in (np.uint16, np.uint32, np.uint64) if leaves <= np.iinfo(kind).bits)
        self._values = np.zeros((len(trees), leaves))
        for at, (values, _) in enumerate(trees):
            self._values[at, : len(values)] = values
        self._first = np.arange(len(trees), dtype=np.intp) * leaves
        self._splits = np.cumsum([len(ensemble.first) for ensemble in ensembles])[:-1]
        self._baselines = [float(ensemble.baseline[0]) for ensemble in ensembles]
        by_feature: dict[int, list[tuple[float, int, int, int]]] = {}
        for at, (_, conditions) in enumerate(trees):
            for feature, threshold, first, last in conditions:
                by_feature.setdefault(feature, []).append((threshold, at, first, last))
        self._tables = [
            (feature, *self._table(conditions, len(trees))) for feature, conditions in sorted(by_feature.items())
        ]

    def _table(self, conditions: list[tuple[float, int, int, int]], trees: int) -> tuple[np.ndarray, np.ndarray]:
        """Thresholds of a feature, and the leaves left in each tree for each number of thresholds below a value."""
        thresholds = _float32_below(np.unique([threshold for threshold, *_ in conditions]))
        every = np.iinfo(self._type).max
        masks = np.full((len(thresholds) + 1, trees), every, dtype=self._type)
        for threshold, tree, first, last in conditions:
            reached = int(np.searchsorted(thresholds, _float32_below(np.array([threshold]))[0])) + 1
            masks[reached:, tree] &= self._type(every ^ ((1 << last) - (1 << first)))
        return thresholds, masks

    def __call__(self, features: np.ndarray) -> np.ndarray:
        """Log odds that each ensemble gives to each row, shape (rows, ensembles), not cut."""
        columns = np.ascontiguousarray(features.T, dtype=np.float32)
        places = [(np.searchsorted(thresholds, columns[feature]), masks) for feature, thresholds, masks in self._tables]
        found = np.empty((len(features), len(self._baselines)))
        left = np.empty((_BLOCK, len(self._values)), dtype=self._type)
        mask = np.empty_like(left)
        for start in range(0, len(features), _BLOCK):
            rows = slice(start, min(start + _BLOCK, len(features)))
            leaves = left[: rows.stop - start]
            leaves[:] = np.iinfo(self._type).max
            for place, masks in places:
                np.take(masks, place[rows], axis=0, out=mask[: len(leaves)], mode="clip")
                leaves &= mask[: len(leaves)]
            lowest = np.bitwise_count((leaves & -leaves) - self._type(1))
            values = self._values.take(lowest + self._first)
            for at, part in enumerate(np.split(values, self._splits, axis=1)):
                found[rows, at] = part.sum(axis=1) + self._baselines[at]
        return found


def _walks(ensemble: Ensemble) -> Iterator[_Walk]:
    """Each tree: values of its leaves, left to right, and (feature, threshold, first, last): above it not leaf
    first..last-1."""
    nodes = list(zip(*(column.tolist() for column in ensemble[:5]), strict=True))
    for root in ensemble.first.tolist():
        values: list[float] = []
        conditions: list[tuple[int, float, int, int]] = []
        _visit(nodes, root, root, values, conditions)
        yield values, conditions


def _visit(nodes: list[tuple], root: int, at: int, values: list[float], conditions: list) -> None:
    feature, threshold, left, right, value = nodes[at]
    if not left:
        values.append(value)
        return
    first = len(values)
    _visit(nodes, root, root + left, values, conditions)
    conditions.append((feature, threshold, first, len(values)))
    _visit(nodes, root, root + right, values, conditions)


def _float32_below(thresholds: np.ndarray) -> np.ndarray:
    """The highest float32 that is not above each threshold: ``x <= threshold`` stays what it was for float32 values."""
    rounded = thresholds.astype(np.float32)
    return np.where(rounded > thresholds, np.nextafter(rounded, np.float32(-np.inf)), rounded)
