"""Craft meets digital: which experience-based competences are asked together with which digital ones."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse, stats

from skillmatch.taxonomy import Taxonomy

#: ``postings`` ask for both; ``expected`` would if the two were independent; ``lift``: their ratio; ``p``, ``q``: of
#: the test that they are independent, and after false-discovery control; ``taught_by``: courses that teach both.
PAIR_COLUMNS = (
    "craft_id", "craft", "digital_id", "digital", "postings", "expected", "lift", "p", "q", "taught_by",
)  # fmt: skip
_LEAST_POSTINGS = 3
_TEACHES = 0.25


def craft_digital_pairs(
    asked: sparse.csr_array, coverage: sparse.csr_array, courses: pd.DataFrame, *, taxonomy: Taxonomy
) -> pd.DataFrame:
    """Pairs of a craft and a digital skill that at least three postings ask for together.

    Parameters
    ----------
    asked : probability that a posting asks for a skill, shape (postings, skills).
    coverage : how far each course teaches each skill, shape (courses, skills).
    courses : the column title, one row for each row of ``coverage``.

    Returns
    -------
    Table of `PAIR_COLUMNS`, the least accidental pairs first. The test is the hypergeometric one (Fisher's exact test,
    one-sided) on postings that are more likely than not to ask; false discoveries are controlled as in
    `skillmatch.trends`.
    """
    skills = list(taxonomy)
    crafts = np.array([at for at, skill in enumerate(skills) if skill.craft and not skill.digital], dtype=int)
    digitals = np.array([at for at, skill in enumerate(skills) if skill.digital and not skill.craft], dtype=int)
    if not len(crafts) or not len(digitals) or not asked.shape[0]:
        return pd.DataFrame(columns=list(PAIR_COLUMNS))
    names = asked.tocsr(copy=True)
    names.data = (names.data > 0.5).astype(float)
    craft, digital = names[:, crafts], names[:, digitals]
    both = (craft.T @ digital).toarray()
    n = asked.shape[0]
    of_craft, of_digital = np.asarray(craft.sum(axis=0)).ravel(), np.asarray(digital.sum(axis=0)).ravel()
    at_craft, at_digital = np.nonzero(both >= _LEAST_POSTINGS)
    together = both[at_craft, at_digital]
    expected = of_craft[at_craft] * of_digital[at_digital] / n
    p = stats.hypergeom.sf(together - 1, n, of_craft[at_craft], of_digital[at_digital])
    teaches = coverage.tocsc()
    titles = courses["title"].to_numpy()
    rows = []
    for i, (c, d) in enumerate(zip(crafts[at_craft], digitals[at_digital], strict=True)):
        covers = np.minimum(teaches[:, [c]].toarray(), teaches[:, [d]].toarray()).ravel()
        best = [at for at in np.argsort(-covers, kind="stable")[:3] if covers[at] >= _TEACHES]
        rows.append(
            (
                skills[c].id, skills[c].label("en"), skills[d].id, skills[d].label("en"), int(together[i]), expected[i],
                together[i] / expected[i], p[i], 1.0, "; ".join(titles[best]),
            )
        )  # fmt: skip
    table = pd.DataFrame(rows, columns=list(PAIR_COLUMNS))
    if len(table):
        table["q"] = stats.false_discovery_control(table["p"])
    return table.sort_values(["q", "p", "craft_id", "digital_id"], ignore_index=True)
