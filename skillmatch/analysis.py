"""From mentions to decisions: every table of an audit as a function of documents and mentions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import sparse

from skillmatch.background import Background
from skillmatch.breakdowns import BREAKDOWN_COLUMNS, compute_breakdown, compute_local_gaps
from skillmatch.bundles import bundles_of
from skillmatch.demand import asked_matrix, compute_demand, demand_levels, posting_weights
from skillmatch.depth import deepest_levels, with_depth
from skillmatch.gaps import GAP_COLUMNS, compute_gaps
from skillmatch.pairs import craft_digital_pairs
from skillmatch.polarisation import compute_polarisation
from skillmatch.ranking import RANKING_COLUMNS, rank_curricula, resample
from skillmatch.supply import compute_supply, coverage_matrix, programme_coverage, teaching, with_relatives
from skillmatch.taxonomy import Taxonomy
from skillmatch.technologies import TECHNOLOGY_COLUMNS, assess_technologies, group_matrix
from skillmatch.trends import compute_months, compute_trends, parse_months

SEED = 20181115  # of the resampling; any fixed number would do


@dataclass(frozen=True, repr=False)
class Analysis:
    """What documents and mentions say about demand, supply, gaps and courses; each table is made when it is asked for.

    Parameters
    ----------
    taxonomy : the skills.
    jobs : the postings (``document_id`` and metadata; the text is not needed).
    courses : the courses, with the columns document_id, title, programme, and own (whether the course belongs to an
        audited programme or is on offer elsewhere).
    mentions : what was found in both (`skillmatch.extract`).
    background : how common skills are in general.
    by : columns of the postings to break the demand down by.
    """

    taxonomy: Taxonomy
    jobs: pd.DataFrame
    courses: pd.DataFrame
    mentions: pd.DataFrame
    background: Background | None = None
    by: Sequence[str] = field(default=())

    def __repr__(self) -> str:
        named = ", ".join(repr(name) for name in self.programmes)
        return f"<{type(self).__name__}: {len(self.jobs)} postings, {len(self.courses)} courses, programmes {named}>"

    @cached_property
    def programmes(self) -> list[str]:
        """Names of the audited programmes; ``[""]`` where the courses have none."""
        return sorted(set(self.courses.loc[self.courses["own"], "programme"]))

    @cached_property
    def weights(self) -> np.ndarray:
        """Weight of each posting (`skillmatch.demand.posting_weights`)."""
        return posting_weights(self.jobs)

    @cached_property
    def asked(self) -> sparse.csr_array:
        """Probability that a posting asks for a skill, shape (postings, skills)."""
        return asked_matrix(self.mentions, list(self.jobs["document_id"]), list(self.taxonomy.skills))

    @cached_property
    def taught(self) -> sparse.csr_array:
        """How far each course teaches each skill by itself, in breadth, shape (courses, skills)."""
        return coverage_matrix(self.mentions, list(self.courses["document_id"]), list(self.taxonomy.skills))

    @cached_property
    def levels(self) -> sparse.csr_array:
        """Deepest level at which each course teaches each skill, shape (courses, skills)."""
        ids = list(self.courses["document_id"])
        return deepest_levels(teaching(self.mentions), ids, list(self.taxonomy.skills))

    @cached_property
    def met(self) -> sparse.csr_array:
        """How far each course teaches each skill as deeply as it is asked for, shape (courses, skills)."""
        skill_ids = list(self.taxonomy.skills)
        shares = demand_levels(self.mentions, self.asked, list(self.jobs["document_id"]), skill_ids, self.weights)
        return with_depth(self.taught, self.levels, shares)

    @cached_property
    def coverage(self) -> sparse.csr_array:
        """The same with partial credit for relatives: what a course closes of the gaps."""
        return with_relatives(self.met, self.taxonomy)

    @cached_property
    def demand(self) -> pd.DataFrame:
        common = self.background
        return compute_demand(
            self.mentions,
            list(self.jobs["document_id"]),
            taxonomy=self.taxonomy,
            background=common.documents if common else None,
            background_size=common.size if common else 0,
            weights=self.weights,
        )

    @cached_property
    def supply(self) -> pd.DataFrame:
        course_ids = list(self.courses["document_id"])
        return compute_supply(
            self.mentions[self.mentions["document_id"].isin(course_ids)], course_ids, taxonomy=self.taxonomy
        )

    @cached_property
    def gaps(self) -> pd.DataFrame:
        tables = [
            compute_gaps(
                self.demand,
                programme_coverage(self.taught[self._members(name)], self.taxonomy),
                taxonomy=self.taxonomy,
                met=self.covered(name),
                levels=self.levels[self._members(name)].max(axis=0).toarray().ravel(),
                programme=name,
            )
            for name in self.programmes
        ]
        return stack(tables, GAP_COLUMNS)

    @cached_property
    def ranking(self) -> pd.DataFrame:
        shares = resample(self.asked, weights=self.weights, seed=SEED)
        tables = []
        for name in self.programmes:
            chosen, left = self.choice(name)
            weight = left * self._specificity
            tables.append(
                rank_curricula(
                    self.courses.iloc[chosen],
                    self.coverage[chosen],
                    self._share * weight,
                    labels=[skill.label("en") for skill in self.taxonomy],
                    resampled_targets=shares * weight,
                    programme=name,
                )
            )
        return stack(tables, RANKING_COLUMNS)

    @cached_property
    def technologies(self) -> pd.DataFrame:
        """Groups of skills as wholes, for each programme (`skillmatch.technologies`)."""
        tables = [
            assess_technologies(self, self.gaps[self.gaps["programme"] == name], programme=name)
            for name in self.programmes
        ]
        return stack(tables, TECHNOLOGY_COLUMNS)

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """Craft and digital skills asked together (`skillmatch.pairs`)."""
        taught = with_relatives(self.taught, self.taxonomy)
        return craft_digital_pairs(self.asked, taught, self.courses, taxonomy=self.taxonomy)

    @cached_property
    def local_gaps(self) -> pd.DataFrame:
        """Gaps by the columns of ``by`` (`skillmatch.breakdowns.compute_local_gaps`)."""
        return compute_local_gaps(self.breakdown, self.gaps)

    @cached_property
    def breakdown(self) -> pd.DataFrame:
        """Demand by the columns of ``by`` (`skillmatch.breakdowns`)."""
        if not self.by:
            return pd.DataFrame(columns=list(BREAKDOWN_COLUMNS))
        return compute_breakdown(self.asked, self.jobs, by=self.by, taxonomy=self.taxonomy)

    @cached_property
    def months(self) -> pd.DataFrame:
        """Share of postings per month, for skills (`skillmatch.trends`)."""
        return compute_months(self.asked, self._month, skills=self._skills)

    @cached_property
    def trends(self) -> pd.DataFrame:
        """Skills that rise or fade (`skillmatch.trends`)."""
        return compute_trends(self.asked, self._month, skills=self._skills)

    @cached_property
    def group_trends(self) -> pd.DataFrame:
        """Groups that rise or fade: among them the services inside manufacturing (servitisation)."""
        groups = pd.DataFrame(
            [(group.id, group.label("en"), group.id) for group in self.taxonomy.groups.values()],
            columns=["skill_id", "label", "group"],
        )
        return compute_trends(group_matrix(self.asked, self.taxonomy), self._month, skills=groups)

    @cached_property
    def polarisation(self) -> pd.DataFrame:
        """Routine and non-routine work by kind of skill (`skillmatch.polarisation`)."""
        asked = self.mentions[self.mentions["document_id"].isin(self.jobs["document_id"])]
        return compute_polarisation(asked, taxonomy=self.taxonomy)

    @cached_property
    def bundles(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The best bundle for each programme, and what bundles of other sizes close (`skillmatch.bundles`)."""
        return bundles_of(self)

    def covered(self, programme: str) -> np.ndarray:
        """Coverage of each skill by the courses of a programme together, in breadth and depth, shape (skills,)."""
        return programme_coverage(self.met[self._members(programme)], self.taxonomy)

    def choice(self, programme: str) -> tuple[np.ndarray, np.ndarray]:
        """Courses that may close a programme's gaps, and what is left uncovered of each skill.

        These are the courses of others. Where there are none, the programme's own courses are looked at, and nothing
        counts as covered: they are ranked by the demand they meet.
        """
        members = self._members(programme)
        others = np.setdiff1d(np.arange(len(self.courses)), members)
        covered = self.covered(programme)
        return (others, 1 - covered) if len(others) else (members, np.ones_like(covered))

    def target(self, programme: str) -> np.ndarray:
        """Weight of each skill's gap: demand times what is left uncovered times specificity, shape (skills,)."""
        return self._share * self.choice(programme)[1] * self._specificity

    def _members(self, programme: str) -> np.ndarray:
        return np.flatnonzero((self.courses["own"] & (self.courses["programme"] == programme)).to_numpy())

    @cached_property
    def _by_skill(self) -> pd.DataFrame:
        return self.demand.set_index("skill_id").reindex(list(self.taxonomy.skills))

    @property
    def _share(self) -> np.ndarray:
        return self._by_skill["share"].fillna(0).to_numpy()

    @property
    def _specificity(self) -> np.ndarray:
        return self._by_skill["specificity"].fillna(0).to_numpy()

    @cached_property
    def _month(self) -> pd.Series:
        return parse_months(self.jobs["date"]) if "date" in self.jobs else pd.Series("", index=self.jobs.index)

    @cached_property
    def _skills(self) -> pd.DataFrame:
        rows = [(skill.id, skill.label("en"), skill.group) for skill in self.taxonomy]
        return pd.DataFrame(rows, columns=["skill_id", "label", "group"])


def stack(tables: list[pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
    """Tables one below the other; an empty one with these columns where all are empty."""
    filled = [table for table in tables if len(table)]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=list(columns))
