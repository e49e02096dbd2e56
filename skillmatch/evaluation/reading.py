"""How well documents are read: roles of sections, mentions, strength and depth against labelled documents."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd

from skillmatch.errors import EmptyError
from skillmatch.evaluation.labelled import LabelledDocument, LabelledMention
from skillmatch.mentions import extract
from skillmatch.pipeline import Pipelines
from skillmatch.sections import ROLES, Section, split_sections

#: ``of`` is what the figure is a share of (stretches, characters, mentions); the interval is of 95 %, from documents
#: drawn anew.
READING_COLUMNS = ("kind", "language", "figure", "value", "low", "high", "of")
CONFUSION_COLUMNS = ("what", "kind", "language", "label", "found", "count")
ERROR_COLUMNS = ("document_id", "what", "label", "found", "text")
#: Strengths of both kinds; "" where a mention was not found.
_STRENGTHS = ("required", "preferred", "mentioned", "negated", "taught", "assumed")
_ROLES = tuple(sorted({role for roles in ROLES.values() for role in roles}))
_LEVELS = (None, 1, 2, 3, 4, 5, 6)
_RESAMPLES = 1000
_STRETCH = re.compile(r"[^\n]+?(?:[.!?;](?=\s)|(?=\n)|$)")
_AROUND = 60


@dataclass
class _Reading:
    """What one document adds: tables of counts, label by found."""

    document: LabelledDocument
    stretches: Counter = field(default_factory=Counter)
    characters: Counter = field(default_factory=Counter)
    strengths: Counter = field(default_factory=Counter)
    levels: Counter = field(default_factory=Counter)
    right: int = 0
    found: int = 0
    recalled: int = 0
    errors: list[tuple[str, str, str, str]] = field(default_factory=list)


class ReadingResult(NamedTuple):
    """``figures`` (`READING_COLUMNS`), ``confusions`` (`CONFUSION_COLUMNS`) and ``errors`` (`ERROR_COLUMNS`)."""

    figures: pd.DataFrame
    confusions: pd.DataFrame
    errors: pd.DataFrame


def evaluate_reading(
    documents: Sequence[LabelledDocument], *, pipelines: Pipelines, least: float = 0.0, seed: int = 0
) -> ReadingResult:
    """Compare what skillmatch reads with the labels; mentions less probable than ``least`` do not count.

    Sections: the text is cut at line ends, sentence ends and the labels' own boundaries; each stretch counts once
    (``sections``), and by its characters (``sections by character``). Mentions: one found is right where it overlaps a
    label of the same skill. Strength and level are compared on the mentions that were found; ``level within one`` over
    those whose label has a level (none found counts as wrong), ``level not asked`` is the share of the others that
    got one.

    Raises
    ------
    EmptyError : there are no documents.
    """
    if not documents:
        raise EmptyError("no labelled documents left", remedy="choose another --part")
    readings = list(_read(documents, pipelines, least))
    rng = np.random.default_rng(seed)
    figures = [row for group in _groups(readings) for row in _figures(*group, rng)]
    confusions = [
        (what, kind, language, str(label), str(found), count)
        for kind, language, members in _groups(readings)
        if kind != "both" and language != "both"
        for what in ("stretches", "strengths", "levels")
        for (label, found), count in sorted(
            sum((getattr(r, what) for r in members), Counter()).items(), key=lambda item: (-item[1], str(item[0]))
        )
        if label != found
    ]
    errors = [(r.document.document_id, *error) for r in readings for error in r.errors]
    return ReadingResult(
        pd.DataFrame(figures, columns=list(READING_COLUMNS)),
        pd.DataFrame(confusions, columns=list(CONFUSION_COLUMNS)),
        pd.DataFrame(errors, columns=list(ERROR_COLUMNS)),
    )


def stretches_of(document: LabelledDocument) -> Iterator[tuple[int, int, str]]:
    """Lines and sentences of a labelled document as (start, end, role), cut at the labels' boundaries."""
    for section in document.sections:
        for match in _STRETCH.finditer(document.text, section.start, section.end):
            if any(character.isalnum() for character in match.group()):
                yield match.start(), match.end(), section.role


def _read(documents: Sequence[LabelledDocument], pipelines: Pipelines, least: float) -> Iterator[_Reading]:
    columns = ("document_id", "kind", "title", "text", "employer", "language")
    table = pd.DataFrame([[getattr(document, name) for name in columns] for document in documents], columns=columns)
    mentions = extract(table, pipelines=pipelines)
    mentions = mentions[mentions["probability"] >= least]
    by_document = {key: list(rows.itertuples()) for key, rows in mentions.groupby("document_id")}
    for document in documents:
        reading = _Reading(document)
        _compare_sections(reading)
        _compare_mentions(reading, by_document.get(document.document_id, []))
        yield reading


def _compare_sections(reading: _Reading) -> None:
    document = reading.document
    found = split_sections(document.text, kind=document.kind, title=document.title, employer=document.employer)
    for start, end, label in stretches_of(document):
        role = _role_at(found, start, end).replace("board", "other")
        reading.stretches[label, role] += 1
        reading.characters[label, role] += end - start
        if role != label:
            reading.errors.append(("section", label, role, document.text[start:end]))


def _role_at(sections: Sequence[Section], start: int, end: int) -> str:
    """The role of most of a stretch."""
    shares: Counter = Counter()
    for section in sections:
        shares[section.role] += max(0, min(end, section.end) - max(start, section.start))
    return shares.most_common(1)[0][0] if shares else ""


