"""How well the linker ranks and finds the skills of labelled sentences.

Measures, each a mean over the sentences that have a gold label, with a 95 % bootstrap interval over sentences:
mean reciprocal rank; RP@k, the gold labels among the first k divided by min(k, their number). Sets, at the threshold:
precision, recall and F1 over all (sentence, skill) pairs, the share of sentences without a label on which anything is
found, and the calibration error (ten bins of equal size, mean distance of stated and true share).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from skillmatch.linking.gold import GoldSentence
from skillmatch.linking.linker import Link, Linker

_CUTS = (1, 5, 10)
_RESAMPLES = 1_000
_BINS = 10


@dataclass(frozen=True, eq=False)
class Linked:
    """Labelled sentences with what the linker ranked for them; labels that the taxonomy lacks are left out."""

    gold: list[frozenset[str]]
    ranked: list[list[Link]]
    unknown_labels: list[str]


def link_gold(linker: Linker, sentences: Sequence[GoldSentence]) -> Linked:
    """Rank the skills of labelled sentences; labels are ids or English labels of the linker's taxonomy."""
    by_label = {
        name.casefold(): skill.id for skill in linker.taxonomy for name in (skill.esco_label, skill.label("en")) if name
    }
    known = by_label | {skill_id: skill_id for skill_id in linker.taxonomy.skills}
    gold, unknown = [], set()
    for sentence in sentences:
        ids = {label: known.get(label, known.get(label.casefold())) for label in sentence.labels}
        unknown |= {label for label, skill_id in ids.items() if skill_id is None}
        gold.append(frozenset(skill_id for skill_id in ids.values() if skill_id is not None))
    ranked: list[list[Link]] = [[] for _ in sentences]
    for language in sorted({sentence.language for sentence in sentences}):
        rows = [row for row, sentence in enumerate(sentences) if sentence.language == language]
        for row, found in zip(rows, linker.rank([sentences[row].text for row in rows], language=language), strict=True):
            ranked[row] = found
    return Linked(gold, ranked, sorted(unknown))


def ranking_measures(linked: Linked, *, seed: int = 0) -> pd.DataFrame:
    """Columns measure, value, low, high, sentences; MRR in 0..1, the others in per cent."""
    rows: dict[str, list[float]] = {"MRR": [], **{f"RP@{cut}": [] for cut in _CUTS}, "in the list": []}
    for gold, found in zip(linked.gold, linked.ranked, strict=True):
        if not gold:
            continue
        hits = [rank for rank, link in enumerate(found) if link.skill_id in gold]
        rows["MRR"].append(1 / (1 + hits[0]) if hits else 0.0)
        for cut in _CUTS:
            rows[f"RP@{cut}"].append(100 * sum(rank < cut for rank in hits) / min(cut, len(gold)))
        rows["in the list"].append(100 * len(hits) / len(gold))
    return _with_intervals({name: (np.array(values), np.ones(len(values))) for name, values in rows.items()}, seed)


def set_measures(linked: Linked, *, threshold: float, seed: int = 0) -> pd.DataFrame:
    """Columns measure, value, low, high, sentences; all in per cent."""
    counts = []
    for gold, found in zip(linked.gold, linked.ranked, strict=True):
        chosen = {link.skill_id for link in found if link.probability >= threshold}
        counts.append((len(chosen & gold), len(chosen), len(gold), not gold, bool(chosen) and not gold))
    right, said, wanted, empty, false = np.array(counts, dtype=float).reshape(-1, 5).T
    table = _with_intervals(
        {
            "precision": (100 * right, said), "recall": (100 * right, wanted), "F1": (200 * right, said + wanted),
            "fires without a skill": (100 * false, empty),
        },
        seed,
    )  # fmt: skip
    return pd.concat([table, _calibration(linked)], ignore_index=True)


def confusions(linked: Linked, *, threshold: float, limit: int = 20) -> pd.DataFrame:
    """What to mend next: wanted skills that were missed and wrong ones that were found, most frequent first.

    ``gain`` is the number of errors that would go; ``instead`` the skill most often found where one was missed.
    """
    missed: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    instead: dict[str, Counter[str]] = {}
    labels: dict[str, str] = {}
    for gold, found in zip(linked.gold, linked.ranked, strict=True):
        chosen = {link.skill_id for link in found if link.probability >= threshold}
        labels.update({link.skill_id: link.label for link in found})
        wrong.update(chosen - gold)
        missed.update(gold - chosen)
        for skill_id in gold - chosen:
            instead.setdefault(skill_id, Counter()).update(chosen - gold)
    rows = [("wrong", labels[skill_id], count, "") for skill_id, count in wrong.items()]
    for skill_id, count in missed.items():
        usual = [labels[other] for other, _ in instead[skill_id].most_common(1)]
        rows.append(("missed", labels.get(skill_id, skill_id), count, usual[0] if usual else ""))
    table = pd.DataFrame(rows, columns=["error", "skill", "gain", "instead"])
    return (
        table.sort_values(["gain", "error", "skill"], ascending=[False, True, True]).head(limit).reset_index(drop=True)
    )


def _calibration(linked: Linked) -> pd.DataFrame:
    pairs = [
        (link.probability, link.skill_id in gold)
        for gold, found in zip(linked.gold, linked.ranked, strict=True)
        for link in found
    ]
    stated, true = np.array(sorted(pairs), dtype=float).reshape(-1, 2).T
    bins = [bin_ for bin_ in np.array_split(np.arange(len(stated)), _BINS) if len(bin_)]
    error = sum(len(bin_) * abs(stated[bin_].mean() - true[bin_].mean()) for bin_ in bins) / max(1, len(stated))
    return pd.DataFrame([("calibration error", 100 * error, None, None, len(linked.gold))], columns=_COLUMNS)


_COLUMNS = ["measure", "value", "low", "high", "sentences"]


def _with_intervals(parts: dict[str, tuple[np.ndarray, np.ndarray]], seed: int) -> pd.DataFrame:
    """Each measure is a sum over sentences divided by another; sentences are drawn again with replacement."""
    rows = []
    for name, (top, bottom) in parts.items():
        drawn = np.random.default_rng(seed).integers(0, max(1, len(top)), (_RESAMPLES, len(top)))
        values = top[drawn].sum(axis=1) / np.maximum(bottom[drawn].sum(axis=1), 1e-9)
        low, high = np.percentile(values, [2.5, 97.5])
        rows.append((name, top.sum() / max(bottom.sum(), 1e-9), low, high, int((bottom > 0).sum())))
    return pd.DataFrame(rows, columns=_COLUMNS)
