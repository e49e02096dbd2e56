"""The part of the report's facts that helps to decide: fields, bundle, pairs, trends, regions and sectors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from skillmatch.auditing import Audit
from skillmatch.output import to_records
from skillmatch.supply import programme_coverage
from skillmatch.trends import FALSE_DISCOVERY_RATE

_MOST_FIELDS = 33
_MOST_PAIRS = 12
_MOST_TRENDS = 8
_PER_VALUE = 4
_MOST_VALUES = 12
_MOST_LOSSES = 5
_MOST_WITHOUT = 80
_SERVICES = "servitisation-business"


def programme_decisions(audit: Audit, name: str, language: str) -> dict[str, Any]:
    """Fields and bundle for one programme."""
    taxonomy = audit.taxonomy
    bundle, frontier = audit.bundles
    fields = audit.technologies[audit.technologies["programme"] == name]
    technologies = to_records(fields.head(_MOST_FIELDS))
    labels = {skill.label("en"): skill.label(language) for skill in taxonomy}
    for row in technologies:
        row["label"] = taxonomy.groups[row["group"]].label(language)
        row["skills"] = [labels.get(label, label) for label in str(row["skills"]).split("; ") if label]
    rows = to_records(bundle[bundle["programme"] == name])
    points = to_records(frontier[frontier["programme"] == name])
    return {
        "technologies": technologies,
        "technologies_in_all": len(fields),
        "local_gaps": _local_gaps(audit, name, language),
        "losses": _losses(audit, name, language),
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


def _losses(audit: Audit, name: str, language: str) -> list[dict[str, Any]]:
    """What if a course were dropped: those whose loss would open most, with the skills that would open."""
    own = np.flatnonzero((audit.courses["own"] & (audit.courses["programme"] == name)).to_numpy())
    if not 2 <= len(own) <= _MOST_WITHOUT:
        return []
    weight = audit.demand.set_index("skill_id")["weight"].reindex(list(audit.taxonomy.skills)).fillna(0).to_numpy()
    covered = audit.covered(name)
    labels = [skill.label(language) for skill in audit.taxonomy]
    rows = []
    for at in own:
        opened = weight * (covered - programme_coverage(audit.met[own[own != at]], audit.taxonomy))
        course = audit.courses.iloc[at]
        skills = [labels[s] for s in np.argsort(-opened.round(12), kind="stable")[:_PER_VALUE] if opened[s] > 0]
        loss = float(opened.sum() / max(weight.sum(), 1e-12))
        rows.append({"course_id": course["document_id"], "title": course["title"], "loss": loss, "skills": skills})
    rows.sort(key=lambda row: (-row["loss"], row["course_id"]))
    return [row for row in rows[:_MOST_LOSSES] if row["loss"] > 0]


def _services(audit: Audit) -> dict[str, Any] | None:
    """Service skills in the postings over time (servitisation), where the taxonomy has that group."""
    rows = to_records(audit.group_trends[audit.group_trends["skill_id"] == _SERVICES])
    return rows[0] if rows else None


def _beside(audit: Audit, language: str) -> list[dict[str, Any]]:
    """For each of several programmes the skills whose gap is smallest beside the mean of the others."""
    if not 1 < len(audit.programmes) <= _MOST_VALUES:
        return []
    gaps = audit.gaps.pivot_table(index="skill_id", columns="programme", values="gap")
    rows = []
    for name in audit.programmes:
        better = gaps.drop(columns=name).mean(axis=1) - gaps[name]
        better = better[better > 0.001].sort_index().sort_values(ascending=False, kind="stable").head(_MOST_LOSSES)
        skills = [{"label": audit.taxonomy[str(s)].label(language), "less": float(x)} for s, x in better.items()]
        rows.append({"name": name, "skills": skills})
    return rows


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
        "services": _services(audit),
        "beside": _beside(audit, language),
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
