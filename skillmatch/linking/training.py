"""Trains the linker: ``skillmatch train linking``.

The reranker must see its features as they will be at run time, where a sentence is never among the examples of its
skills. So the index is built from one half of the sentences and applied to the other, and the other way round.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from skillmatch.linking.features import FeatureMaker
from skillmatch.linking.gate import Gate
from skillmatch.linking.gold import GoldSentence, read_gold, sentences_with_skills
from skillmatch.linking.index import LinkIndex, build_index
from skillmatch.linking.reranker import Reranker, log_odds
from skillmatch.linking.sentences import Sentence, training_sentences
from skillmatch.taxonomy import Taxonomy

_BATCH = 256
# One labelled sentence of a real posting tells the gate as much as five that were written for it.
_REAL_WEIGHT = 5.0
_SHARE_OF_SENTENCES = 0.5
_EMPTY_SENTENCES = 250
_F1_SLACK = 0.02
_FALSE_ALARMS = 0.1
_FOLDS = 5
_GENERAL: dict[str, Any] = {"max_iter": 100, "max_leaf_nodes": 15, "learning_rate": 0.08}
_LABELLED: dict[str, Any] = {"max_iter": 60, "max_leaf_nodes": 7, "learning_rate": 0.06}


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Candidates of several sentences: features, whether each is right, the sentence's number and its gate score."""

    features: np.ndarray
    right: np.ndarray
    sentence: np.ndarray
    gate: np.ndarray


def train_linker(
    taxonomy: Taxonomy,
    *,
    gold: Path | None = None,
    sentences: Sequence[Sentence] | None = None,
    seed: int = 0,
    tell: Callable[[str], None] = lambda _: None,
) -> Reranker:
    """Train on a taxonomy whose labels are those of the sentences (ESCO).

    Parameters
    ----------
    taxonomy : ESCO, built with ``taxonomy build``.
    gold : folder with labelled sentences of real postings: ``*_annotations.csv``, ``skillspan_train.jsonl``.
    """
    sentences = training_sentences() if sentences is None else sentences
    labelled = read_gold(gold) if gold is not None else []
    tell(f"{len(sentences)} sentences, {len(labelled)} labelled ones")
    gate = _fit_gate(sentences, sentences_with_skills(gold) if gold is not None else [])
    general_pairs = _cross_fitted(taxonomy, sentences, gate, seed, tell)
    general = _ensemble(_GENERAL, seed).fit(general_pairs.features, general_pairs.right)
    ensembles = {"general": general}
    if not labelled:
        scores = _out_of_fold(general_pairs, _GENERAL, seed)
        return _calibrated(ensembles, gate, general_pairs, scores, {"labelled": 0})
    index = build_index(taxonomy, sentences=sentences, seed=seed)
    pairs = _gold_pairs(index, taxonomy, labelled, gate)
    ensembles["labelled"] = _ensemble(_LABELLED, seed).fit(pairs.features, pairs.right)
    scores = (log_odds(general.predict_proba(pairs.features)[:, 1]) + _out_of_fold(pairs, _LABELLED, seed)) / 2
    empty = _without_skill(index, taxonomy, sentences, gold, seed)
    empty = replace(empty, sentence=empty.sentence + pairs.sentence.max() + 1)
    together = _Pairs(
        *(np.concatenate([getattr(pairs, name), getattr(empty, name)]) for name in _Pairs.__annotations__)
    )
    said = np.mean([log_odds(e.predict_proba(empty.features)[:, 1]) for e in ensembles.values()], axis=0)
    return _calibrated(ensembles, gate, together, np.concatenate([scores, said]), {"labelled": len(labelled)})


def _without_skill(
    index: LinkIndex, taxonomy: Taxonomy, sentences: Sequence[Sentence], gold: Path | None, seed: int
) -> _Pairs:
    """Candidates of real sentences without a skill, with the scores of a gate that did not see them.

    The labelled benchmark sentences nearly all have a skill; half of the sentences of an advertisement have none.
    """
    rows = sentences_with_skills(gold) if gold is not None else []
    half = np.random.default_rng(seed).random(len(rows)) < 0.5
    seen = [row for row, kept in zip(rows, half, strict=True) if kept]
    gate = _fit_gate(sentences, seen)
    unseen = [text for (text, has), kept in zip(rows, half, strict=True) if not kept and not has][:_EMPTY_SENTENCES]
    return _gold_pairs(index, taxonomy, [GoldSentence(text, "en", ()) for text in unseen], gate)


def _fit_gate(sentences: Sequence[Sentence], real: Sequence[tuple[str, bool]]) -> Gate:
    rows = [(sentence.text, bool(sentence.labels), 1.0) for sentence in sentences]
    rows += [(text, has, _REAL_WEIGHT) for text, has in real]
    texts, has_skill, weight = zip(*rows, strict=True)
    return Gate.fit(texts, has_skill, weight)


