"""A part of a taxonomy: the skills of some occupations or groups."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from skillmatch.errors import InputError
from skillmatch.taxonomies.draft import Draft, Node

_CODE = re.compile(r"(?i)(?:ISCO|SOC)?[\s-]*C?(\d[\d.-]*)")


def take_subset(draft: Draft, *, occupations: Sequence[str] = (), groups: Sequence[str] = ()) -> None:
    """Leave out all skills but those of the occupations (essential and optional) and of the groups, if any are named.

    A skill whose broader one is left out goes below the next one above it that stays.

    Raises
    ------
    InputError : an occupation or group is not in the taxonomy, or no skill is left.
    """
    if not occupations and not groups:
        return
    jobs = {node.id for wanted in occupations for node in _find_occupations(draft, wanted)}
    kept = {skill for job, skill in draft.needs if job in jobs}
    fields = {node.id for wanted in groups for node in _find_groups(draft, wanted)}
    for concept in draft.concepts.values():
        if any(fields.intersection(draft.ancestors(group)) for group in concept.groups):
            kept.add(concept.id)
    if not kept:
        raise InputError("no skill belongs to what was asked for", remedy="ask for more occupations or groups")
    if jobs:
        draft.occupations = {name: node for name, node in draft.occupations.items() if name in jobs}
    everything = draft.concepts
    draft.concepts = {name: concept for name, concept in everything.items() if name in kept}
    above = {name: concept.broader for name, concept in everything.items()}
    for concept in draft.concepts.values():
        concept.broader = _nearest(above[concept.id], kept, above)
    draft.needs = {key: value for key, value in draft.needs.items() if key[0] in draft.occupations and key[1] in kept}
    draft.related = {key: value for key, value in draft.related.items() if key[0] in kept and key[1] in kept}


def _nearest(broader: Iterable[str], kept: set[str], above: dict[str, list[str]]) -> list[str]:
    """The skills above, or where one is left out those above it, level by level."""
    seen: dict[str, bool] = {}
    level = list(broader)
    while level:
        seen |= {name: name in kept for name in level}
        level = [other for name in level if not seen[name] for other in above[name] if other not in seen]
    return [name for name, stays in seen.items() if stays]


def _find_occupations(draft: Draft, wanted: str) -> list[Node]:
    code = _CODE.fullmatch(wanted.strip())
    nodes = list(draft.occupations.values())
    if code:
        found = [node for node in nodes if node.code.startswith(code[1]) or node.broader.startswith(code[1])]
    else:
        found = _by_name(nodes, wanted)
    return found or _nothing("--occupations", wanted, nodes)


def _find_groups(draft: Draft, wanted: str) -> list[Node]:
    nodes = list(draft.groups.values())
    found = [node for node in nodes if node.code and node.code.casefold() == wanted.strip().casefold()]
    return found or _by_name(nodes, wanted) or _nothing("--groups", wanted, nodes)


def _by_name(nodes: Iterable[Node], wanted: str) -> list[Node]:
    name = " ".join(wanted.casefold().split())
    return [node for node in nodes if node.id == wanted.strip() or name in map(str.casefold, node.labels.values())]


def _nothing(option: str, wanted: str, nodes: Iterable[Node]) -> list[Node]:
    labels = sorted({label for node in nodes for label in node.labels.values()})
    near = get_close_matches(wanted.casefold(), labels, n=3, cutoff=0.5)
    raise InputError(
        f"{option} {wanted!r}: nothing of that code or name in the source",
        remedy=f"did you mean {', '.join(near)}?" if near else "give a code, a label or a URI",
    )
