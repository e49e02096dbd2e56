"""Gaps: the demand that a programme does not meet."""

from __future__ import annotations

import numpy as np
import pandas as pd

from skillmatch.taxonomy import Taxonomy

#: ``programme``: whose gap; ``demand`` with ``low`` and ``high``: share of postings and its interval; ``supply``:
#: coverage by the programme, 0..1, relatives included; ``gap``: demand times (1 - supply); ``priority``: see
#: `compute_gaps`.
GAP_COLUMNS = ("programme", "skill_id", "label", "group", "demand", "low", "high", "supply", "gap", "priority")


def compute_gaps(demand: pd.DataFrame, covered: np.ndarray, *, taxonomy: Taxonomy, programme: str = "") -> pd.DataFrame:
    """What is asked for and not taught.

    Parameters
    ----------
    demand : table of `skillmatch.demand.compute_demand`.
    covered : coverage of each skill of the taxonomy by the programme, 0..1, shape (skills,).

    Returns
    -------
    Table of `GAP_COLUMNS`, by falling priority. The priority is the gap that is left if demand is as low as its
    interval allows, times the skill's specificity: ``low * (1 - supply) * specificity``. So a gap that three noisy
    ads make, and one that every ad in the economy shows, both stand low.
    """
    position = {skill_id: at for at, skill_id in enumerate(taxonomy.skills)}
    supply = covered[[position[skill_id] for skill_id in demand["skill_id"]]] if len(demand) else np.zeros(0)
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
            "gap": demand["share"] * (1 - supply),
            "priority": demand["low"] * (1 - supply) * demand["specificity"],
        },
        columns=list(GAP_COLUMNS),
    )
    return table.sort_values(["priority", "gap", "skill_id"], ascending=[False, False, True], ignore_index=True)
