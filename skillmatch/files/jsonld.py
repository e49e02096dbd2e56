"""schema.org JobPosting and Course objects, from JSON-LD files and from the pages that carry them."""

from __future__ import annotations

import json
from typing import Any

_TYPES = {"JobPosting", "Course", "EducationalOccupationalProgram"}
#: schema.org property -> name of a column that `skillmatch.documents.columns` knows.
_PROPERTIES = {
    "identifier": "identifier", "courseCode": "course_code", "title": "title", "name": "title",
    "description": "description", "responsibilities": "responsibilities", "qualifications": "qualifications",
    "skills": "skills", "experienceRequirements": "requirements", "jobBenefits": "benefits",
    "hiringOrganization": "employer", "provider": "provider", "industry": "sector", "datePosted": "date",
    "jobLocation": "location", "numberOfCredits": "ects", "coursePrerequisites": "prerequisites",
    "teaches": "outcomes", "syllabusSections": "contents", "assesses": "assessment", "url": "url",
    "inLanguage": "language_stated",
}  # fmt: skip
_TELLING = ("name", "value", "description", "addressLocality", "addressRegion")
_DEEPEST = 12


def find_items(data: Any) -> list[dict[str, Any]]:
    """JobPosting and Course objects anywhere in parsed JSON, as flat records.

    >>> find_items({"@graph": [{"@type": "Course", "name": "Robotics", "teaches": ["ROS"]}]})
    [{'title': 'Robotics', 'outcomes': ['ROS']}]
    """
    found: list[dict[str, Any]] = []
    _collect(data, found, 0)
    return found


def _collect(data: Any, found: list[dict[str, Any]], depth: int) -> None:
    if depth > _DEEPEST:
        return
    if isinstance(data, list):
        for item in data:
            _collect(item, found, depth + 1)
    elif isinstance(data, dict):
        types = data.get("@type")
        if _TYPES & set(map(str, types if isinstance(types, list) else [types])):
            record: dict[str, Any] = {}
            for name, value in data.items():
                if name in _PROPERTIES:
                    record.setdefault(_PROPERTIES[name], _plain(value))
            found.append(record)
        else:
            for item in data.values():
                _collect(item, found, depth + 1)


def _plain(value: Any) -> Any:
    """Nested things (an organisation, a place, a syllabus section) as their words."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        parts = [_plain(value[key]) for key in _TELLING if key in value]
        nested = value.get("address")
        if isinstance(nested, dict):
            parts.append(_plain(nested))
        return ", ".join(str(part) for part in parts if part)
    return value


def parse_scripts(scripts: list[str]) -> list[dict[str, Any]]:
    """The same from the contents of ``<script type="application/ld+json">``; broken ones are passed over."""
    found: list[dict[str, Any]] = []
    for script in scripts:
        try:
            found.extend(find_items(json.loads(script)))
        except (ValueError, RecursionError):
            continue
    return found
