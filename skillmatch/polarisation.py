"""Routine and non-routine work: at which depth each kind of skill is asked for.

Job polarisation is about tasks: what can be done by rule (*operate, assemble, record*) and what cannot (*analyse,
evaluate, design*). The depth of a mention, Bloom 1 to 6 from the verb that governs it, tells the two apart: up to 3
(apply) is routine, from 4 (analyse) on non-routine. Mentions without a governing verb are left out, and counted.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from skillmatch.demand import wilson_interval
from skillmatch.taxonomy import Skill, Taxonomy

#: ``mentions`` with a governing verb, out of ``all_mentions``; ``share`` of them that is non-routine, with its 95 %
#: interval over postings.
POLARISATION_COLUMNS = ("kind", "all_mentions", "mentions", "postings", "share", "low", "high")
KINDS = ("craft", "digital", "transversal", "other")
_NON_ROUTINE = 4


def kind_of(skill: Skill) -> str:
    """Craft, digital, transversal or other; a skill that is craft and digital counts as digital."""
    if skill.kind == "transversal":
        return "transversal"
    return "digital" if skill.digital else "craft" if skill.craft else "other"


def compute_polarisation(mentions: pd.DataFrame, *, taxonomy: Taxonomy) -> pd.DataFrame:
    """Share of non-routine mentions for each kind of skill.

    Parameters
    ----------
    mentions : mentions in postings.

    Returns
    -------
    Table of `POLARISATION_COLUMNS`. Mentions of one posting are not independent: the interval is Wilson's for as many
    observations as there are postings with such a mention.
    """
    asked = mentions[mentions["strength"] != "negated"]
    kinds = asked["skill_id"].map({skill.id: kind_of(skill) for skill in taxonomy})
    rows = []
    for kind in KINDS:
        of_kind = asked[kinds == kind]
        told = of_kind[of_kind["level"].notna()]
        if told.empty:
            continue
        postings = told["document_id"].nunique()
        share = float((told["level"] >= _NON_ROUTINE).mean())
        low, high = wilson_interval(np.array(share), postings)
        rows.append((kind, len(of_kind), len(told), postings, share, float(low), float(high)))
    return pd.DataFrame(rows, columns=list(POLARISATION_COLUMNS))
