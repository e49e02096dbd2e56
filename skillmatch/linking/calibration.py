"""Turns the scores of the ensembles into probabilities, and sets the threshold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from skillmatch.linking.reranker import COEFFICIENTS, calibrated

_F1_SLACK = 0.02
# A tenth is the aim; new postings fire a little more often than those that the threshold was set on.
_FALSE_ALARMS = 0.09
_RIDGE = 0.05


@dataclass(frozen=True, eq=False)
class CandidatePairs:
    """Candidates of several sentences: features, whether each is right, the sentence's number and its gate score."""

    features: np.ndarray
    right: np.ndarray
    sentence: np.ndarray
    gate: np.ndarray

    def of(self, chosen: np.ndarray) -> CandidatePairs:
        return CandidatePairs(*(getattr(self, name)[chosen] for name in CandidatePairs.__annotations__))


def language_scales(pairs: CandidatePairs, scores: np.ndarray, spoken: np.ndarray) -> dict[str, tuple[float, float]]:
    """Slope and offset by which the scores of a language come to mean what the same scores mean in English.

    Benchmarks are in English, the project's sentences are not only: there a regression learns how much more often an
    Italian candidate is right than an English one of the same score. Only sentences with a skill count.
    """
    from sklearn.linear_model import LogisticRegression

    speaking = np.isin(pairs.sentence, pairs.sentence[pairs.right])
    scales = {}
    for language in sorted(set(spoken[speaking].tolist()) - {"en"}):
        rows = speaking & np.isin(spoken, ["en", language])
        other = (spoken[rows] == language).astype(float)
        table = np.column_stack([scores[rows], other, scores[rows] * other])
        slope, more, steeper = LogisticRegression(C=10.0).fit(table, pairs.right[rows]).coef_[0].tolist()
        scales[language] = (round(1 + steeper / slope, 4), round(more / slope, 4))
    return scales


def calibrate(
    pairs: CandidatePairs, scores: np.ndarray, weight: np.ndarray, languages: dict[str, tuple[float, float]]
) -> tuple[dict[str, Any], float]:
    """Coefficients of `calibrated`, by maximum likelihood, and the threshold: the one with the best F1 of sets.

    ``scores`` are means over the ensembles, without weights of their own: those learned from so few sentences left the
    general ensemble out, and what was linked in other texts and in Italian was worse.
    """
    from scipy.optimize import minimize

    sign = np.where(pairs.right, -1.0, 1.0)

    def loss(values: np.ndarray) -> float:
        odds = calibrated(scores, pairs.gate, dict(zip(COEFFICIENTS, values, strict=True)))
        return float((weight * np.logaddexp(0, sign * odds)).sum() + _RIDGE * (values**2).sum())

    found = minimize(loss, [1.0, 0.0, 1.0, 0.0], method="L-BFGS-B").x
    calibration: dict[str, Any] = {name: round(float(x), 4) for name, x in zip(COEFFICIENTS, found, strict=True)}
    probability = 1 / (1 + np.exp(-calibrated(scores, pairs.gate, calibration)))
    order = np.argsort(-probability, kind="stable")
    right = np.cumsum((weight * pairs.right)[order])
    f1 = 2 * right / (np.cumsum(weight[order]) + (weight * pairs.right).sum())
    # F1 hardly changes over a wide range: of that the lowest, since what is not linked is lost and the rest is weighed.
    lowest = int(np.flatnonzero(f1 >= f1.max() - _F1_SLACK)[-1])
    threshold = max(float(probability[order][lowest]), _least_for_silence(pairs, probability))
    return calibration | {"languages": languages}, round(threshold, 3)


def _least_for_silence(pairs: CandidatePairs, probability: np.ndarray) -> float:
    """The threshold from which on few sentences without a skill (`_FALSE_ALARMS`) would be linked to something."""
    speaking = np.zeros(pairs.sentence.max() + 1, dtype=bool)
    speaking[pairs.sentence[pairs.right]] = True
    best = np.zeros(len(speaking))
    np.maximum.at(best, pairs.sentence, probability)
    return float(np.quantile(best[~speaking], 1 - _FALSE_ALARMS))
