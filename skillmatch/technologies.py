"""Fields as wholes: demand, supply and gap of each group of skills, who asks and who teaches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from skillmatch.demand import effective_number, weighted_share, wilson_interval
from skillmatch.taxonomy import Taxonomy

if TYPE_CHECKING:
    from skillmatch.analysis import Analysis

#: ``postings`` name a skill of the group; ``share`` of postings that ask for at least one, with its interval; ``met``:
#: share of the group's weighted demand that the programme covers; ``gap``: the rest of it, as share of all gap weight;
#: ``skills``, ``asked_by``, ``taught_by``: the leading ones, joined by "; ".
TECHNOLOGY_COLUMNS = (
    "programme", "group", "label", "technology", "postings", "share", "low", "high", "met", "gap", "skills",
    "asked_by", "taught_by",
)  # fmt: skip
_NAMED = 4
_TEACHES = 0.25


def group_matrix(asked: sparse.csr_array, taxonomy: Taxonomy) -> sparse.csr_array:
    """Probability that a posting asks for at least one skill of a group, shape (postings, groups)."""
    logs = asked.tocsr(copy=True)
    logs.data = np.log1p(-np.minimum(logs.data, 1 - 1e-9))
    groups = {group: at for at, group in enumerate(taxonomy.groups)}
    columns = [groups[skill.group] for skill in taxonomy]
    member = sparse.coo_array(
        (np.ones(len(taxonomy)), (np.arange(len(taxonomy)), columns)), shape=(len(taxonomy), len(groups))
    )
    together = sparse.csr_array(logs @ member.tocsr())
    together.data = -np.expm1(together.data)
    return together


def assess_technologies(analysis: Analysis, gaps: pd.DataFrame, *, programme: str = "") -> pd.DataFrame:
    """One row for each group that any posting asks for, by falling gap.

    Parameters
    ----------
    analysis : the postings (employer, else sector, tells who asks), the courses, demand and supply.
    gaps : gaps of one programme (`skillmatch.gaps.compute_gaps`).

    Returns
    -------
    Table of `TECHNOLOGY_COLUMNS`.
    """
    taxonomy, postings = analysis.taxonomy, analysis.jobs
    groups = group_matrix(analysis.asked, taxonomy)
    share = weighted_share(groups, analysis.weights)
    low, high = wilson_interval(share, max(effective_number(analysis.weights), 1.0))
    named = np.diff(groups.tocsc().indptr)
    group_of = {skill.id: skill.group for skill in taxonomy}
    titles = dict(zip(analysis.courses["document_id"], analysis.courses["title"], strict=True))
    taught = analysis.supply[analysis.supply["coverage"] >= _TEACHES]
    taught = taught.assign(group=taught["skill_id"].map(group_of))
    met = gaps["supply"] * gaps["depth"]
    weight = gaps["skill_id"].map(analysis.demand.set_index("skill_id")["weight"]).astype(float)
    asker = next((name for name in ("employer", "sector") if name in postings.columns), None)
    total = float((weight * (1 - met)).sum()) or 1.0
    rows = []
    for at, (group, about) in enumerate(taxonomy.groups.items()):
        if not named[at]:
            continue
        inside = (gaps["group"] == group).to_numpy()
        of_group, its, its_met = weight[inside], gaps[inside], met[inside]
        demanded = float(of_group.sum())
        rows.append(
            {
                "programme": programme,
                "group": group,
                "label": about.label("en"),
                "technology": about.technology,
                "postings": int(named[at]),
                "share": share[at],
                "low": low[at],
                "high": high[at],
                "met": float((of_group * its_met).sum()) / demanded if demanded > 0 else 0.0,
                "gap": float((of_group * (1 - its_met)).sum()) / total,
                "skills": "; ".join(its.sort_values("gap", ascending=False, kind="stable")["label"].head(_NAMED)),
                "asked_by": _leading(postings[asker], groups[:, [at]]) if asker else "",
                "taught_by": _teachers(taught[taught["group"] == group], titles),
            }
        )
    table = pd.DataFrame(rows, columns=list(TECHNOLOGY_COLUMNS))
    return table.sort_values(["gap", "group"], ascending=[False, True], ignore_index=True)


def _leading(names: pd.Series, asks: sparse.csr_array) -> str:
    """The values that ask most, in expected postings."""
    counts = pd.Series(asks.toarray().ravel()).groupby(names.astype(str).to_numpy()).sum()
    counts = counts[(counts > 0) & (counts.index != "")].sort_index().sort_values(ascending=False, kind="stable")
    return "; ".join(counts.index[:_NAMED])


def _teachers(taught: pd.DataFrame, titles: dict[str, str]) -> str:
    best = taught.groupby("course_id")["coverage"].sum().sort_index().sort_values(ascending=False, kind="stable")
    return "; ".join(titles[course] for course in best.index[:_NAMED])
