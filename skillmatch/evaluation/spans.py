"""How well the tagger finds the places that annotators marked.

*exact*: the same words. *overlap*: a found span counts for precision if it shares a word with a marked one, a marked
span counts for recall if it shares a word with a found one. *merged*: spans of both kinds together, each place once,
whatever their kind; *skill*, *knowledge*: within the kind; *typed*: place and kind have to agree (the sums of the two).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from skillmatch.errors import EmptyError
from skillmatch.spans.chain import KINDS, Candidate
from skillmatch.spans.gold import GoldSentence
from skillmatch.spans.tagger import SpanTagger

SPAN_COLUMNS = ("spans", "measure", "precision", "recall", "f1", "f1_low", "f1_high", "found", "marked")
DIFFERENCE_COLUMNS = ("difference", "kind", "times", "most_frequent")
_RESAMPLES = 1_000
_SHOWN = 5
Place = tuple[int, int]


def tag_gold(tagger: SpanTagger, gold: Sequence[GoldSentence], *, context: bool = True) -> list[list[Candidate]]:
    """What the tagger finds in labelled sentences; without ``context`` each is read alone."""
    documents = [sentence.document for sentence in gold] if context else None
    return tagger.find_in_words([sentence.words for sentence in gold], documents=documents)


def span_measures(gold: Sequence[GoldSentence], found: Sequence[Sequence[Candidate]], *, seed: int = 0) -> pd.DataFrame:
    """Table of `SPAN_COLUMNS`: precision, recall, F1 in per cent, F1 with its 95 % bootstrap interval over documents.

    Raises
    ------
    EmptyError : no span is marked.
    """
    if not any(sentence.spans for sentence in gold):
        raise EmptyError("no labelled span in the file", remedy="give sentences with B and I among their tags")
    names = sorted({sentence.document for sentence in gold})
    numbers = {name: number for number, name in enumerate(names)}
    documents = np.array([numbers[sentence.document] for sentence in gold])
    counts: dict[tuple[str, str], np.ndarray] = {}
    for measure in ("exact", "overlap"):
        merged = [_hits({c[:2] for c in f}, set(s.spans), measure) for s, f in zip(gold, found, strict=True)]
        counts["merged", measure] = _by_document(merged, documents)
        for number, kind in enumerate(KINDS):
            hits = [
                _hits({c[:2] for c in f if c.kind == number}, set(getattr(s, kind)), measure)
                for s, f in zip(gold, found, strict=True)
            ]
            counts[kind, measure] = _by_document(hits, documents)
        counts["typed", measure] = counts[KINDS[0], measure] + counts[KINDS[1], measure]
    draws = np.random.default_rng(seed).multinomial(len(names), np.full(len(names), 1 / len(names)), _RESAMPLES)
    rows = []
    for (spans, measure), of_documents in counts.items():
        total = of_documents.sum(axis=0)
        low, high = np.percentile(_f1(draws @ of_documents), [2.5, 97.5])
        precision, recall = 100 * total[0] / max(total[1], 1), 100 * total[2] / max(total[3], 1)
        value = float(_f1(total[None, :])[0])
        rows.append((spans, measure, precision, recall, value, low, high, int(total[1]), int(total[3])))
    return pd.DataFrame(rows, columns=list(SPAN_COLUMNS))


def span_differences(gold: Sequence[GoldSentence], found: Sequence[Sequence[Candidate]]) -> pd.DataFrame:
    """Table of `DIFFERENCE_COLUMNS`, the most frequent first: how found and marked spans differ, and their texts.

    ``kind`` is that of the found span, of the marked one where it was missed; "skill as knowledge" is a marked skill
    that was found as knowledge.
    """
    texts: dict[tuple[str, str], list[str]] = defaultdict(list)
    for sentence, spans in zip(gold, found, strict=True):
        marked = [(place, kind) for kind in KINDS for place in getattr(sentence, kind)]
        for span in spans:
            near = [(place, kind) for place, kind in marked if _overlap(place, span[:2])]
            for key in _differences(span, near):
                texts[key].append(" ".join(sentence.words[span.start : span.end]).lower())
        for place, kind in marked:
            if not any(_overlap(place, span[:2]) for span in spans):
                texts["missed", kind].append(" ".join(sentence.words[slice(*place)]).lower())
    rows = []
    for (difference, kind), those in texts.items():
        frequent = sorted(Counter(those).items(), key=lambda item: (-item[1], item[0]))[:_SHOWN]
        shown = "; ".join(f"{text[:60]} ({times})" for text, times in frequent)
        rows.append((difference, kind, len(those), shown))
    rows.sort(key=lambda row: (-row[2], row[:2]))
    return pd.DataFrame(rows, columns=list(DIFFERENCE_COLUMNS))


def _differences(span: Candidate, near: Sequence[tuple[Place, str]]) -> Iterable[tuple[str, str]]:
    kind = KINDS[span.kind]
    if not near:
        yield "nothing marked there", kind
        return
    same = [marked_kind for place, marked_kind in near if place == span[:2]]
    if not same and len(near) > 1:
        yield "one span for several", kind
    elif not same:
        (start, end), _ = near[0]
        for name, by in (("begins", span.start - start), ("ends", span.end - end)):
            if by:
                yield f"{name} too {'late' if by > 0 else 'early'}", kind
    kinds = same or [marked_kind for _, marked_kind in near]
    if kind not in kinds:
        yield f"{kinds[0]} as {kind}", kind


def _hits(found: set[Place], marked: set[Place], measure: str) -> tuple[int, int, int, int]:
    """Right among found, found, right among marked, marked."""
    if measure == "exact":
        right = len(found & marked)
        return right, len(found), right, len(marked)
    right_found = sum(any(_overlap(place, other) for other in marked) for place in found)
    right_marked = sum(any(_overlap(place, other) for other in found) for place in marked)
    return right_found, len(found), right_marked, len(marked)


def _overlap(one: Place, other: Place) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _by_document(hits: Sequence[tuple[int, int, int, int]], documents: np.ndarray) -> np.ndarray:
    """Sums (documents, 4)."""
    total = np.zeros((int(documents.max()) + 1, 4))
    np.add.at(total, documents, np.array(hits, dtype=float))
    return total


def _f1(counts: np.ndarray) -> np.ndarray:
    """F1 in per cent from rows of right among found, found, right among marked, marked."""
    precision = counts[:, 0] / np.maximum(counts[:, 1], 1)
    recall = counts[:, 2] / np.maximum(counts[:, 3], 1)
    return 100 * 2 * precision * recall / np.maximum(precision + recall, 1e-9)
