"""Trains the linker: ``skillmatch train linking``.

The reranker must see its features as they will be at run time, where a sentence is never among the examples of its
skills. So the index is built from one half of the sentences and applied to the other, and the other way round.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from skillmatch.linking.calibration import CandidatePairs, calibrate, language_scales
from skillmatch.linking.features import FeatureMaker
from skillmatch.linking.forest import Ensemble
from skillmatch.linking.gate import Gate, held_out_scale
from skillmatch.linking.gold import GoldSentence, read_gold, sentences_with_skills
from skillmatch.linking.index import LinkIndex
from skillmatch.linking.index_building import build_index
from skillmatch.linking.reranker import Reranker, log_odds
from skillmatch.linking.sentences import Sentence, training_sentences
from skillmatch.taxonomy import Taxonomy

_BATCH = 256
# One labelled sentence of a real posting tells the gate as much as five that were written for it.
_REAL_WEIGHT = 5.0
_SHARE_OF_SENTENCES = 0.5
_FOLDS = 5
_GENERAL: dict[str, Any] = {"max_iter": 100, "max_leaf_nodes": 15, "learning_rate": 0.08}
_LABELLED: dict[str, Any] = {"max_iter": 60, "max_leaf_nodes": 7, "learning_rate": 0.06}


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
    real = sentences_with_skills(gold) if gold is not None else []
    gate = _fit_gate(sentences, real)
    general_pairs = _cross_fitted(taxonomy, sentences, gate, seed, tell)
    general = _ensemble(_GENERAL, seed).fit(general_pairs.features, general_pairs.right)
    ensembles = {"general": general}
    spoken = np.array([sentence.language for sentence in sentences])[general_pairs.sentence]
    if not labelled:
        scores = _out_of_fold(general_pairs, _GENERAL, seed)
        languages = language_scales(general_pairs, scores, spoken)
        calibration, threshold = calibrate(general_pairs, scores, np.ones(len(scores)), languages)
        return Reranker(_plain(ensembles), gate, calibration, threshold, {"labelled": 0})
    index = build_index(taxonomy, sentences=sentences, seed=seed)
    pairs = _gold_pairs(index, taxonomy, labelled, gate)
    ensembles["labelled"] = _ensemble(_LABELLED, seed).fit(pairs.features, pairs.right)
    tell("ensembles")
    languages = language_scales(*_held_out(general_pairs, spoken, ensembles["labelled"], seed))
    scores = (log_odds(general.predict_proba(pairs.features)[:, 1]) + _out_of_fold(pairs, _LABELLED, seed)) / 2
    empty = _without_skill(index, taxonomy, sentences, real, seed)
    said = np.mean([log_odds(e.predict_proba(empty.features)[:, 1]) for e in ensembles.values()], axis=0)
    # Half of the sentences of an advertisement have no skill: together they weigh as much as the labelled ones.
    weight = np.ones(len(pairs.right) + len(empty.right))
    weight[len(pairs.right) :] = len(labelled) / max(1, len(np.unique(empty.sentence)))
    empty = replace(empty, sentence=empty.sentence + len(labelled))
    calibration, threshold = calibrate(_joined([pairs, empty]), np.concatenate([scores, said]), weight, languages)
    calibration["gates"] = _gate_scales(sentences, real, seed)
    return Reranker(_plain(ensembles), gate, calibration, threshold, {"labelled": len(labelled)})


def _plain(ensembles: dict[str, Any]) -> dict[str, Ensemble]:
    return {name: Ensemble.of(ensemble) for name, ensemble in ensembles.items()}


def _joined(parts: Sequence[CandidatePairs]) -> CandidatePairs:
    return CandidatePairs(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in CandidatePairs.__annotations__)
    )


def _without_skill(
    index: LinkIndex, taxonomy: Taxonomy, sentences: Sequence[Sentence], rows: Sequence[tuple[str, bool]], seed: int
) -> CandidatePairs:
    """Candidates of real sentences without a skill, with the scores of a gate that did not see them.

    The labelled benchmark sentences nearly all have a skill; half of the sentences of an advertisement have none.
    """
    half = np.random.default_rng(seed).random(len(rows)) < 0.5
    seen = [row for row, kept in zip(rows, half, strict=True) if kept]
    gate = _fit_gate(sentences, seen)
    unseen = [text for (text, has), kept in zip(rows, half, strict=True) if not kept and not has]
    return _gold_pairs(index, taxonomy, [GoldSentence(text, "en", ()) for text in unseen], gate)


def _fit_gate(sentences: Sequence[Sentence], real: Sequence[tuple[str, bool]]) -> Gate:
    return Gate.fit(*_gate_rows(sentences, real))


def _gate_rows(
    sentences: Sequence[Sentence], real: Sequence[tuple[str, bool]]
) -> tuple[list[str], list[bool], list[float]]:
    # The real ones are English. Written ones in other languages stand in for those, or English would drown them.
    weight = [1.0 if sentence.language == "en" else _REAL_WEIGHT for sentence in sentences]
    texts = [sentence.text for sentence in sentences] + [text for text, _ in real]
    has_skill = [bool(sentence.labels) for sentence in sentences] + [has for _, has in real]
    return texts, has_skill, weight + [_REAL_WEIGHT] * len(real)


def _gate_scales(
    sentences: Sequence[Sentence], real: Sequence[tuple[str, bool]], seed: int
) -> dict[str, tuple[float, float]]:
    """Slope and intercept of the gate's score for languages without real sentences: from the written ones, held out."""
    texts, has_skill, weight = _gate_rows(sentences, real)
    scales = {}
    for language in sorted({sentence.language for sentence in sentences} - {"en"}):
        counts = [sentence.language == language for sentence in sentences] + [False] * len(real)
        scales[language] = held_out_scale(texts, has_skill, weight, counts, seed=seed)
    return scales


