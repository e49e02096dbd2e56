"""The part of the report's facts that helps to decide: fields, bundle, pairs, trends, regions and sectors."""

from __future__ import annotations

from typing import Any

import pandas as pd

from skillmatch.auditing import Audit
from skillmatch.output import to_records
from skillmatch.trends import FALSE_DISCOVERY_RATE

_MOST_FIELDS = 33
_MOST_PAIRS = 12
_MOST_TRENDS = 8
_PER_VALUE = 4
_MOST_VALUES = 12


def programme_decisions(audit: Audit, name: str, language: str) -> dict[str, Any]:
    """Fields and bundle for one programme."""
    taxonomy = audit.taxonomy
    bundle, frontier = audit.bundles
    technologies = to_records(audit.technologies[audit.technologies["programme"] == name].head(_MOST_FIELDS))
    labels = {skill.label("en"): skill.label(language) for skill in taxonomy}
    for row in technologies:
        row["label"] = taxonomy.groups[row["group"]].label(language)
        row["skills"] = [labels.get(label, label) for label in str(row["skills"]).split("; ") if label]
    rows = to_records(bundle[bundle["programme"] == name])
    points = to_records(frontier[frontier["programme"] == name])
    return {
        "technologies": technologies,
        "local_gaps": _local_gaps(audit, name, language),
        "bundle": {
            "rows": rows,
            "credits": sum(row["ects"] for row in rows),
            "closed": rows[-1]["closed_so_far"] if rows else 0.0,
            "distance": rows[0]["distance"] if rows else 0.0,
        },
        "frontier": points,
        "frontier_top": max((point["closed"] for point in points), default=1.0) or 1.0,
    }


def _local_gaps(audit: Audit, name: str, language: str) -> list[dict[str, Any]]:
    """For each column and value the gaps that matter most there, with those of all postings beside them."""
    whole = audit.gaps[audit.gaps["programme"] == name].set_index("skill_id")["gap"]
    telling = audit.demand.set_index("skill_id")["specificity"]
    table = audit.local_gaps[audit.local_gaps["programme"] == name]
    order = -table["gap_low"] * table["skill_id"].map(telling)
    table = table.assign(_order=order, everywhere=table["skill_id"].map(whole))
    columns = []
    for by, of_column in table.groupby("by", sort=False):
        values = []
        for value, rows in of_column.groupby("value", sort=True):
            found = to_records(rows.sort_values(["_order", "skill_id"]).head(_PER_VALUE))
            for row in found:
                row["label"] = audit.taxonomy[row["skill_id"]].label(language)
            first = rows.iloc[0]
            values.append({"value": value, "of": int(first["of"]), "small": bool(first["small"]), "rows": found})
        values.sort(key=lambda value: (-value["of"], value["value"]))
        columns.append({"by": by, "values": values[:_MOST_VALUES], "in_all": len(values)})
    return columns


def audit_decisions(audit: Audit, language: str) -> dict[str, Any]:
    """What the postings tell whatever the programme: pairs, trends, and what distinguishes each value."""
    taxonomy = audit.taxonomy
    # On the page only what is more than chance; pairs.csv has all.
    pairs = to_records(audit.pairs[audit.pairs["q"] < FALSE_DISCOVERY_RATE / 2].head(_MOST_PAIRS))
    for row in pairs:
        row["craft"] = taxonomy[row["craft_id"]].label(language)
        row["digital"] = taxonomy[row["digital_id"]].label(language)
    return {
        "pairs": pairs,
        "polarisation": to_records(audit.polarisation),
        "trends": _trends(audit.trends, {skill.id: skill.label(language) for skill in taxonomy}),
        "group_trends": _trends(audit.group_trends, {g.id: g.label(language) for g in taxonomy.groups.values()}),
        "dated": len(audit.trends) > 0,
        "breakdown": _breakdown(audit.breakdown, taxonomy, language),
    }


def _trends(trends: pd.DataFrame, labels: dict[str, str]) -> dict[str, Any]:
    """The skills that rise or fade beyond noise, and the nearest to it, named as such."""
    beyond = trends[trends["trend"] != ""]
    nearest = trends[trends["trend"] == ""].head(_MOST_TRENDS // 2)
    rows = to_records(pd.concat([beyond.head(_MOST_TRENDS), nearest]) if len(beyond) else nearest)
    for row in rows:
        row["label"] = labels[row["skill_id"]]
    return {"rows": rows, "tested": len(trends), "beyond": len(beyond)}


def _breakdown(table: pd.DataFrame, taxonomy: Any, language: str) -> list[dict[str, Any]]:
    """For each column and value the skills that distinguish it most."""
    columns = []
    for by, of_column in table.groupby("by", sort=False):
        values = []
        for value, rows in of_column.groupby("value", sort=True):
            # Asked for more often than elsewhere, the whole interval above 1.
            telling = rows[rows["quotient_low"] > 1].head(_PER_VALUE)
            first = rows.iloc[0]
            found = to_records(telling)
            for row in found:
                row["label"] = taxonomy[row["skill_id"]].label(language)
            values.append({"value": value, "of": int(first["of"]), "small": bool(first["small"]), "rows": found})
        values.sort(key=lambda value: (-value["of"], value["value"]))
        columns.append({"by": by, "values": values[:_MOST_VALUES], "in_all": len(values)})
    return columns