def _compare_mentions(reading: _Reading, found: Sequence) -> None:
    document = reading.document
    matched: dict[int, LabelledMention] = {}
    for at, row in enumerate(found):
        overlapping = [m for m in document.mentions if m.start < row.end and row.start < m.end]
        same = [m for m in overlapping if row.skill_id in m.skills]
        reading.found += 1
        if same:
            reading.right += 1
            matched[at] = same[0]
        else:
            labels = "; ".join("+".join(m.skills) for m in overlapping)
            reading.errors.append(("mention", labels, row.skill_id, _excerpt(document.text, row.start, row.end)))
    pairs = {id(label): found[at] for at, label in reversed(matched.items())}
    for label in document.mentions:
        row = pairs.get(id(label))
        where = _excerpt(document.text, label.start, label.end)
        if row is None:
            reading.errors.append(("mention", "+".join(label.skills), "", where))
            continue
        reading.recalled += 1
        level = None if pd.isna(row.level) else int(row.level)
        reading.strengths[label.strength, row.strength] += 1
        reading.levels[label.level, level] += 1
        if label.strength != row.strength:
            reading.errors.append(("strength", label.strength, row.strength, where))
        if label.level != level:
            reading.errors.append(("level", str(label.level or ""), str(level or ""), where))


def _excerpt(text: str, start: int, end: int) -> str:
    return f"{text[max(0, start - _AROUND) : start]}>>{text[start:end]}<<{text[end : end + _AROUND // 2]}"


def _groups(readings: Sequence[_Reading]) -> Iterator[tuple[str, str, list[_Reading]]]:
    for kind in ("posting", "syllabus", "both"):
        for language in ("en", "it", "both"):
            members = [r for r in readings if kind in ("both", r.document.kind)]
            members = [r for r in members if language in ("both", r.document.language)]
            if members:
                yield kind, language, members


def _figures(kind: str, language: str, readings: list[_Reading], rng: np.random.Generator) -> Iterator[tuple]:
    tables = {
        "stretches": _stack(readings, "stretches", _ROLES),
        "characters": _stack(readings, "characters", _ROLES),
        "strengths": _stack(readings, "strengths", _STRENGTHS),
        "levels": _stack(readings, "levels", _LEVELS),
        "precision": np.array([[r.right, r.found] for r in readings], dtype=float),
        "recall": np.array([[r.recalled, len(r.document.mentions)] for r in readings], dtype=float),
    }
    measures: list[tuple[str, str, Callable[[np.ndarray], tuple[float, float]]]] = [
        ("sections", "stretches", _accuracy),
        ("sections by character", "characters", _accuracy),
        ("mention precision", "precision", _ratio),
        ("mention recall", "recall", _ratio),
        ("strength accuracy", "strengths", _accuracy),
        ("strength macro-F1", "strengths", macro_f1),
        ("level exact", "levels", lambda t: _level_share(t, 0)),
        ("level within one", "levels", lambda t: _level_share(t, 1)),
        ("level not asked", "levels", lambda t: (float(t[0, 1:].sum()), float(t[0].sum()))),
    ]
    if kind == "syllabus":
        measures.insert(6, ("prerequisite F1", "strengths", _prerequisite_f1))
    draws = rng.multinomial(len(readings), np.full(len(readings), 1 / len(readings)), size=_RESAMPLES)
    for name, table, measure in measures:
        counts = tables[table]
        part, of = measure(counts.sum(axis=0))
        if not of:
            continue
        resampled = [measure(total) for total in np.tensordot(draws, counts, axes=1)]
        low, high = np.quantile([a / b for a, b in resampled if b], [0.025, 0.975])
        yield kind, language, name, part / of, float(low), float(high), int(of)


def _stack(readings: Sequence[_Reading], name: str, values: Sequence) -> np.ndarray:
    """Counts of shape (documents, labels, found)."""
    at = {value: i for i, value in enumerate(values)}
    stacked = np.zeros((len(readings), len(values), len(values)))
    for i, reading in enumerate(readings):
        for (label, found), count in getattr(reading, name).items():
            stacked[i, at[label], at[found]] = count
    return stacked


def _accuracy(table: np.ndarray) -> tuple[float, float]:
    return float(np.trace(table)), float(table.sum())


def _ratio(pair: np.ndarray) -> tuple[float, float]:
    return float(pair[0]), float(pair[1])


def macro_f1(table: np.ndarray) -> tuple[float, float]:
    """Mean F1 over the classes that have labels, times the count, and the count.

    >>> right, of = macro_f1(np.array([[8.0, 2.0], [0.0, 10.0]]))
    >>> round(right / of, 3)
    0.899
    """
    labels, found, right = table.sum(axis=1), table.sum(axis=0), np.diagonal(table)
    present = labels > 0
    scores = 2 * right[present] / (labels + found)[present]
    return float(scores.mean() if present.any() else 0.0) * float(table.sum()), float(table.sum())


def _prerequisite_f1(table: np.ndarray) -> tuple[float, float]:
    """F1 of *assumed* among the mentions labelled taught or assumed."""
    taught, assumed = _STRENGTHS.index("taught"), _STRENGTHS.index("assumed")
    rows = table[[taught, assumed]]
    right, labels, found = rows[1, assumed], rows[1].sum(), rows[:, assumed].sum()
    of = rows.sum() if labels else 0.0
    return (float(2 * right / (labels + found) * of) if labels else 0.0), float(of)


def _level_share(table: np.ndarray, distance: int) -> tuple[float, float]:
    levels = table[1:, 1:]
    away = np.abs(np.subtract.outer(np.arange(6), np.arange(6)))
    return float(levels[away <= distance].sum()), float(table[1:].sum())
