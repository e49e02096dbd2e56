"""Time and memory from tables to a ranked bundle, on made-up tables: ``.venv/bin/python tests/bench_decisions.py``."""

from __future__ import annotations

import resource
import time

import numpy as np
import pandas as pd
from scipy import sparse

from skillmatch.analysis import Analysis
from skillmatch.bundles import best_bundle
from skillmatch.ranking import rank_curricula, resample
from skillmatch.taxonomy import Skill, Taxonomy

SKILLS, POSTINGS, COURSES = 13_900, 100_000, 5_000


def mentions(
    rng: np.random.Generator, prefix: str, documents: int, each: int, section: str, strength: str
) -> pd.DataFrame:
    """``each`` mentions a document, of skills as unevenly popular as words."""
    popular = 1 / np.arange(1, SKILLS + 1) ** 0.7
    n = documents * each
    return pd.DataFrame(
        {
            "document_id": np.char.add(prefix, rng.integers(0, documents, n).astype(str)),
            "skill_id": np.char.add("s", rng.choice(SKILLS, n, p=popular / popular.sum()).astype(str)),
            "probability": 0.92, "section": section, "strength": strength,
            "level": pd.array([pd.NA] * n, dtype="Int8"),
        }
    )  # fmt: skip


def main() -> None:
    rng = np.random.default_rng(0)
    asked, taught = (sparse.random_array((5000, 3000), density=d, rng=rng, format="csr") for d in (20 / 3000, 8 / 3000))
    courses = pd.DataFrame({"document_id": np.arange(5000).astype(str), "title": "t"})
    began = time.perf_counter()
    target = np.asarray(asked.mean(axis=0)).ravel()
    rank_curricula(courses, taught, target, labels=["s"] * 3000, resampled_targets=resample(asked, resamples=500))
    print(f"500 resamples of 5,000 postings, 5,000 courses: {time.perf_counter() - began:.1f} s")
    taxonomy = Taxonomy("made up", [Skill(f"s{i}", {"en": f"skill {i}"}, group=f"g{i % 30}") for i in range(SKILLS)])
    analysis = Analysis(
        taxonomy=taxonomy,
        jobs=pd.DataFrame({"document_id": np.char.add("p", np.arange(POSTINGS).astype(str)), "title": "t"}),
        courses=pd.DataFrame(
            {
                "document_id": np.char.add("c", np.arange(COURSES).astype(str)), "title": "t",
                "programme": ["own"] * 40 + [""] * (COURSES - 40), "own": [True] * 40 + [False] * (COURSES - 40),
                "ects": rng.integers(1, 10, COURSES),
            }
        ),
        mentions=pd.concat(
            [
                mentions(rng, "p", POSTINGS, 15, "required", "required"),
                mentions(rng, "c", COURSES, 8, "content", "taught"),
            ],
            ignore_index=True,
        ),
    )  # fmt: skip
    began = time.perf_counter()
    _ = analysis.gaps, analysis.ranking
    print(f"tables to ranking, {POSTINGS:,} x {COURSES:,} x {SKILLS:,}: {time.perf_counter() - began:.1f} s")
    bundle = best_bundle(analysis, "own", credits=12, time_limit=12)
    print(f"with the bundle: {time.perf_counter() - began:.1f} s, within {100 * bundle.distance:.1f} % of the bound")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
