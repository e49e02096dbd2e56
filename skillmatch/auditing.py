"""The whole audit: documents read, skills found in them, and the analysis of what was found."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

import pandas as pd
from pandas.api.types import union_categoricals

from skillmatch.analysis import Analysis
from skillmatch.background import Background, bundled_background
from skillmatch.documents import CLUSTER_COLUMNS, SKIPPED_COLUMNS, Reading
from skillmatch.errors import InputError
from skillmatch.mentions import extract, mentions_table
from skillmatch.pipeline import Pipelines
from skillmatch.selection import keep_postings
from skillmatch.taxonomy import Taxonomy, load_taxonomy

#: Called with the name of the stage, documents done since the last call, and documents in all.
Progress = Callable[[str, int, int], None]
#: Columns by which the demand is broken down where the postings have them and nothing else is asked for.
USUAL_BREAKDOWNS = ("region", "sector", "tier")


@dataclass(frozen=True)
class Found:
    """Mentions in the postings that were found beforehand.

    ``mentions`` : all, perhaps with text columns as categories and without start, end and text. ``cited`` : those that
    evidence is chosen from, with all columns. ``tables`` : all with all columns, piece by piece.
    """

    mentions: pd.DataFrame
    cited: pd.DataFrame
    tables: Callable[[], Iterable[pd.DataFrame]]


@dataclass(frozen=True, repr=False)
class Audit(Analysis):
    """An analysis, and what became of each document that was read; `skillmatch.write_audit` writes it."""

    postings: Reading | None = None
    syllabi: Reading | None = None
    catalogue: Reading | None = None
    found: Found | None = None
    of_courses: pd.DataFrame | None = None
    evidence: bool = True

    @cached_property
    def cited(self) -> pd.DataFrame:
        """Mentions that evidence is chosen from, with all columns; none where evidence is switched off."""
        if not self.evidence:
            return mentions_table([])
        if self.found is None or self.of_courses is None or "text" in self.mentions:
            return self.mentions
        return pd.concat([self.found.cited, self.of_courses], ignore_index=True)

    def mention_tables(self) -> Iterator[pd.DataFrame]:
        """All mentions with all columns, piece by piece: of the postings, then of the courses.

        Without evidence their words are left out: ``text`` is ``""``.
        """
        if self.found is None or self.of_courses is None or "text" in self.mentions:
            tables: Iterable[pd.DataFrame] = [self.mentions]
        else:
            tables = chain(self.found.tables(), [self.of_courses])
        for table in tables:
            yield table if self.evidence else table.assign(text="").astype({"text": "str"})

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
    pipelines: Pipelines | None = None,
    background: Background | None = None,
    found: Found | None = None,
    evidence: bool = True,
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
    taxonomy : the skills to look for; ignored where ``pipelines`` is given.
    pipelines : pipelines to use again, so that the taxonomy is compiled once.
    background : how common skills are in general; by default what is bundled for the taxonomy.
    found : the mentions in the postings, where they are known already.
    evidence : whether reports and tables may show sentences and words of the documents.
    progress : told about documents done.

    Raises
    ------
    InputError : the programme column, or a column to break down by, does not exist.
    """
    if pipelines is None:
        pipelines = Pipelines(load_taxonomy(taxonomy) if isinstance(taxonomy, str) else taxonomy)
    taxonomy = pipelines.taxonomy
    jobs = postings.documents
    courses = gather_courses(syllabi, catalogue, jobs, programme)

    def find(documents: pd.DataFrame, stage: str) -> pd.DataFrame:
        tell = None if progress is None else (lambda done: progress(stage, done, len(documents)))
        return extract(documents, pipelines=pipelines, progress=tell)

    of_courses = find(courses, "courses")
    return Audit(
        taxonomy=taxonomy,
        jobs=jobs,
        courses=courses,
        mentions=_together(find(jobs, "postings") if found is None else found.mentions, of_courses),
        found=found,
        of_courses=of_courses,
        evidence=evidence,
        background=background or bundled_background(taxonomy),
        by=[name for name in USUAL_BREAKDOWNS if name in jobs] if by is None else by,
        postings=postings,
        syllabi=syllabi,
        catalogue=catalogue,
    )


def _together(mentions: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    """Both tables as one; what the first keeps as categories stays so."""
    if "text" in mentions:
        return pd.concat([mentions, others], ignore_index=True)
    columns = {}
    for name in mentions.columns:
        pair = [mentions[name], others[name]]
        if isinstance(mentions[name].dtype, pd.CategoricalDtype):
            columns[name] = union_categoricals([pair[0], pair[1].astype("category")])
        else:
            columns[name] = pd.concat(pair, ignore_index=True).array
    return pd.DataFrame(columns, copy=False)


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
    return replace(
        kept,
        postings=replace(reading, documents=reading.documents[inside], skipped=skipped),
        found=None if result.found is None else _without(result.found, set(left_out["document_id"])),
    )


def _without(found: Found, left_out: set[str]) -> Found:
    def keep(table: pd.DataFrame) -> pd.DataFrame:
        return table[~table["document_id"].isin(left_out)]

    return Found(keep(found.mentions), keep(found.cited), lambda: map(keep, found.tables()))


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
