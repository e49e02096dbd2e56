"""Ranking for named skills against the judgement of people: lists of skills, and courses graded for each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from skillmatch.documents import Reading
from skillmatch.errors import InputError
from skillmatch.evaluation.measures import RawTexts, mean_interval, ndcg
from skillmatch.query import SkillIndex
from skillmatch.taxonomy import Taxonomy

#: What a file of judgements has: one row for each pair; ``skills`` are separated by ";", ``grade`` is a whole number
#: from 0 (unrelated) to 3 (covers much of what is asked for).
JUDGED_COLUMNS = ("gap_id", "skills", "course_id", "grade")
#: ``ndcg10``: gain 2^grade - 1; ``ndcg10_linear``: gain = grade; each with a 95 % bootstrap interval over the lists.
JUDGED_RESULT_COLUMNS = (
    "method", "gaps", "pairs", "ndcg10", "ndcg10_low", "ndcg10_high", "ndcg10_linear", "linear_low", "linear_high",
)  # fmt: skip
_HIGHEST_GRADE = 3


def read_judged(path: str | Path) -> pd.DataFrame:
    """A CSV of judgements as a table of `JUDGED_COLUMNS`.

    Raises
    ------
    InputError : it cannot be read, lacks a column, or has a grade that is none.
    """
    try:
        table = pd.read_csv(path, dtype="str", keep_default_na=False)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: no table of judgements ({error})", remedy="give a CSV file") from error
    missing = [name for name in JUDGED_COLUMNS if name not in table]
    if missing:
        raise InputError(f"{path}: no column {missing[0]!r}", remedy=f"it needs {', '.join(JUDGED_COLUMNS)}")
    wrong = table.index[~table["grade"].str.strip().isin([str(grade) for grade in range(_HIGHEST_GRADE + 1)])]
    if len(wrong):
        raise InputError(
            f"{path}, row {wrong[0] + 2}: grade {table.at[wrong[0], 'grade']!r}", remedy=f"use 0 to {_HIGHEST_GRADE}"
        )
    return table[list(JUDGED_COLUMNS)].astype({"grade": int})


def judged_ranking(judged: pd.DataFrame, courses: Reading, *, taxonomy: Taxonomy, seed: int = 0) -> pd.DataFrame:
    """Compare `skillmatch.rank_for_skills` with TF-IDF and BM25 of the raw texts on the same judgements.

    All courses make up the collection that is ranked; only the judged ones are looked at, in the order in which the
    ranking has them. A judged course that was set aside as a repetition stands for the one that was kept.

    Parameters
    ----------
    judged : table of `JUDGED_COLUMNS`.
    courses : what `skillmatch.read_documents` read.

    Returns
    -------
    Table of `JUDGED_RESULT_COLUMNS`, one row for each method.

    Raises
    ------
    InputError : a judged course is not among the courses, or no course of any list has a grade above 0.
    """
    documents = courses.documents.reset_index(drop=True)
    kept = dict(zip(courses.duplicates["document_id"], courses.duplicates["duplicate_of"], strict=True))
    place = {str(name): at for at, name in enumerate(documents["document_id"])}
    at = [place.get(kept.get(name, name), -1) for name in judged["course_id"]]
    if min(at, default=0) < 0:
        unknown = judged["course_id"].iloc[at.index(-1)]
        raise InputError(f"course {unknown!r} is judged but not among the courses", remedy="name courses by their ids")
    pairs = judged.assign(_at=at).groupby(["gap_id", "_at"], as_index=False).agg({"skills": "first", "grade": "max"})
    if not (pairs["grade"] > 0).any():
        raise InputError("no course has a grade above 0 for any list", remedy="give judgements to measure by")
    index, raw = SkillIndex(documents, taxonomy=taxonomy), RawTexts(list(documents["text"]))
    methods: dict[str, Callable[[list[str]], np.ndarray]] = {
        "skillmatch": lambda names: index.scores(names)[0],
        "TF-IDF of texts": lambda names: raw.tfidf(" ".join(names)),
        "BM25 of texts": lambda names: raw.bm25(" ".join(names)),
    }
    results: dict[str, list[tuple[float, float]]] = {name: [] for name in methods}
    for _, of_gap in pairs.groupby("gap_id", sort=True):
        grades = of_gap["grade"].to_numpy(dtype=float)
        if not grades.any():
            continue
        names = [name.strip() for name in of_gap["skills"].iloc[0].split(";") if name.strip()]
        for method, score in methods.items():
            scores = score(names)[of_gap["_at"].to_numpy()]
            results[method].append((ndcg(scores, 2**grades - 1), ndcg(scores, grades)))
    rows = []
    for method, values in results.items():
        steep, linear = np.array(values).T
        rows.append((method, len(values), len(pairs), *mean_interval(steep, seed), *mean_interval(linear, seed)))
    return pd.DataFrame(rows, columns=list(JUDGED_RESULT_COLUMNS))
