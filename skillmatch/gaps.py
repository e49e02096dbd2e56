"""Gaps: the demand that a programme does not meet."""

from __future__ import annotations

import numpy as np
import pandas as pd

from skillmatch.taxonomy import Taxonomy

#: ``programme``: whose gap; ``demand`` with ``low`` and ``high``: share of postings and its interval; ``supply``:
#: coverage by the programme in breadth, 0..1, relatives included; ``asked_level`` and ``taught_level``: median level
#: that postings state, and deepest that courses state, 1..6; ``depth``: which share of its credit the supply keeps,
#: since it may be taught less deeply than asked; ``gap``: demand times (1 - supply times depth); ``depth_gap``: the
#: part of the gap that is a matter of depth, demand times supply times (1 - depth); ``priority``: see `compute_gaps`.
GAP_COLUMNS = (
    "programme", "skill_id", "label", "group", "demand", "low", "high", "supply", "asked_level", "taught_level",
    "depth", "gap", "depth_gap", "priority",
)  # fmt: skip


def compute_gaps(
    demand: pd.DataFrame,
    covered: np.ndarray,
    *,
    taxonomy: Taxonomy,
    met: np.ndarray | None = None,
    levels: np.ndarray | None = None,
    programme: str = "",
) -> pd.DataFrame:
    """What is asked for and not taught.

    Parameters
    ----------
    demand : table of `skillmatch.demand.compute_demand`.
    covered : coverage of each skill of the taxonomy by the programme, in breadth, 0..1, shape (skills,).
    met : the same in breadth and depth (`skillmatch.depth.with_depth`), at most ``covered``, which is the default.
    levels : deepest level at which the programme teaches each skill, shape (skills,), 0 where no verb tells.

    Returns
    -------
    Table of `GAP_COLUMNS`, by falling priority. The priority is the gap that is left if demand is as low as its
    interval allows, times the skill's specificity: ``low * (1 - supply * depth) * specificity``. So a gap that three
    noisy ads make, and one that every ad in the economy shows, both stand low.
    """
    position = {skill_id: at for at, skill_id in enumerate(taxonomy.skills)}
    at = np.array([position[skill_id] for skill_id in demand["skill_id"]], dtype=int)
    supply, kept = covered[at], (covered if met is None else met)[at]
    taught = np.zeros(len(at)) if levels is None else levels[at]
    table = pd.DataFrame(
        {
            "programme": programme,
            "skill_id": demand["skill_id"],
            "label": demand["label"],
            "group": demand["group"],
            "demand": demand["share"],
            "low": demand["low"],
            "high": demand["high"],
            "supply": supply,
            "asked_level": demand["asked_level"],
            "taught_level": pd.array(np.where(taught > 0, taught, np.nan), dtype="Int8"),
            "depth": np.divide(kept, supply, out=np.ones(len(at)), where=supply > 0),
            "gap": demand["share"] * (1 - kept),
            "depth_gap": demand["share"] * (supply - kept),
            "priority": demand["low"] * (1 - kept) * demand["specificity"],
        },
        columns=list(GAP_COLUMNS),
    )
    return table.sort_values(["priority", "gap", "skill_id"], ascending=[False, False, True], ignore_index=True)