def _cross_fitted(
    taxonomy: Taxonomy, sentences: Sequence[Sentence], gate: Gate, seed: int, tell: Callable[[str], None]
) -> _Pairs:
    random = np.random.default_rng(seed)
    half = random.integers(0, 2, len(sentences))
    used = random.random(len(sentences)) < _SHARE_OF_SENTENCES
    used |= np.array([len(sentence.labels) != 1 for sentence in sentences])
    parts = []
    for side in (0, 1):
        index = build_index(
            taxonomy, sentences=[s for s, h in zip(sentences, half, strict=True) if h != side], seed=seed
        )
        tell(f"index without half {side + 1} of the sentences")
        rows = np.flatnonzero((half == side) & used)
        chosen = [GoldSentence(*sentences[row]) for row in rows.tolist()]
        part = _gold_pairs(index, taxonomy, chosen, gate)
        parts.append(_Pairs(part.features, part.right, rows[part.sentence], part.gate))
    return _Pairs(*(np.concatenate([getattr(part, name) for part in parts]) for name in _Pairs.__annotations__))


def _gold_pairs(index: LinkIndex, taxonomy: Taxonomy, sentences: Sequence[GoldSentence], gate: Gate) -> _Pairs:
    """Candidates of labelled sentences for an index."""
    skill_of = {(skill.esco_label or skill.label("en")).casefold(): at for at, skill in enumerate(taxonomy)}
    maker = FeatureMaker(index)
    features, right, numbers = [], [], []
    for start in range(0, len(sentences), _BATCH):
        batch = sentences[start : start + _BATCH]
        found = maker([index.vocabulary.numbers(sentence.text, sentence.language) for sentence in batch])
        wanted = [{skill_of.get(label.casefold(), -1) for label in sentence.labels} for sentence in batch]
        features.append(found.features)
        right += [
            skill in wanted[row] for row, skill in zip(found.sentence.tolist(), found.skill.tolist(), strict=True)
        ]
        numbers.append(found.sentence + start)
    sentence = np.concatenate(numbers)
    scores = gate.scores([sentence.text for sentence in sentences])
    return _Pairs(np.concatenate(features), np.array(right), sentence, scores[sentence])


def _ensemble(options: dict[str, Any], seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        **options, min_samples_leaf=40, l2_regularization=1.0, max_features=0.5, random_state=seed, early_stopping=False
    )


def _out_of_fold(pairs: _Pairs, options: dict[str, Any], seed: int) -> np.ndarray:
    """Log odds of each pair from an ensemble that did not see its sentence."""
    fold = np.random.default_rng(seed).permutation(pairs.sentence.max() + 1)[pairs.sentence] % _FOLDS
    scores = np.zeros(len(fold))
    for held in range(_FOLDS):
        rest = fold != held
        model = _ensemble(options, seed).fit(pairs.features[rest], pairs.right[rest])
        scores[~rest] = log_odds(model.predict_proba(pairs.features[~rest])[:, 1])
    return scores


def _least_for_silence(pairs: _Pairs, probability: np.ndarray) -> float:
    """The threshold at which a tenth of the sentences without a skill would still be linked to something."""
    speaking = np.zeros(pairs.sentence.max() + 1, dtype=bool)
    speaking[pairs.sentence[pairs.right]] = True
    best = np.zeros(len(speaking))
    np.maximum.at(best, pairs.sentence, probability)
    return float(np.quantile(best[~speaking], 1 - _FALSE_ALARMS))


def _calibrated(
    ensembles: dict[str, Any], gate: Gate, pairs: _Pairs, scores: np.ndarray, record: dict[str, Any]
) -> Reranker:
    """Joins the mean log odds of the ensembles with the gate; the threshold is the one with the best F1 of sets.

    The mean, not weights of their own: those learned from so few sentences left the general ensemble out, and what
    was linked in other texts and in Italian was worse.
    """
    from sklearn.linear_model import LogisticRegression

    table = np.column_stack([scores, pairs.gate])
    model = LogisticRegression(C=10.0).fit(table, pairs.right)
    slope, gate_slope = map(float, model.coef_[0])
    calibration = {"trees": slope, "gate": gate_slope, "intercept": float(model.intercept_[0])}
    probability = model.predict_proba(table)[:, 1]
    order = np.argsort(-probability, kind="stable")
    found = np.cumsum(pairs.right[order])
    f1 = 2 * found / (np.arange(1, len(order) + 1) + pairs.right.sum())
    # F1 hardly changes over a wide range: of that the lowest, since what is not linked is lost and the rest is weighed.
    lowest = int(np.flatnonzero(f1 >= f1.max() - _F1_SLACK)[-1])
    threshold = max(float(probability[order][lowest]), _least_for_silence(pairs, probability))
    threshold = round(threshold, 3)
    return Reranker(ensembles, gate, calibration, threshold, record)
