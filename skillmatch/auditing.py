"""The whole audit: documents read, skills found in them, and the analysis of what was found."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from skillmatch.analysis import Analysis
from skillmatch.background import Background, bundled_background
from skillmatch.documents import CLUSTER_COLUMNS, SKIPPED_COLUMNS, Reading
from skillmatch.errors import InputError
from skillmatch.mentions import extract
from skillmatch.pipeline import Pipelines
from skillmatch.selection import keep_postings
from skillmatch.taxonomy import Taxonomy, load_taxonomy

#: Called with the name of the stage, documents done since the last call, and documents in all.
Progress = Callable[[str, int, int], None]
#: Columns by which the demand is broken down where the postings have them and nothing else is asked for.
USUAL_BREAKDOWNS = ("region", "sector", "tier")


@dataclass(frozen=True, repr=False)
class Audit(Analysis):
    """An analysis, and what became of each document that was read; `skillmatch.write_audit` writes it."""

    postings: Reading | None = None
    syllabi: Reading | None = None
    catalogue: Reading | None = None

    @property
    def readings(self) -> dict[str, Reading]:
        """The inputs that were read, by name."""
        named = {"postings": self.postings, "syllabi": self.syllabi, "catalogue": self.catalogue}
        return {name: reading for name, reading in named.items() if reading is not None}

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """For each input ``read = processed + duplicates + skipped``."""
        return {name: reading.counts for name, reading in self.readings.items()}

    @property
    def skipped(self) -> pd.DataFrame:
        """What could not be used, with the reason, over all inputs."""
        return pd.concat([reading.skipped for reading in self.readings.values()], ignore_index=True)

    @property
    def clusters(self) -> pd.DataFrame:
        """What stands for repetitions of itself, over all inputs (`Reading.clusters`)."""
        return pd.concat(
            [reading.clusters.assign(input=name) for name, reading in self.readings.items()], ignore_index=True
        )[["input", *CLUSTER_COLUMNS]]

    @property
    def duplicates(self) -> pd.DataFrame:
        """What repeats another document, over all inputs."""
        return pd.concat([reading.duplicates for reading in self.readings.values()], ignore_index=True)


def audit(
    postings: Reading,
    syllabi: Reading,
    *,
    catalogue: Reading | None = None,
    programme: str | None = None,
    by: Sequence[str] | None = None,
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
        there is no catalogue either, the courses themselves are ranked, by the demand they meet. A course that two
        programmes share is kept for both only if it was read with ``columns={"programme": ...}``.
    by : columns of the postings to break the demand down by (default: region, sector and tier, where they are).
    taxonomy : the skills to look for.
    background : how common skills are in general; by default what is bundled for the taxonomy.
    progress : told about documents done.

    Raises
    ------
    InputError : the programme column, or a column to break down by, does not exist.
    """
    taxonomy = load_taxonomy(taxonomy) if isinstance(taxonomy, str) else taxonomy
    pipelines = Pipelines(taxonomy)
    jobs = postings.documents
    courses = gather_courses(syllabi, catalogue, jobs, programme)

    def find(documents: pd.DataFrame, stage: str) -> pd.DataFrame:
        tell = None if progress is None else (lambda done: progress(stage, done, len(documents)))
        return extract(documents, pipelines=pipelines, progress=tell)

    return Audit(
        taxonomy=taxonomy,
        jobs=jobs,
        courses=courses,
        mentions=pd.concat([find(jobs, "postings"), find(courses, "courses")], ignore_index=True),
        background=background or bundled_background(taxonomy),
        by=[name for name in USUAL_BREAKDOWNS if name in jobs] if by is None else by,
        postings=postings,
        syllabi=syllabi,
        catalogue=catalogue,
    )


def keep_where(result: Audit, conditions: Mapping[str, Collection[str]]) -> Audit:
    """The audit of those postings only that `skillmatch.selection.keep_postings` keeps; the others count as skipped."""
    kept = keep_postings(result, conditions)
    reading = result.postings
    if reading is None:
        return kept
    inside = reading.documents["document_id"].isin(kept.jobs["document_id"])
    asked = "; ".join(f"{column}={' or '.join(values)}" for column, values in conditions.items())
    left_out = reading.documents[~inside].assign(reason=f"left out: not {asked}")
    skipped = pd.concat([reading.skipped, left_out[list(SKIPPED_COLUMNS)]], ignore_index=True)
    return replace(kept, postings=replace(reading, documents=reading.documents[inside], skipped=skipped))


def gather_courses(
    syllabi: Reading, catalogue: Reading | None, jobs: pd.DataFrame, programme: str | None
) -> pd.DataFrame:
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
