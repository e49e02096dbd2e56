"""Skills by what people call them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from skillmatch.language import SUPPORTED
from skillmatch.taxonomy import Taxonomy

if TYPE_CHECKING:
    from skillmatch.pipeline import Pipelines


def resolve_skills(
    names: Sequence[str], *, taxonomy: Taxonomy, pipelines: Pipelines | None = None
) -> dict[str, str | None]:
    """Skill id of each name, by id, label or alias in any language; None where the taxonomy has no such skill.

    Names that are written as in the taxonomy are looked up, labels before aliases; only for others are texts searched
    (in other forms, with other function words), since that takes all names compiled.

    >>> from skillmatch.taxonomy import load_taxonomy
    >>> resolve_skills(["SCADA", "programmazioni dei PLC", "zzz"], taxonomy=load_taxonomy())
    {'SCADA': 'scada', 'programmazioni dei PLC': 'plc-programming', 'zzz': None}
    """
    written: dict[str, str] = {}
    for skill in taxonomy:
        for label in skill.labels.values():
            written.setdefault(label.casefold(), skill.id)
    for skill in taxonomy:
        for aliases in skill.aliases.values():
            for alias in aliases:
                written.setdefault(alias.text.casefold(), skill.id)
    resolved: dict[str, str | None] = {}
    for name in names:
        found = name if name in taxonomy else written.get(name.strip().casefold())
        if found is None:
            # spaCy takes a second to import.
            from skillmatch.pipeline import Pipelines, matcher_of

            pipelines = pipelines or Pipelines(taxonomy)
            for language in SUPPORTED:
                doc = pipelines[language].make_doc(name)
                mentions = matcher_of(pipelines[language]).find(doc)
                whole = [m for m in mentions if m[0] == 0 and m[1] == len(doc)]
                found = found or (whole[0][2].skill_id if whole else None)
        resolved[name] = found
    return resolved
