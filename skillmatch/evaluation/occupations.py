"""Occupations of ESCO to courses: are the courses that teach some of an occupation's skills those that fit it?

The essential skills of an occupation that the taxonomy knows are parted at random into two halves. Courses are ranked
by the first half as demand. What is relevant comes from elsewhere, in two ways: the courses that teach skills of the
other half (``held-out skills``), and the ten courses whose texts are nearest to the occupation's title and description,
which no ranker sees (``description``).

Limits: held-out skills are found by the same extraction that ranks, so what it never finds is missed on both sides; the
description favours methods that compare words; neither says whether a person would send a student to the course. The
row *most skills*, which ranks by how many skills a course teaches whatever the occupation, shows what is due to courses
that teach much.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from skillmatch.background import bundled_background
from skillmatch.demand import specificity
from skillmatch.errors import EmptyError, InputError
from skillmatch.evaluation.measures import RawTexts, mean_interval, ndcg
from skillmatch.mentions import extract
from skillmatch.pipeline import Pipelines
from skillmatch.ranking import CurriculumRanker
from skillmatch.supply import coverage_matrix, with_relatives
from skillmatch.taxonomy import Taxonomy

#: One row for each essential skill of an occupation.
OCCUPATION_COLUMNS = ("occupation", "title", "description", "skill_uri")
OCCUPATION_RESULT_COLUMNS = ("relevance", "method", "occupations", "ndcg10", "ndcg10_low", "ndcg10_high")
_OCCUPATIONS, _RELATIONS = "occupations_en.csv", "occupationSkillRelations.csv"
_LEAST_SKILLS = 6
_TEACHES = 0.25
_NEAREST = 10


def read_occupations(package: str | Path) -> pd.DataFrame:
    """Essential skills of occupations from ESCO's CSV package, a folder or a zip file: table of `OCCUPATION_COLUMNS`.

    Raises
    ------
    InputError : the two files that are needed are not there.
    """
    with _opener(Path(package)) as rows:
        about = {row["conceptUri"]: (row["preferredLabel"], row["description"]) for row in rows(_OCCUPATIONS)}
        table = [
            (row["occupationUri"], *about[row["occupationUri"]], row["skillUri"])
            for row in rows(_RELATIONS)
            if row["relationType"] == "essential" and row["occupationUri"] in about
        ]
    return pd.DataFrame(table, columns=list(OCCUPATION_COLUMNS))


def occupation_ranking(
    courses: pd.DataFrame, occupations: pd.DataFrame, *, taxonomy: Taxonomy, most: int = 200, seed: int = 0
) -> pd.DataFrame:
    """Compare methods of ranking courses for occupations.

    Parameters
    ----------
    courses : what `skillmatch.read_documents` read.
    occupations : table of `OCCUPATION_COLUMNS`; occupations with fewer than six skills of the taxonomy are left out.
    most : at most so many occupations, drawn at random.
    seed : of all that is drawn.

    Returns
    -------
    Table of `OCCUPATION_RESULT_COLUMNS`: mean nDCG@10 with a 95 % bootstrap interval over the occupations.

    Raises
    ------
    EmptyError : no occupation has enough skills of the taxonomy that any course teaches.
    """
    rng = np.random.default_rng(seed)
    skills = list(taxonomy)
    place = {skill.uri: at for at, skill in enumerate(skills) if skill.uri}
    known = occupations[occupations["skill_uri"].isin(place)].drop_duplicates(["occupation", "skill_uri"])
    counts = known["occupation"].value_counts()
    names = sorted(counts.index[counts >= _LEAST_SKILLS])
    chosen = sorted(rng.choice(names, min(most, len(names)), replace=False)) if names else []
    mentions = extract(courses, pipelines=Pipelines(taxonomy))
    taught = coverage_matrix(mentions, list(courses["document_id"]), list(taxonomy.skills))
    teaches = sparse.csr_array(taught >= _TEACHES).astype(float)
    ranker = CurriculumRanker().fit(with_relatives(taught, taxonomy))
    weight = _specificity(taxonomy)
    raw = RawTexts(list(courses["text"]))
    breadth = np.asarray(teaches.sum(axis=1)).ravel()

    def wanted(positions: np.ndarray) -> np.ndarray:
        target = np.zeros(len(skills))
        target[positions] = weight[positions]
        return target

    def labels(positions: np.ndarray) -> str:
        return " ".join(skills[at].label("en") for at in positions)

    methods: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "skillmatch": lambda half: ranker.transform(wanted(half)[None, :])[0],
        "skill overlap": lambda half: (teaches @ (wanted(half) > 0).astype(float)) / np.sqrt(np.maximum(breadth, 1)),
        "TF-IDF of texts": lambda half: raw.tfidf(labels(half)),
        "BM25 of texts": lambda half: raw.bm25(labels(half)),
        "most skills": lambda _: breadth,
    }
    results: dict[tuple[str, str], list[float]] = {}
    for name in chosen:
        rows = known[known["occupation"] == name]
        positions = rng.permutation([place[uri] for uri in rows["skill_uri"]])
        first, other = np.sort(positions[::2]), np.sort(positions[1::2])
        near = raw.tfidf(f"{rows['title'].iloc[0]} {rows['description'].iloc[0]}")
        gains = {
            "held-out skills": np.asarray(teaches[:, other].sum(axis=1)).ravel() / len(other),
            "description": (np.argsort(np.argsort(-near, kind="stable"), kind="stable") < _NEAREST) * (near > 0),
        }
        if not gains["held-out skills"].any():
            continue
        for method, score in methods.items():
            scores = score(first)
            for relevance, gain in gains.items():
                results.setdefault((relevance, method), []).append(ndcg(scores, gain.astype(float)))
    if not results:
        raise EmptyError("no occupation has enough skills that a course teaches", remedy="give more courses")
    table = [(*key, len(values), *mean_interval(np.array(values), seed)) for key, values in results.items()]
    order = pd.DataFrame(table, columns=list(OCCUPATION_RESULT_COLUMNS))
    return order.sort_values("relevance", ascending=False, kind="stable", ignore_index=True)


def _specificity(taxonomy: Taxonomy) -> np.ndarray:
    background = bundled_background(taxonomy)
    if background is None:
        return np.ones(len(taxonomy))
    return specificity(background.documents.reindex(list(taxonomy.skills)).fillna(0).to_numpy(), background.size)


@contextmanager
def _opener(package: Path) -> Iterator[Callable[[str], Iterator[dict[str, str]]]]:
    """A function that reads a table of the package row by row."""
    try:
        if package.is_dir():
            yield lambda name: csv.DictReader((package / name).open(encoding="utf-8-sig", newline=""))
        else:
            with zipfile.ZipFile(package) as archive:
                at = {Path(name).name: name for name in archive.namelist()}
                yield lambda name: csv.DictReader(io.TextIOWrapper(archive.open(at[name]), "utf-8-sig", newline=""))
    except (OSError, zipfile.BadZipFile, KeyError) as error:
        raise InputError(
            f"{package}: no ESCO package ({error})", remedy=f"give a folder or zip with {_OCCUPATIONS} and {_RELATIONS}"
        ) from error
