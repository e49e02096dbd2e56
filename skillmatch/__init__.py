"""skillmatch: what manufacturers ask for, what courses teach, what is missing, and which courses would close it.

The public names are imported when they are first used, so that ``import skillmatch`` is instant.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "Audit": "skillmatch.auditing",
    "CurriculumRanker": "skillmatch.ranking",
    "InputError": "skillmatch.errors",
    "Reading": "skillmatch.documents",
    "SkillVectorizer": "skillmatch.vectorizer",
    "SkillmatchError": "skillmatch.errors",
    "Taxonomy": "skillmatch.taxonomy",
    "audit": "skillmatch.auditing",
    "compute_demand": "skillmatch.demand",
    "compute_gaps": "skillmatch.gaps",
    "compute_supply": "skillmatch.supply",
    "extract": "skillmatch.mentions",
    "load": "skillmatch.pipeline",
    "load_taxonomy": "skillmatch.taxonomy",
    "rank_curricula": "skillmatch.ranking",
    "rank_for_skills": "skillmatch.query",
    "read_documents": "skillmatch.documents",
    "write_audit": "skillmatch.report",
}
__all__ = ["__version__", *sorted(_HOMES)]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(import_module(_HOMES[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'skillmatch' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
