"""What static embeddings (model2vec) add to the linker: ranking, sets, certainty, speed.

``python -m tests.bench_semantic ESCO_DIR MODEL_DIR --gold FILE`` (may be repeated; ``--unseen FILE LANGUAGE`` for data
that the shipped model was not trained on). Sentences of --gold are five-fold cross-validated: the ensemble of labelled
sentences learns from the linker's own candidates on four fifths of all files, and is asked on the fifth with and
without further candidates and weight; means over three seeds. --unseen is asked of the shipped model. ``surprise`` is
the negative log-likelihood over the candidates of a row: the row with the least has the likeliest weight, while the
one without further candidates is not to be compared with. Intervals of what is gained are of a paired bootstrap.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from skillmatch.linking import training
from skillmatch.linking.forest import Ensemble, Forest
from skillmatch.linking.gold import GoldSentence, read_annotations
from skillmatch.linking.linker import BATCH, Linker
from skillmatch.linking.reranker import calibrated
from skillmatch.linking.semantic import WEIGHT, SemanticVectors
from skillmatch.taxonomy import load_taxonomy

WEIGHTS = (0.0, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 3.0)
SEEDS = 3
FOLDS = 5
RESAMPLES = 2_000


class Pairs(NamedTuple):
    """Candidates of labelled sentences."""

    features: np.ndarray
    right: np.ndarray
    sentence: np.ndarray
    gate: np.ndarray
    agreement: np.ndarray
    wanted: np.ndarray
    language: str


def pairs_of(linker: Linker, sentences: list[GoldSentence], *, further: bool) -> Pairs:
    """Candidates with what the vectors say of them (for a weight of one); ``wanted`` counts labels by sentence."""
    skill_of = {(skill.esco_label or skill.label("en")).casefold(): at for at, skill in enumerate(linker.taxonomy)}
    language = sentences[0].language
    wanted = [{skill_of[low] for label in row.labels if (low := label.casefold()) in skill_of} for row in sentences]
    parts = []
    for start in range(0, len(sentences), BATCH):
        texts = [sentence.text for sentence in sentences[start : start + BATCH]]
        near = linker._semantic(texts, language)
        numbers = [linker.index.vocabulary.numbers(text, language) for text in texts]
        found = linker._maker(numbers, *([near.nearest()] if further else []))
        agreement = near.agreement(found.sentence, found.skill) / WEIGHT
        parts.append((found.features, found.sentence + start, found.skill, agreement))
    features, sentence, skill, agreement = map(np.concatenate, zip(*parts, strict=True))
    right = np.array([at in wanted[row] for row, at in zip(sentence.tolist(), skill.tolist(), strict=True)])
    gate = linker.reranker.gate.scores([row.text for row in sentences])[sentence]
    return Pairs(features, right, sentence, gate, agreement, np.array([len(labels) for labels in wanted]), language)


def cross_validated(linker: Linker, plain: Pairs, asked: Pairs, seed: int) -> np.ndarray:
    """Mean log odds of both ensembles; the labelled one did not see the sentence."""
    fold = np.random.default_rng(seed).permutation(len(plain.wanted)) % FOLDS
    scores = np.zeros(len(asked.right))
    for held in range(FOLDS):
        rest, rows = fold[plain.sentence] != held, fold[asked.sentence] == held
        model = training._ensemble(training._LABELLED, seed).fit(plain.features[rest], plain.right[rest])
        forest = Forest([linker.reranker.ensembles["general"], Ensemble.of(model)])
        scores[rows] = np.clip(forest(asked.features[rows]), -12, 12).mean(axis=1)
    return scores


def measured(linker: Linker, pairs: Pairs, scores: np.ndarray) -> np.ndarray:
    """For each sentence reciprocal rank, RP@5, RP@10, right, found and wanted skills, surprise."""
    odds = calibrated(scores, pairs.gate, linker.reranker.calibration, language=pairs.language)
    chosen = 1 / (1 + np.exp(-odds)) >= linker.threshold
    surprise = np.logaddexp(0, np.where(pairs.right, -odds, odds))
    rows = []
    for number, wanted in enumerate(pairs.wanted.tolist()):
        of = np.flatnonzero(pairs.sentence == number)
        hits = np.flatnonzero(pairs.right[of[np.argsort(-odds[of], kind="stable")]])
        recalled = [100 * (hits < cut).sum() / max(1, min(cut, wanted)) for cut in (5, 10)]
        sets = (chosen & pairs.right)[of].sum(), chosen[of].sum(), wanted
        rows.append((1 / (1 + hits[0]) if len(hits) else 0.0, *recalled, *sets, surprise[of].sum()))
    return np.array(rows, dtype=float)


def four(rows: np.ndarray) -> np.ndarray:
    """MRR, RP@5, RP@10, F1 of sets."""
    labelled = rows[rows[:, 5] > 0]
    return np.array([*labelled[:, :3].mean(axis=0), 200 * rows[:, 3].sum() / rows[:, 4:6].sum()])


def compare(linker: Linker, parts: dict[str, list[GoldSentence]], *, held_out: bool) -> None:
    """Print the rows of each part of the sentences, and of all."""
    sentences = [sentence for part in parts.values() for sentence in part]
    ends = np.cumsum([len(part) for part in parts.values()])
    places = {name: np.arange(end - len(parts[name]), end) for name, end in zip(parts, ends.tolist(), strict=True)}
    if len(parts) > 1:
        places["all of these"] = np.arange(len(sentences))
    plain, more = (pairs_of(linker, sentences, further=further) for further in (False, True))
    tables: dict[str, np.ndarray] = {}
    for asked in (plain, more):
        if held_out:
            scores = [cross_validated(linker, plain, asked, seed) for seed in range(SEEDS)]
        else:
            scores = [np.clip(linker.reranker._forest(asked.features), -12, 12).mean(axis=1)]
        for weight in WEIGHTS if asked is more else (0.0,):
            label = f"weight {weight:.2f}" if asked is more else "without"
            runs = [measured(linker, asked, score + weight * asked.agreement) for score in scores]
            tables[label] = np.mean(runs, axis=0)
    for name, place in places.items():
        base = tables["without"][place]
        for label, table in tables.items():
            rows, random = table[place], np.random.default_rng(0)
            drawn = [random.integers(0, len(rows), len(rows)) for _ in range(RESAMPLES)]
            low, high = np.percentile([four(rows[at]) - four(base[at]) for at in drawn], [2.5, 97.5], axis=0)
            gains = " ".join(f"{a:+.3g}..{b:+.3g}" for a, b in zip(low, high, strict=True))
            figures = "MRR {:.3f} RP@5 {:.1f} RP@10 {:.1f} F1 {:.1f}".format(*four(rows))
            print(f"{name:28} {label:12} {figures} surprise {rows[:, 6].sum():.1f} | gain, 95 %: {gains}", flush=True)


def speed(linkers: dict[str, Linker], sentences: list[str]) -> None:
    """Print sentences per CPU-second of each, in turns."""
    spent = dict.fromkeys(linkers, 0.0)
    for name, linker in linkers.items():
        began = time.process_time()
        linker.rank(sentences[:1])
        print(f"{name}: first sentence after {time.process_time() - began:.1f} CPU-seconds")
    for start in range(0, len(sentences), 500):
        for name, linker in linkers.items():
            began = time.process_time()
            linker.rank(sentences[start : start + 500])
            spent[name] += time.process_time() - began
    print({name: f"{len(sentences) / seconds:,.0f} sentences per CPU-second" for name, seconds in spent.items()})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("taxonomy", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("--gold", type=Path, action="append", default=[])
    parser.add_argument("--unseen", nargs=2, action="append", default=[], metavar=("FILE", "LANGUAGE"))
    parser.add_argument("--sentences", type=Path, help="One a line, in English, to measure speed.")
    options = parser.parse_args()
    plain = Linker(load_taxonomy(str(options.taxonomy)))
    vectors = SemanticVectors(options.model)
    linker = Linker(plain.taxonomy, index=plain.index, reranker=plain.reranker, semantic=vectors)
    if options.sentences:
        lines = list(dict.fromkeys(filter(None, options.sentences.read_text(encoding="utf-8").split("\n"))))
        with threadpool_limits(1):
            speed({"without": plain, "with": linker}, lines[:3_000])
    if options.gold:
        compare(linker, {file.stem[:28]: read_annotations(file) for file in options.gold}, held_out=True)
    for name, language in options.unseen:
        compare(linker, {Path(name).name: read_annotations(Path(name), language=language)}, held_out=False)


if __name__ == "__main__":
    main()