def _cross_fitted(
    taxonomy: Taxonomy, sentences: Sequence[Sentence], gate: Gate, seed: int, tell: Callable[[str], None]
) -> CandidatePairs:
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
        parts.append(CandidatePairs(part.features, part.right, rows[part.sentence], part.gate))
    return _joined(parts)


def _gold_pairs(index: LinkIndex, taxonomy: Taxonomy, sentences: Sequence[GoldSentence], gate: Gate) -> CandidatePairs:
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
    return CandidatePairs(np.concatenate(features), np.array(right), sentence, scores[sentence])


def _ensemble(options: dict[str, Any], seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        **options, min_samples_leaf=40, l2_regularization=1.0, max_features=0.5, random_state=seed, early_stopping=False
    )


def _out_of_fold(pairs: CandidatePairs, options: dict[str, Any], seed: int) -> np.ndarray:
    """Log odds of each pair from an ensemble that did not see its sentence."""
    fold = np.random.default_rng(seed).permutation(pairs.sentence.max() + 1)[pairs.sentence] % _FOLDS
    scores = np.zeros(len(fold))
    for held in range(_FOLDS):
        rest = fold != held
        model = _ensemble(options, seed).fit(pairs.features[rest], pairs.right[rest])
        scores[~rest] = log_odds(model.predict_proba(pairs.features[~rest])[:, 1])
    return scores


def _held_out(
    pairs: CandidatePairs, spoken: np.ndarray, labelled: Any, seed: int
) -> tuple[CandidatePairs, np.ndarray, np.ndarray]:
    """A fifth of the own sentences, with the mean log odds of both ensembles, none of which saw them; languages."""
    held = np.random.default_rng(seed).permutation(pairs.sentence.max() + 1)[pairs.sentence] % _FOLDS == 0
    general = _ensemble(_GENERAL, seed).fit(pairs.features[~held], pairs.right[~held])
    part = pairs.of(held)
    scores = np.mean([log_odds(e.predict_proba(part.features)[:, 1]) for e in (general, labelled)], axis=0)
    return part, scores, spoken[held]
