"""Planted recovery: are the courses that were taken out of a programme the ones that are ranked first for its gaps?

Some courses are removed from a programme. Postings are made that ask for the skills which the removed courses alone
taught, under any of their names, mixed with skills and whole postings that have nothing to do with them. Then all
courses that the programme does not have are ranked for its gaps, and the removed ones should come first. Plain TF-IDF
and BM25 of the raw texts, and the plain overlap of skills, are measured on the same postings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from skillmatch.analysis import Analysis
from skillmatch.background import bundled_background
from skillmatch.errors import EmptyError
from skillmatch.evaluation.measures import RawTexts, mean_interval, ndcg
from skillmatch.mentions import extract
from skillmatch.pipeline import Pipelines
from skillmatch.ranking import CurriculumRanker
from skillmatch.taxonomy import Taxonomy

RECOVERY_COLUMNS = ("method", "trials", "ndcg10", "ndcg10_low", "ndcg10_high", "mrr", "mrr_low", "mrr_high")
_REMOVED = 3
_POSTINGS = 40
_IRRELEVANT = 0.3
_LEAST_COURSES = 12
_TEACHES = 0.25
_KNOWN = 0.2


@dataclass(frozen=True)
class _Trial:
    """One programme with courses taken out; positions are those of the courses table."""

    programme: str
    removed: np.ndarray
    postings: list[str]


def planted_recovery(
    courses: pd.DataFrame, *, taxonomy: Taxonomy, programme: str = "programme", trials: int = 100, seed: int = 0
) -> pd.DataFrame:
    """Compare methods of ranking by planted recovery.

    Parameters
    ----------
    courses : what `skillmatch.read_documents` read, with a column that names the programme.
    programme : that column.
    trials : how often courses are taken out of a programme.
    seed : of all that is drawn.

    Returns
    -------
    Table of `RECOVERY_COLUMNS`: mean nDCG@10 and MRR with 95 % bootstrap intervals over the trials.

    Raises
    ------
    EmptyError : no programme has enough courses with skills of their own.
    """
    rng = np.random.default_rng(seed)
    pipelines = Pipelines(taxonomy)
    courses = courses.assign(programme=courses[programme].astype(str), own=True).reset_index(drop=True)
    base = Analysis(
        taxonomy=taxonomy, jobs=courses.head(0), courses=courses, mentions=extract(courses, pipelines=pipelines)
    )
    methods = _methods(base, pipelines)
    results: dict[str, list[tuple[float, float]]] = {name: [] for name in methods}
    for trial in _trials(base, rng, trials):
        for name, score in methods.items():
            results[name].append(_quality(score(trial), trial, courses))
    if not any(results.values()):
        raise EmptyError("no programme has enough courses with skills of their own", remedy="give more courses")
    rows = []
    for name, values in results.items():
        gain, reciprocal = np.array(values).T
        rows.append((name, len(values), *mean_interval(gain, seed), *mean_interval(reciprocal, seed)))
    return pd.DataFrame(rows, columns=list(RECOVERY_COLUMNS))


def _trials(base: Analysis, rng: np.random.Generator, trials: int) -> Iterator[_Trial]:
    programmes = base.courses["programme"].value_counts()
    names = sorted(programmes.index[programmes >= _LEAST_COURSES])
    taught = base.taught.tocsr()
    attempts = 0
    made = 0
    while names and made < trials and attempts < 20 * trials:
        attempts += 1
        name = names[rng.integers(len(names))]
        members = np.flatnonzero((base.courses["programme"] == name).to_numpy())
        removed = rng.choice(members, _REMOVED, replace=False)
        rest = taught[np.setdiff1d(members, removed)]
        known = 1 - np.exp(np.asarray(_logs(rest).sum(axis=0)).ravel())
        alone = np.flatnonzero((taught[removed].max(axis=0).toarray().ravel() >= _TEACHES) & (known < _KNOWN))
        if len(alone) < 2 * _REMOVED:
            continue
        made += 1
        yield _Trial(name, removed, _postings(base.taxonomy, alone, rng))


def _postings(taxonomy: Taxonomy, alone: np.ndarray, rng: np.random.Generator) -> list[str]:
    skills = list(taxonomy)

    def named(positions: np.ndarray) -> str:
        names = []
        for at in positions:
            known = [alias.text for alias in skills[at].names("en") if not alias.weak]
            names.append(f"- {known[rng.integers(len(known))]}")
        return "Requirements:\n" + "\n".join(names)

    texts = []
    for _ in range(_POSTINGS):
        noise = rng.choice(len(skills), rng.integers(1, 4), replace=False)
        if rng.random() >= _IRRELEVANT:
            wanted = rng.choice(alone, min(len(alone), int(rng.integers(2, 5))), replace=False)
            noise = np.concatenate([wanted, noise])
        texts.append(named(noise))
    return texts


def _methods(base: Analysis, pipelines: Pipelines) -> dict[str, Callable[[_Trial], np.ndarray]]:
    courses = base.courses
    raw = RawTexts(list(courses["text"]))
    background = bundled_background(base.taxonomy)
    ranker = CurriculumRanker().fit(base.coverage)
    taught = sparse.csr_array(base.taught > _TEACHES).astype(float)

    def analysed(trial: _Trial) -> Analysis:
        jobs = pd.DataFrame(
            {
                "document_id": [f"posting {number}" for number in range(len(trial.postings))],
                "kind": "posting", "title": "", "text": trial.postings, "language": "en",
            }
        )  # fmt: skip
        own = (courses["programme"] == trial.programme) & ~courses.index.isin(trial.removed)
        return Analysis(
            taxonomy=base.taxonomy,
            jobs=jobs,
            courses=courses.assign(own=own),
            mentions=pd.concat([extract(jobs, pipelines=pipelines), base.mentions], ignore_index=True),
            background=background,
        )

    def skillmatch(trial: _Trial) -> np.ndarray:
        return ranker.transform(analysed(trial).target(trial.programme)[None, :])[0]

    def overlap(trial: _Trial) -> np.ndarray:
        asked = np.asarray((analysed(trial).asked > 0).sum(axis=0)).ravel() > 0
        size = np.asarray(taught.sum(axis=1)).ravel()
        return (taught @ asked.astype(float)) / np.sqrt(np.maximum(size, 1) * max(asked.sum(), 1))

    return {
        "skillmatch": skillmatch,
        "skill overlap": overlap,
        "TF-IDF of texts": lambda trial: raw.tfidf(" ".join(trial.postings)),
        "BM25 of texts": lambda trial: raw.bm25(" ".join(trial.postings)),
    }


def _quality(scores: np.ndarray, trial: _Trial, courses: pd.DataFrame) -> tuple[float, float]:
    """nDCG@10 and reciprocal rank of the removed courses among all that the programme does not have."""
    members = np.flatnonzero((courses["programme"] == trial.programme).to_numpy())
    scores = scores.copy()
    scores[np.setdiff1d(members, trial.removed)] = -np.inf
    order = np.argsort(-scores, kind="stable")
    first = int(np.argmax(np.isin(order, trial.removed))) + 1
    return ndcg(scores, np.isin(np.arange(len(scores)), trial.removed).astype(float)), 1 / first


def _logs(coverage: sparse.csr_array) -> sparse.csr_array:
    logs = coverage.copy()
    logs.data = np.log1p(-np.minimum(logs.data, 1 - 1e-9))
    return logs
