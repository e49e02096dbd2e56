"""Two audits compared: which gaps closed, which opened, beyond noise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from skillmatch.errors import InputError

#: ``before``, ``after``: gaps of the two runs; ``change``: after minus before, with its 95 % interval; ``q``: of the
#: test that the demand is the same, after false-discovery control; ``verdict``: opened, closed, or "" (within noise).
COMPARISON_COLUMNS = (
    "programme", "skill_id", "label", "group", "demand_before", "demand_after", "supply_before", "supply_after",
    "before", "after", "change", "change_low", "change_high", "q", "verdict",
)  # fmt: skip
_FALSE_DISCOVERY_RATE = 0.1
_LEAST_SUPPLY_CHANGE = 0.1
_Z95 = 1.959963984540054


def compare_gaps(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Compare the gaps tables of two audits, programme by programme.

    A change of the gap is real where the interval of the difference leaves out 0 and either the demand changed (false
    discoveries held at ten per cent) or the supply did (by a tenth of full coverage or more): what is taught is no
    sample, what is asked for is.

    Parameters
    ----------
    before, after : tables of `skillmatch.gaps.compute_gaps`. Where each has one programme only, these are compared
        whatever their names are.

    Raises
    ------
    InputError : no programme is in both.

    Returns
    -------
    Table of `COMPARISON_COLUMNS`, real changes first, by size; the supplies are in breadth and depth.
    """
    before, after = _met(before), _met(after)
    if before["programme"].nunique() == 1 and after["programme"].nunique() == 1:
        before = before.assign(programme=after["programme"].iloc[0])
    elif not set(before["programme"]) & set(after["programme"]):
        raise InputError("the two audits have no programme in common", remedy="compare audits of the same programmes")
    both = before.merge(
        after, on=["programme", "skill_id"], how="outer", suffixes=("_before", "_after"), validate="1:1"
    ).sort_values(["programme", "skill_id"], ignore_index=True)
    for side in ("before", "after"):
        columns = [f"{name}_{side}" for name in ("demand", "low", "high", "gap")]
        both[columns] = both[columns].fillna(0.0)
    # A skill that one run does not ask for is not in its table; what is taught of it then does not matter.
    both["supply_before"] = both["supply_before"].fillna(both["supply_after"])
    both["supply_after"] = both["supply_after"].fillna(both["supply_before"])
    errors = {side: _error(both[f"low_{side}"], both[f"high_{side}"]) for side in ("before", "after")}
    change = both["gap_after"] - both["gap_before"]
    spread = np.sqrt(
        (errors["before"] * (1 - both["supply_before"])) ** 2 + (errors["after"] * (1 - both["supply_after"])) ** 2
    )
    z = (both["demand_after"] - both["demand_before"]) / np.hypot(errors["before"], errors["after"]).clip(lower=1e-9)
    p = 2 * stats.norm.sf(np.abs(z))
    q = stats.false_discovery_control(p) if len(p) else p
    moved = (q <= _FALSE_DISCOVERY_RATE) | (
        (both["supply_after"] - both["supply_before"]).abs() >= _LEAST_SUPPLY_CHANGE
    )
    real = moved & (change.abs() > _Z95 * spread)
    table = pd.DataFrame(
        {
            "programme": both["programme"],
            "skill_id": both["skill_id"],
            "label": both["label_after"].fillna(both["label_before"]),
            "group": both["group_after"].fillna(both["group_before"]),
            **{name: both[name] for name in ("demand_before", "demand_after", "supply_before", "supply_after")},
            "before": both["gap_before"],
            "after": both["gap_after"],
            "change": change,
            "change_low": change - _Z95 * spread,
            "change_high": change + _Z95 * spread,
            "q": q,
            "verdict": np.where(real, np.where(change > 0, "opened", "closed"), ""),
        },
        columns=list(COMPARISON_COLUMNS),
    )
    order = table.assign(_real=table["verdict"] == "", _size=-table["change"].abs())
    order = order.sort_values(["programme", "_real", "_size", "skill_id"], kind="stable", ignore_index=True)
    return order[list(COMPARISON_COLUMNS)]


def read_gaps(folder: str | Path) -> pd.DataFrame:
    """The gaps table in the folder of an audit.

    Raises
    ------
    InputError : there is none.
    """
    path = Path(folder) / "gaps.csv"
    try:
        return pd.read_csv(path, dtype={"programme": "str", "skill_id": "str"}, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: no gaps table ({error})", remedy="name the folder of an audit") from error


def _met(gaps: pd.DataFrame) -> pd.DataFrame:
    """The table with the supply in breadth and depth, as the gap has it."""
    gaps = gaps.fillna({"programme": ""})
    return gaps.assign(supply=gaps["supply"] * gaps["depth"])


def _error(low: pd.Series, high: pd.Series) -> pd.Series:
    """Standard error from a 95 % interval; a skill nobody asks for still has the error of one posting more."""
    width = (high - low) / (2 * _Z95)
    return width.where(width > 0, width[width > 0].min() if (width > 0).any() else 1e-3)
