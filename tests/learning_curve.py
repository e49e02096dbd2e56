"""How the linker's ranking grows with the number of training sentences: a plot, docs/learning-curve.svg.

``python -m tests.learning_curve ESCO_DIR GOLD_DIR`` trains on 25, 50, 75 and 100 % of corpora/sentences and ranks the
labelled sentences of GOLD_DIR, five-fold cross-validated as in training. Prints what it plots.
Takes twenty minutes of processor time.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from skillmatch.linking import training
from skillmatch.linking.gate import Gate
from skillmatch.linking.gold import GoldSentence, read_gold
from skillmatch.linking.index_building import build_index
from skillmatch.linking.reranker import log_odds
from skillmatch.linking.sentences import training_sentences
from skillmatch.taxonomy import Taxonomy, load_taxonomy

SHARES = (0.25, 0.5, 0.75, 1.0)
SEED = 0
PLOT = Path(__file__).parents[1] / "docs" / "learning-curve.svg"
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 520, 300, 46, 34, 44
COLOURS = {"MRR x 100": "#1f5fa8", "RP@5": "#b4561c"}


def main(taxonomy: Path, gold: Path) -> None:
    esco, labelled = load_taxonomy(taxonomy), read_gold(gold)
    order = np.random.default_rng(SEED).permutation(len(training_sentences()))
    points = []
    for share in SHARES:
        count = round(share * len(order))
        points.append((count, *measured(esco, labelled, sorted(order[:count].tolist()))))
        print("sentences {}  MRR {:.3f}  RP@5 {:.1f}".format(*points[-1]), flush=True)
    PLOT.write_text(plot(points), encoding="utf-8")
    print(PLOT)


def measured(esco: Taxonomy, labelled: list[GoldSentence], rows: list[int]) -> tuple[float, float]:
    """MRR and RP@5 (per cent) on labelled sentences that have a label, of which the ranking ensemble saw none."""
    everything = training_sentences()
    sentences = [everything[row] for row in rows]
    open_gate = Gate({}, 0.0)
    own = training._cross_fitted(esco, sentences, open_gate, SEED, lambda _: None)
    general = training._ensemble(training._GENERAL, SEED).fit(own.features, own.right)
    pairs = training._gold_pairs(build_index(esco, sentences=sentences, seed=SEED), esco, labelled, open_gate)
    scores = log_odds(general.predict_proba(pairs.features)[:, 1])
    scores = scores + training._out_of_fold(pairs, training._LABELLED, SEED)
    known = {(skill.esco_label or skill.label("en")).casefold() for skill in esco}
    reciprocal, recalled = [], []
    for number, sentence in enumerate(labelled):
        wanted = len({label.casefold() for label in sentence.labels} & known)
        if not wanted:
            continue
        of = np.flatnonzero(pairs.sentence == number)
        hits = np.flatnonzero(pairs.right[of[np.argsort(-scores[of], kind="stable")]])
        reciprocal.append(1 / (1 + hits[0]) if len(hits) else 0.0)
        recalled.append(100 * (hits < 5).sum() / min(5, wanted))
    return float(np.mean(reciprocal)), float(np.mean(recalled))


def plot(points: list[tuple[int, float, float]]) -> str:
    """An SVG picture: sentences to the right, both measures in per cent upwards."""
    lines = {"MRR x 100": [100 * point[1] for point in points], "RP@5": [point[2] for point in points]}
    every = [value for values in lines.values() for value in values]
    low, high = 5 * np.floor(min(every) / 5), 5 * np.ceil(max(every) / 5)
    most = max(point[0] for point in points)

    def x(count: float) -> float:
        return LEFT + count / most * (WIDTH - LEFT - 90)

    def y(value: float) -> float:
        return TOP + (high - value) / (high - low) * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        'font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="18">Ranking of labelled sentences by number of training sentences</text>',
        f'<text x="{x(most / 2):.1f}" y="{HEIGHT - 8}" text-anchor="middle">training sentences</text>',
    ]
    for value in np.arange(low, high + 1, 5):
        parts.append(f'<path d="M{LEFT} {y(value):.1f}H{x(most):.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:.0f}</text>')
    for count, *_ in points:
        parts.append(f'<text x="{x(count):.1f}" y="{HEIGHT - 26}" text-anchor="middle">{count:,}</text>')
    for name, values in lines.items():
        places = [(x(count), y(value)) for (count, *_), value in zip(points, values, strict=True)]
        path = "L".join(f"{left:.1f} {up:.1f}" for left, up in places)
        parts.append(f'<path d="M{path}" fill="none" stroke="{COLOURS[name]}" stroke-width="2"/>')
        parts += [f'<circle cx="{left:.1f}" cy="{up:.1f}" r="3.5" fill="{COLOURS[name]}"/>' for left, up in places]
        left, up = places[-1]
        parts.append(f'<text x="{left + 8:.1f}" y="{up + 4:.1f}" fill="{COLOURS[name]}">{name}</text>')
    return "\n".join([*parts, "</svg>", ""])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
