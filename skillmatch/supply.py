"""Supply: how far each course teaches each skill."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import sparse

from skillmatch.demand import any_of
from skillmatch.taxonomy import Taxonomy

SUPPLY_COLUMNS = ("skill_id", "course_id", "coverage", "level", "mentions")
#: How much one mention tells that the skill is taught, by section. A single mention never makes full coverage: a
#: course that treats one skill in depth must be told from one that drops seven names.
SECTION_WEIGHTS = {
    "title": 0.7, "outcomes": 0.6, "content": 0.45, "": 0.4, "reading": 0.1, "assessment": 0.15, "other": 0.05,
    "prerequisites": 0.0,
}  # fmt: skip
#: What a strength leaves of that weight.
STRENGTH_WEIGHTS = {"taught": 1.0, "mentioned": 0.5, "assumed": 0.0}
#: Credit for a relative in the hierarchy: whoever teaches a narrower skill teaches something of the broader one, and
#: the other way round, less.
FROM_NARROWER = 0.5
FROM_BROADER = 0.25


def coverage_matrix(mentions: pd.DataFrame, course_ids: Sequence[str], skill_ids: Sequence[str]) -> sparse.csr_array:
    """How far a course teaches a skill, 0..1, shape (courses, skills): ``1 - prod(1 - weight)`` of its mentions.

    A mention's weight is its probability times the weights of its section and strength. Depth is apart:
    `skillmatch.depth` compares the level at which a skill is taught with the one at which it is asked for.
    """
    weights = (
        mentions["probability"].to_numpy()
        * mentions["section"].map(SECTION_WEIGHTS).fillna(SECTION_WEIGHTS[""]).to_numpy()
        * mentions["strength"].map(STRENGTH_WEIGHTS).fillna(0).to_numpy()
    )
    return any_of(
        mentions["document_id"], mentions["skill_id"], weights=weights, row_ids=course_ids, column_ids=skill_ids
    )


def teaching(mentions: pd.DataFrame) -> pd.DataFrame:
    """The mentions that say that something is taught, not assumed."""
    return mentions[(mentions["section"] != "prerequisites") & (mentions["strength"] != "assumed")]


def compute_supply(mentions: pd.DataFrame, course_ids: Sequence[str], *, taxonomy: Taxonomy) -> pd.DataFrame:
    """What the courses teach: table of `SUPPLY_COLUMNS`, one row for each skill that a course teaches.

    ``level`` is the highest among the mentions that count (missing where no verb tells), ``mentions`` their number.
    """
    skill_ids = list(taxonomy.skills)
    matrix = coverage_matrix(mentions, course_ids, skill_ids).tocoo()
    table = pd.DataFrame(
        {
            "skill_id": np.asarray(skill_ids, dtype=object)[matrix.col],
            "course_id": np.asarray(list(course_ids), dtype=object)[matrix.row],
            "coverage": matrix.data,
        }
    )
    details = (
        teaching(mentions)
        .groupby(["skill_id", "document_id"], as_index=False)
        .agg(level=("level", "max"), mentions=("level", "size"))
    )
    table = table.merge(details.rename(columns={"document_id": "course_id"}), on=["skill_id", "course_id"], how="left")
    table = table.astype({"skill_id": "str", "course_id": "str", "level": "Int8", "mentions": "int64"})
    return table.sort_values(["course_id", "skill_id"], ignore_index=True)[list(SUPPLY_COLUMNS)]


def relatives(taxonomy: Taxonomy) -> list[tuple[int, int, float]]:
    """(taught, credited, share) for each pair of a skill and its broader one, as positions in the taxonomy."""
    position = {skill_id: at for at, skill_id in enumerate(taxonomy.skills)}
    pairs = []
    for skill in taxonomy:
        if skill.broader:
            narrower, broader = position[skill.id], position[skill.broader]
            pairs += [(narrower, broader, FROM_NARROWER), (broader, narrower, FROM_BROADER)]
    return pairs


def with_relatives(coverage: sparse.csr_array, taxonomy: Taxonomy) -> sparse.csr_array:
    """Coverage where a near relative earns partial credit: the larger of a skill's own and its relatives' credit.

    The credit goes one step up and one step down the hierarchy, never further and never in full.
    """
    size = len(taxonomy)
    result = coverage.tocsr()
    # One matrix for each direction: several narrower skills must not add up to more than the best of them.
    pairs = relatives(taxonomy)
    up = [pair for pair in pairs if pair[2] == FROM_NARROWER]
    down = [pair for pair in pairs if pair[2] == FROM_BROADER]
    if down:
        rows, columns, values = (np.array(column) for column in zip(*down, strict=True))
        step = sparse.coo_array((values, (rows, columns)), shape=(size, size)).tocsr()
        result = result.maximum(coverage @ step)  # each skill has one broader one: the product is no sum
    if up:
        result = result.maximum(_best_narrower(coverage, up, size))
    return result.tocsr()


def _best_narrower(coverage: sparse.csr_array, up: list[tuple[int, int, float]], size: int) -> sparse.csr_array:
    """For each course and broader skill the highest coverage among the narrower skills, times the credit."""
    target = np.full(size, -1)
    for narrower, broader, _ in up:
        target[narrower] = broader
    entries = coverage.tocoo()
    keep = target[entries.col] >= 0
    frame = pd.DataFrame(
        {"row": entries.row[keep], "column": target[entries.col[keep]], "value": entries.data[keep] * FROM_NARROWER}
    )
    best = frame.groupby(["row", "column"], as_index=False)["value"].max()
    return sparse.coo_array(
        (best["value"].to_numpy(), (best["row"].to_numpy(), best["column"].to_numpy())), shape=coverage.shape
    ).tocsr()


def programme_coverage(coverage: sparse.csr_array, taxonomy: Taxonomy) -> np.ndarray:
    """Coverage of each skill by all courses of a matrix together, ``1 - prod(1 - c)``, shape (skills,).

    ``coverage`` is that of `coverage_matrix`, without relatives: their credit is given once, after the courses are
    taken together, since many partial credits must not add up to a full one.
    """
    logs = coverage.tocsr(copy=True)
    logs.data = np.log1p(-np.clip(logs.data, 0.0, 1 - 1e-9))
    together = 0.0 - np.expm1(np.asarray(logs.sum(axis=0)).ravel())
    return with_relatives(sparse.csr_array(together[None, :]), taxonomy).toarray().ravel()
