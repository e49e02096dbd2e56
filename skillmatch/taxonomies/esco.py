"""ESCO's official CSV package, versions 1.0 to 1.2, in one or several languages.

Files by their name without language: ``skills`` (needed); ``skillGroups``, ``skillsHierarchy``,
``broaderRelationsSkillPillar``, ``skillSkillRelations``, ``occupations``, ``occupationSkillRelations``, ``ISCOGroups``
and the collections of skills (used where they are there). Versions differ in which files carry the language in their
names, in the order of columns, and in whether other names are parted by line breaks or by ``|``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from skillmatch.errors import InputError
from skillmatch.taxonomies.draft import NEEDS, Concept, Draft, Node, clean
from skillmatch.taxonomies.package import File, Package, read_table

_FILE = r"{}(?:_([a-z]{{2}}(?:-[a-z]{{2}})?))?\.csv"
_URI = re.compile(r"https?://data\.europa\.eu/esco/(?:skill|isced-f|occupation|isco)/\S+")
_ISCED = re.compile(r"/isced-f/(\d+)$")
_KINDS = {"skill/competence": "skill", "knowledge": "knowledge"}
#: Collections of skills whose members are digital.
_DIGITAL = ("digitalSkillsCollection", "ictSkillsCollection", "digCompSkillsCollection")
#: Groups of manual work: handling and moving, constructing, working with machinery and specialised equipment.
_CRAFT = ("S6", "S7", "S8")
_LEVELS = 4
#: The level of the hierarchy that groups in a report are taken from: S1.2, T3.1, K071.
GROUP_LEVEL = 2


def is_esco(package: Package) -> bool:
    """Whether a package holds ESCO's file of skills."""
    return bool(package.matching(_FILE.format("skills")))


def read_esco(package: Package) -> Draft:
    """What the package says, all languages together.

    Raises
    ------
    InputError : no language has any skill.
    TaxonomyError : a file lacks a column, or a row of it is damaged.
    """
    draft = Draft("esco", package.version)
    for language, file in _files(package, "skills"):
        _read_skills(draft, file, language or "en")
    if not draft.concepts:
        raise InputError(f"{next(iter(package.digests))}: no skill in it", remedy="download the package again")
    _read_groups(draft, package)
    _read_relations(draft, package)
    _read_occupations(draft, package)
    for name in _DIGITAL:
        for _, file in _files(package, name):
            for _, row in read_table(file, ["conceptUri"]):
                if row["conceptUri"].strip() in draft.concepts:
                    draft.concepts[row["conceptUri"].strip()].digital = True
    _judge(draft)
    return draft


def _files(package: Package, name: str) -> Iterator[tuple[str, File]]:
    """(language, file) of each file of that name; "" where the name has no language."""
    pattern = _FILE.format(name)
    for file in package.matching(pattern):
        match = re.fullmatch(pattern, file.name)
        yield (match and match[1]) or "", file


def _read_skills(draft: Draft, file: File, language: str) -> None:
    seen = set()
    for _, row in read_table(file, ["conceptUri", "preferredLabel"]):
        uri, label = row["conceptUri"].strip(), clean(row["preferredLabel"])
        if not _URI.fullmatch(uri) or not label:
            draft.repairs["skill without a URI or a label left out"] += 1
            continue
        if row.get("status", "released") not in ("released", ""):
            draft.repairs[f"skill with the status {row['status']!r} left out"] += 1
            continue
        if uri in seen:
            draft.repairs["skill given twice, its names joined"] += 1
        seen.add(uri)
        if "\xa0" in row["preferredLabel"] or "\xa0" in row.get("altLabels", ""):
            draft.repairs["skill with no-break spaces in its names mended"] += 1
        concept = draft.concepts.setdefault(uri, Concept(uri, uri=uri))
        concept.skill_type = concept.skill_type or row.get("skillType", "").strip()
        concept.reuse_level = concept.reuse_level or row.get("reuseLevel", "").strip()
        concept.add(language, [label], "preferred", source="esco")
        concept.add(language, _several(row.get("altLabels", "")), source="esco")
        concept.add(language, _several(row.get("hiddenLabels", "")), "hidden", source="esco")
        text = _paragraph(row.get("description") or row.get("definition") or "")
        if text:
            concept.definitions.setdefault(language, text)


def _several(text: str) -> list[str]:
    return [part for line in text.splitlines() for part in line.split("|")]


def _paragraph(text: str) -> str:
    return clean(text.replace("\n", " "))


def _read_groups(draft: Draft, package: Package) -> None:
    for language, file in _files(package, "skillGroups"):
        for _, row in read_table(file, ["conceptUri", "preferredLabel"]):
            group = draft.groups.setdefault(row["conceptUri"].strip(), Node(row["conceptUri"].strip()))
            group.labels.setdefault(language or "en", clean(row["preferredLabel"]))
            group.definitions.setdefault(language or "en", _paragraph(row.get("description", "")))
            group.code = group.code or _code(group.id, row.get("code", ""))
    for language, file in _files(package, "skillsHierarchy"):
        for _, row in read_table(file, ["Level 0 URI", "Level 0 preferred term"]):
            above = ""
            for level in range(_LEVELS):
                uri = row.get(f"Level {level} URI", "").strip()
                if not uri:
                    break
                group = draft.groups.setdefault(uri, Node(uri))
                group.labels.setdefault(language or "en", clean(row.get(f"Level {level} preferred term")))
                group.code = group.code or _code(uri, row.get(f"Level {level} code", ""))
                group.broader = group.broader or above
                above = uri


