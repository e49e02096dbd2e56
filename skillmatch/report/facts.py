"""Everything the page and the workbook show, as plain values: no number is computed in a template."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from skillmatch import __version__
from skillmatch.auditing import Audit
from skillmatch.evidence import find_evidence
from skillmatch.output import to_records
from skillmatch.report.decisions import audit_decisions, programme_decisions
from skillmatch.report.texts import TEXTS
from skillmatch.taxonomy import Taxonomy

MOST_PROGRAMMES = 12
MOST_GAPS = 150
MOST_RANKED = 50
MOST_MAPPED = 60
MOST_GROUPS = 33
_SENTENCES_PER_SKILL = 6
_SENTENCES_PER_COURSE = 14
_NAMED_IN_SUMMARY = 5
#: Below this specificity a skill is one that postings of all kinds ask for.
_COMMON = 0.5
_MOST_CLUSTERS = 50


def report_facts(audit: Audit, *, language: str = "en") -> dict[str, Any]:
    """The facts of a report in one language, ready for a template."""
    texts = TEXTS[language]
    taxonomy = audit.taxonomy
    programmes = [_programme(audit, name, texts, language) for name in audit.programmes[:MOST_PROGRAMMES]]
    shown_skills = list(
        dict.fromkeys(gap["skill_id"] for programme in programmes for gap in programme["gaps"] + programme["shallow"])
    )
    shown_courses = list(
        dict.fromkeys(
            course_id
            for programme in programmes
            for course_id in [
                *(row["curriculum_id"] for row in programme["ranking"]),
                *(row["course_id"] for row in programme["bundle"]["rows"]),
                *(row["course_id"] for row in programme["losses"]),
                *(row["course_id"] for row in programme["heat"]["rows"]),
            ]
        )
    )
    return {
        "language": language,
        "t": texts,
        "version": __version__,
        "taxonomy": {"name": taxonomy.name, "version": taxonomy.version, "skills": len(taxonomy)},
        "counts": audit.counts,
        "evidence": audit.evidence,
        "languages": _languages(audit),
        "programmes": programmes,
        "programmes_left_out": max(0, len(audit.programmes) - MOST_PROGRAMMES),
        "skills": _skill_evidence(audit, shown_skills, language),
        "courses": _course_evidence(audit, shown_courses, language),
        **audit_decisions(audit, language),
        "skipped": to_records(audit.skipped.head(200)),
        "clusters": {
            name: {"rows": to_records(reading.clusters.head(_MOST_CLUSTERS)), "in_all": len(reading.clusters)}
            for name, reading in audit.readings.items()
            if len(reading.clusters)
        },
    }


def _programme(audit: Audit, name: str, texts: dict[str, str], language: str) -> dict[str, Any]:
    gaps = audit.gaps[audit.gaps["programme"] == name]
    ranking = audit.ranking[audit.ranking["programme"] == name]
    weight = gaps["demand"] * _by_skill(audit.demand, gaps["skill_id"], "specificity")
    met = float((weight * gaps["supply"] * gaps["depth"]).sum() / weight.sum()) if weight.sum() > 0 else 0.0
    rows = [_gap_row(row, audit.taxonomy, language) for row in to_records(gaps.head(MOST_GAPS))]
    postings = _by_skill(audit.demand, gaps["skill_id"], "postings")
    for row, count in zip(rows, postings, strict=False):
        row["postings"] = int(count)
        row["sure"] = certainty(row["postings"], row["demand"], row["low"])
    widest = max((row["high"] for row in rows), default=1.0) or 1.0
    for row in rows:
        row["bar"] = {key: round(100 * row[key] / widest, 2) for key in ("demand", "low", "high", "gap")}
    telling = dict(zip(gaps["skill_id"], _by_skill(audit.demand, gaps["skill_id"], "specificity"), strict=True))
    technical = [row for row in rows if row["kind"] != "transversal" and row["gap"] > 0]
    # Without a background the postings themselves serve, and what they ask for most would pass for common.
    limit = _COMMON if audit.background is not None else 0.0
    common = [row for row in technical if telling[row["skill_id"]] < limit]
    own = audit.courses[audit.courses["own"] & (audit.courses["programme"] == name)]
    shallow = gaps[(gaps["taught_level"] < gaps["asked_level"]).fillna(False) & (gaps["depth_gap"] > 0)]
    shallow = shallow.sort_values(["depth_gap", "skill_id"], ascending=[False, True])
    return {
        "name": name,
        "title": name or texts["all_courses"],
        "anchor": f"p{audit.programmes.index(name) + 1}",
        "courses": len(own),
        "met": met,
        "asked": len(gaps),
        "untaught": int((gaps["supply"] < 0.1).sum()),
        "solid": sum(row["sure"] == "solid" for row in rows),
        "scale": widest,
        "gaps": rows,
        "gaps_in_all": len(gaps),
        "shallow": [_gap_row(row, audit.taxonomy, language) for row in to_records(shallow.head(_NAMED_IN_SUMMARY))],
        "shallow_in_all": len(shallow),
        "lead": [row for row in technical if telling[row["skill_id"]] >= limit][:_NAMED_IN_SUMMARY],
        "common": sorted(common, key=lambda row: -row["gap"])[:_NAMED_IN_SUMMARY],
        "ranking": _ranking_rows(ranking.head(MOST_RANKED), audit, language),
        "ranked_in_all": len(ranking),
        "own_ranked": bool(len(ranking)) and set(ranking["curriculum_id"]) <= set(own["document_id"]),
        "heat": _heat_map(audit, own, language),
        **programme_decisions(audit, name, language),
    }


def certainty(postings: int, share: float, low: float) -> str:
    """How solid a demand is: ``solid``, ``indicative`` or ``noise``.

    Solid: at least ten postings, and the interval's lower end above half the share. Noise: fewer than three postings.
    """
    if postings < 3:
        return "noise"
    return "solid" if postings >= 10 and low > share / 2 else "indicative"


def _gap_row(row: dict[str, Any], taxonomy: Taxonomy, language: str) -> dict[str, Any]:
    skill = taxonomy[row["skill_id"]]
    return {
        **row,
        "label": skill.label(language),
        "definition": skill.definitions.get(language) or skill.definitions.get("en", ""),
        "group_label": taxonomy.groups[skill.group].label(language),
        "technology": taxonomy.groups[skill.group].technology,
        "kind": skill.kind,
        "craft": skill.craft,
        "digital": skill.digital,
        "uri": skill.uri,
    }


def _ranking_rows(ranking: pd.DataFrame, audit: Audit, language: str) -> list[dict[str, Any]]:
    label = {skill.label("en"): skill.label(language) for skill in audit.taxonomy}
    courses = audit.courses.set_index("document_id")
    rows = to_records(ranking)
    for row in rows:
        course = courses.loc[row["curriculum_id"]]
        row["source"] = course.get("programme") or course.get("provider") or ""
        row["top_skills"] = [label.get(name, name) for name in str(row["top_skills"]).split("; ") if name]
    return rows


def _heat_map(audit: Audit, own: pd.DataFrame, language: str) -> dict[str, Any]:
    """Courses x groups: expected number of skills of the group that the course teaches (sum of coverages)."""
    group_of = {skill.id: skill.group for skill in audit.taxonomy}
    supply = audit.supply[audit.supply["course_id"].isin(own["document_id"])]
    if supply.empty:
        return {"groups": [], "groups_in_all": 0, "rows": [], "in_all": len(own)}
    table = supply.assign(group=supply["skill_id"].map(group_of)).pivot_table(
        index="course_id", columns="group", values="coverage", aggfunc="sum", fill_value=0.0
    )
    order = table.sum(axis=1).sort_values(ascending=False, kind="stable").index[:MOST_MAPPED]
    table = table.loc[order]
    taught = [group for group in audit.taxonomy.groups if group in table.columns and table[group].max() >= 0.3]
    # Large classifications have more groups than a page is wide: those that are taught most.
    most = set(table[taught].sum().sort_values(ascending=False, kind="stable").index[:MOST_GROUPS])
    groups = [group for group in taught if group in most]
    top = float(table.to_numpy().max()) or 1.0
    titles = own.set_index("document_id")["title"]
    return {
        "groups": [audit.taxonomy.groups[group].label(language) for group in groups],
        "groups_in_all": len(taught),
        "rows": [
            {
                "course_id": course_id,
                "title": titles[course_id],
                "cells": [
                    {
                        "value": round(float(table.at[course_id, g]), 2),
                        "heat": round(float(np.sqrt(table.at[course_id, g] / top)), 3),
                    }
                    for g in groups
                ],
            }
            for course_id in order
        ],
        "in_all": len(own),
    }


def _skill_evidence(audit: Audit, skill_ids: list[str], language: str) -> list[dict[str, Any]]:
    mentions = audit.cited[audit.cited["skill_id"].isin(skill_ids)]
    sides = {
        side: _grouped(find_evidence(mentions, documents, per_skill=_SENTENCES_PER_SKILL), "skill_id")
        for side, documents in (("asked", audit.jobs), ("taught", audit.courses))
    }
    demand = audit.demand.set_index("skill_id")
    rows = []
    for skill_id in skill_ids:
        skill = audit.taxonomy[skill_id]
        rows.append(
            {
                "skill_id": skill_id,
                "label": skill.label(language),
                "definition": skill.definitions.get(language) or skill.definitions.get("en", ""),
                "uri": skill.uri,
                "postings": int(demand.at[skill_id, "postings"]) if skill_id in demand.index else 0,
                "courses": int((audit.supply["skill_id"] == skill_id).sum()),
                **{side: found.get(skill_id, []) for side, found in sides.items()},
            }
        )
    return rows


def _course_evidence(audit: Audit, course_ids: list[str], language: str) -> list[dict[str, Any]]:
    documents = audit.courses[audit.courses["document_id"].isin(course_ids)]
    mentions = audit.cited[audit.cited["document_id"].isin(course_ids)]
    # The skills whose gaps matter most come first.
    weight = audit.gaps.groupby("skill_id")["priority"].max()
    found = find_evidence(mentions, documents, per_skill=10_000)
    found = found.assign(_weight=found["skill_id"].map(weight).fillna(0))
    found = found.sort_values(["document_id", "_weight", "skill_id"], ascending=[True, False, True], kind="stable")
    found = found.drop_duplicates(["document_id", "skill_id"]).groupby("document_id").head(_SENTENCES_PER_COURSE)
    by_course = _grouped(found.drop(columns="_weight"), "document_id")
    titles = dict(zip(documents["document_id"], documents["title"], strict=True))
    return [
        {
            "course_id": course_id,
            "title": titles[course_id],
            "sentences": [
                {**row, "label": audit.taxonomy[row["skill_id"]].label(language)}
                for row in by_course.get(course_id, [])
            ],
        }
        for course_id in course_ids
    ]


def _grouped(table: pd.DataFrame, column: str) -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for record in to_records(table):
        groups.setdefault(record[column], []).append(record)
    return groups


def _by_skill(demand: pd.DataFrame, skill_ids: pd.Series, column: str) -> np.ndarray:
    return demand.set_index("skill_id")[column].reindex(skill_ids).to_numpy()


def _languages(audit: Audit) -> dict[str, dict[str, int]]:
    return {
        "postings": audit.jobs["language"].value_counts().sort_index().to_dict(),
        "courses": audit.courses["language"].value_counts().sort_index().to_dict(),
    }
