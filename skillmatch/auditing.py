"""The whole audit: what is asked for, what is taught, what is missing, and which courses would close it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import sparse

from skillmatch.background import Background, bundled_background
from skillmatch.demand import asked_matrix, compute_demand
from skillmatch.documents import Reading
from skillmatch.errors import InputError
from skillmatch.gaps import GAP_COLUMNS, compute_gaps
from skillmatch.mentions import extract
from skillmatch.pipeline import Pipelines
from skillmatch.ranking import RANKING_COLUMNS, rank_curricula, resample
from skillmatch.supply import compute_supply, coverage_matrix, programme_coverage, with_relatives
from skillmatch.taxonomy import Taxonomy, load_taxonomy

#: Called with the name of the stage, documents done since the last call, and documents in all.
Progress = Callable[[str, int, int], None]
SEED = 20181115  # of the resampling; any fixed number would do


@dataclass(frozen=True)
class Audit:
    """Everything an audit found, as tables; `skillmatch.report` writes it."""

    taxonomy: Taxonomy
    postings: Reading
    syllabi: Reading
    catalogue: Reading | None
    courses: pd.DataFrame
    mentions: pd.DataFrame
    demand: pd.DataFrame
    supply: pd.DataFrame
    gaps: pd.DataFrame
    ranking: pd.DataFrame
    programmes: list[str] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """For each input ``read = processed + duplicates + skipped``."""
        counts = {"postings": self.postings.counts, "syllabi": self.syllabi.counts}
        if self.catalogue is not None:
            counts["catalogue"] = self.catalogue.counts
        return counts

    @property
    def skipped(self) -> pd.DataFrame:
        """What could not be used, with the reason, over all inputs."""
        readings = [self.postings, self.syllabi, *([self.catalogue] if self.catalogue else [])]
        return pd.concat([reading.skipped for reading in readings], ignore_index=True)


def audit(
    postings: Reading,
    syllabi: Reading,
    *,
    catalogue: Reading | None = None,
    programme: str | None = None,
    taxonomy: Taxonomy | str = "manufacturing",
    background: Background | None = None,
    progress: Progress | None = None,
) -> Audit:
    """Audit syllabi against postings.

    Parameters
    ----------
    postings, syllabi : what `skillmatch.read_documents` read.
    catalogue : further courses, of anybody, that may close the gaps.
    programme : column of the syllabi that names the programme of each course (default: the column recognised as
        such). Each programme is audited by itself. Without programmes all syllabi are audited as one, and where
        there is no catalogue either, the courses themselves are ranked, by the demand they meet.
    taxonomy : the skills to look for.
    background : how common skills are in general; by default what is bundled for the taxonomy.
    progress : told about documents done.

    Raises
    ------
    InputError : the programme column does not exist.
    """
    taxonomy = load_taxonomy(taxonomy) if isinstance(taxonomy, str) else taxonomy
    background = background or bundled_background(taxonomy)
    pipelines = Pipelines(taxonomy)
    jobs = postings.documents
    courses = _courses(syllabi, catalogue, jobs, programme)

    def find(documents: pd.DataFrame, stage: str) -> pd.DataFrame:
        tell = None if progress is None else (lambda done: progress(stage, done, len(documents)))
        return extract(documents, pipelines=pipelines, progress=tell)

    asked, taught = find(jobs, "postings"), find(courses, "courses")
    skill_ids = list(taxonomy.skills)
    demand = compute_demand(
        asked,
        list(jobs["document_id"]),
        taxonomy=taxonomy,
        background=background.documents if background else None,
        background_size=background.size if background else 0,
    )
    course_ids = list(courses["document_id"])
    supply = compute_supply(taught, course_ids, taxonomy=taxonomy)
    taught_by = coverage_matrix(taught, course_ids, skill_ids)
    coverage = with_relatives(taught_by, taxonomy)
    shares = resample(asked_matrix(asked, list(jobs["document_id"]), skill_ids), seed=SEED)
    programmes = sorted(set(courses.loc[courses["own"], "programme"]))
    gaps, ranking = [], []
    for name in programmes:
        members = (courses["own"] & (courses["programme"] == name)).to_numpy()
        covered = programme_coverage(taught_by[np.flatnonzero(members)], taxonomy)
        gaps.append(compute_gaps(demand, covered, taxonomy=taxonomy, programme=name))
        others = np.flatnonzero(~members)
        # Nobody else's courses to choose from: then rank the programme's own, by the demand they meet.
        chosen, left = (others, 1 - covered) if len(others) else (np.flatnonzero(members), np.ones_like(covered))
        ranking.append(_rank(courses.iloc[chosen], coverage[chosen], left, demand, shares, taxonomy, name))
    return Audit(
        taxonomy=taxonomy,
        postings=postings,
        syllabi=syllabi,
        catalogue=catalogue,
        courses=courses,
        mentions=pd.concat([asked, taught], ignore_index=True),
        demand=demand,
        supply=supply,
        gaps=_stack(gaps, GAP_COLUMNS),
        ranking=_stack(ranking, RANKING_COLUMNS),
        programmes=programmes,
    )


def _rank(
    curricula: pd.DataFrame,
    coverage: sparse.csr_array,
    left: np.ndarray,
    demand: pd.DataFrame,
    shares: np.ndarray,
    taxonomy: Taxonomy,
    programme: str,
) -> pd.DataFrame:
    """Rank curricula by demand times what is left of it uncovered times how telling the skill is."""
    by_skill = demand.set_index("skill_id").reindex(list(taxonomy.skills))
    weight = left * by_skill["specificity"].fillna(0).to_numpy()
    return rank_curricula(
        curricula,
        coverage,
        by_skill["share"].fillna(0).to_numpy() * weight,
        labels=[skill.label("en") for skill in taxonomy],
        resampled_targets=shares * weight,
        programme=programme,
    )


def _courses(syllabi: Reading, catalogue: Reading | None, jobs: pd.DataFrame, programme: str | None) -> pd.DataFrame:
    """Courses of the programmes (``own``) and of the catalogue in one table, with ids that no other document has."""
    own = syllabi.documents.copy()
    if programme is not None and programme not in own.columns:
        found = ", ".join(column for column in own.columns if column not in ("text", "kind", "language"))
        raise InputError(f"--programme {programme}: the syllabi have no such column (found: {found})")
    own["programme"] = own[programme] if programme else own.get("programme", "")
    own["programme"] = own["programme"].astype(str)
    own["own"] = True
    parts = [own]
    taken = set(jobs["document_id"])
    own["document_id"] = [f"syllabus:{i}" if i in taken else i for i in own["document_id"]]
    if catalogue is not None:
        offered = catalogue.documents.copy()
        taken |= set(own["document_id"])
        offered["document_id"] = [f"catalogue:{i}" if i in taken else i for i in offered["document_id"]]
        offered["programme"] = offered.get("programme", "")
        offered["own"] = False
        parts.append(offered)
    courses = pd.concat(parts, ignore_index=True)
    text = [column for column in courses.columns if column != "own"]
    courses[text] = courses[text].fillna("")
    return courses


def _stack(tables: list[pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
    filled = [table for table in tables if len(table)]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=list(columns))