def _code(uri: str, written: str) -> str:
    """The code of a group; fields of knowledge have none of their own but ISCED's in the URI: K071."""
    found = _ISCED.search(uri)
    return f"K{found[1]}" if found else "" if written.strip() in ("None", "") else written.strip()


def _read_relations(draft: Draft, package: Package) -> None:
    for _, file in _files(package, "broaderRelationsSkillPillar"):
        for _, row in read_table(file, ["conceptUri", "broaderUri"]):
            uri, above = row["conceptUri"].strip(), row["broaderUri"].strip()
            if uri in draft.concepts and above in draft.concepts:
                _append(draft.concepts[uri].broader, above)
            elif uri in draft.concepts and above in draft.groups:
                _append(draft.concepts[uri].groups, above)
            elif uri in draft.groups and above in draft.groups:
                draft.groups[uri].broader = draft.groups[uri].broader or above
            else:
                draft.repairs["relation to a skill or group that is not in the package left out"] += 1
    for _, file in _files(package, "skillSkillRelations"):
        for _, row in read_table(file, ["originalSkillUri", "relationType", "relatedSkillUri"]):
            _relate(draft, draft.related, row["originalSkillUri"], row["relatedSkillUri"], row["relationType"])


def _append(values: list[str], value: str) -> None:
    if value not in values:
        values.append(value)


def _relate(draft: Draft, table: dict[tuple[str, str], str], subject: str, skill: str, relation: str) -> None:
    key, relation = (subject.strip(), skill.strip()), relation.strip()
    known = draft.occupations if table is draft.needs else draft.concepts
    if key[0] in known and key[1] in draft.concepts and relation in NEEDS:
        # Given twice, the stronger one holds.
        table[key] = NEEDS[0] if NEEDS[0] in (relation, table.get(key)) else relation
    else:
        draft.repairs["relation to a skill or occupation that is not in the package left out"] += 1


def _read_occupations(draft: Draft, package: Package) -> None:
    for language, file in _files(package, "occupations"):
        for _, row in read_table(file, ["conceptUri", "preferredLabel"]):
            uri = row["conceptUri"].strip()
            job = draft.occupations.setdefault(uri, Node(uri))
            job.labels.setdefault(language or "en", clean(row["preferredLabel"]))
            job.definitions.setdefault(language or "en", _paragraph(row.get("description", "")))
            job.broader = job.broader or row.get("iscoGroup", "").strip().lstrip("C")
            job.code = job.code or row.get("code", "").strip() or job.broader
    for _, file in _files(package, "occupationSkillRelations"):
        for _, row in read_table(file, ["occupationUri", "relationType", "skillUri"]):
            _relate(draft, draft.needs, row["occupationUri"], row["skillUri"], row["relationType"])


def _judge(draft: Draft) -> None:
    """Kind, craft and group of each skill, which follow from its place in the hierarchy."""
    for concept in draft.concepts.values():
        reached = _reached(draft, concept)
        codes = [draft.groups[group].code for group in reached]
        kind = _KINDS.get(concept.skill_type)
        if kind is None:
            draft.repairs["skill without a type taken for a skill"] += 1
            kind = "skill"
        # The best group: of the pillar that suits the type (K for knowledge, S for skills), reached by most ways.
        pillar = "K" if kind == "knowledge" else "S"
        shown = [(_at_level(draft, group), code[:1] != pillar) for group, code in zip(reached, codes, strict=True)]
        ways = {group: sum(other == group for other, _ in shown) for group, _ in shown}
        order = sorted(set(shown), key=lambda item: (item[1], -ways[item[0]], draft.groups[item[0]].code, item[0]))
        concept.groups = list(dict.fromkeys([group for group, _ in order]))
        if not concept.groups:
            draft.repairs["skill without a group"] += 1
        first = draft.groups[concept.groups[0]].code if concept.groups else ""
        concept.kind = "transversal" if first.startswith("T") else kind
        concept.craft = first.startswith(_CRAFT)


def _reached(draft: Draft, concept: Concept) -> list[str]:
    """Groups of a skill, or of the skills above it where it has none of its own, one for each way."""
    level, seen = [concept], {concept.id}
    while level:
        found = [group for one in level for group in one.groups]
        if found:
            return found
        above = [draft.concepts[uri] for one in level for uri in one.broader if uri not in seen]
        seen |= {one.id for one in above}
        level = above
    return []


def _at_level(draft: Draft, group: str) -> str:
    """The group above, or itself, that stands at the level shown in reports."""
    chain = draft.ancestors(group)[::-1]
    return chain[min(GROUP_LEVEL, len(chain) - 1)]
