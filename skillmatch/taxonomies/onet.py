"""The O*NET database, as text (tab-separated) or Excel files, by the names that they have there.

``Technology Skills``: each technology is a skill, its commodity the group. ``DWA Reference`` and ``Tasks to DWAs``:
each detailed work activity is a skill, its element of work activities the group, and the tasks in which it occurs are
examples of it. ``Skills``, ``Knowledge``, ``Abilities``: each element is a skill. Occupations need what
their rows name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

from skillmatch.errors import InputError
from skillmatch.taxonomies.draft import NEEDS, Concept, Draft, Node, clean
from skillmatch.taxonomies.package import File, Package
from skillmatch.taxonomies.tables import rows_of

_SUFFIX = r"\.(?:txt|xlsx|csv)"
_ELEMENTS = {"Skills": "transversal", "Knowledge": "knowledge", "Abilities": "transversal"}
#: On O*NET's scale of importance, 1 to 5: what counts as essential, and what counts at all.
_ESSENTIAL, _OPTIONAL = 3.5, 2.5
_WORD = re.compile(r"[a-z]+")
_ACRONYM = re.compile(r"(.+) ([A-Z][A-Z0-9/+#]{1,7})")


def is_onet(package: Package) -> bool:
    """Whether a package holds a file that gives skills under O*NET's name for it."""
    names = ("Technology Skills", "DWA Reference", "Tasks to DWAs")
    return any(_files(package, name) for name in names)


def read_onet(package: Package) -> Draft:
    """What the files say; files that are not there are done without.

    Raises
    ------
    InputError : no skill in any of them.
    TaxonomyError : a file lacks a column, or a row of it is damaged.
    """
    draft = Draft("onet", package.version)
    elements = {
        row["Element ID"]: row for row in _rows(package, "Content Model Reference", "Element ID", "Element Name")
    }
    for row in _rows(package, "Occupation Data", "O*NET-SOC Code", "Title"):
        code = row["O*NET-SOC Code"].strip()
        about = clean(row.get("Description"))
        draft.occupations[code] = Node(code, code, "", {"en": clean(row["Title"])}, {"en": about})
    tasks = {row["Task ID"].strip(): row for row in _rows(package, "Task Statements", "Task ID", "Task")}
    _read_technologies(draft, package, {word for row in tasks.values() for word in _WORD.findall(row["Task"])})
    _read_activities(draft, package, {key: row["Element Name"] for key, row in elements.items()}, tasks)
    for name, kind in _ELEMENTS.items():
        _read_elements(draft, package, name, kind, elements)
    if not draft.concepts:
        raise InputError(f"{next(iter(package.digests))}: no skill in it", remedy="download the database again")
    return draft


def _files(package: Package, name: str) -> list[File]:
    return package.matching("(?i)" + re.escape(name).replace(r"\ ", "[ _]") + _SUFFIX)


def _rows(package: Package, name: str, *required: str) -> Iterator[dict[str, str]]:
    for file in _files(package, name):
        for _, row in rows_of(file, required):
            yield row


def _need(draft: Draft, row: dict[str, str], skill: str, relation: str) -> None:
    code = row["O*NET-SOC Code"].strip()
    if code not in draft.occupations:
        draft.occupations[code] = Node(code, code, "", {"en": clean(row.get("Title")) or code})
    # Named by several tasks, the stronger need holds.
    known = draft.needs.get((code, skill))
    draft.needs[code, skill] = NEEDS[0] if NEEDS[0] in (relation, known) else relation


def _read_technologies(draft: Draft, package: Package, ordinary: set[str]) -> None:
    """``ordinary``: words of the tasks; a technology called by one of them (Swift) counts only as it is written."""
    columns = ("O*NET-SOC Code", "Example", "Commodity Code", "Commodity Title")
    for row in _rows(package, "Technology Skills", *columns):
        name, code = clean(row["Example"]), row["Commodity Code"].strip()
        if not name or not code:
            draft.repairs["technology without a name or commodity left out"] += 1
            continue
        hot = "Y" in (row.get("Hot Technology", "").strip(), row.get("In Demand", "").strip())
        skill_id = f"technology/{quote(name, safe='')}"
        concept = draft.concepts.setdefault(skill_id, Concept(skill_id, "knowledge", digital=True, groups=[code]))
        concept.skill_type = "technology"
        concept.add("en", [name], "preferred", source="onet")
        concept.names[0].exact = name.lower() in ordinary
        # "Structured query language SQL" is called by either half.
        match = _ACRONYM.fullmatch(name)
        if match and _spells(match[1], match[2]):
            concept.add("en", match.groups(), source="onet")
            # A rare one is found only as it is written: Electronic Time Clock ETC.
            concept.names[-1].exact = match[2].lower() in ordinary or not hot
        draft.groups.setdefault(code, Node(code, code, "", {"en": clean(row["Commodity Title"])}))
        _need(draft, row, skill_id, NEEDS[0] if hot else NEEDS[1])


def _spells(name: str, acronym: str) -> bool:
    """Whether an acronym holds the initials of a name in their order.

    >>> _spells("Hypertext markup language", "HTML"), _spells("SoftRisk Technologies", "SQL")
    (True, False)
    """
    letters = iter(acronym.lower())
    words = name.lower().split()
    return len(words) > 1 and all(word[0] in letters for word in words)


def _read_activities(
    draft: Draft, package: Package, elements: dict[str, str], tasks: dict[str, dict[str, str]]
) -> None:
    for row in _rows(package, "DWA Reference", "Element ID", "DWA ID", "DWA Title"):
        group = row["Element ID"].strip()
        label = clean(row.get("Element Name")) or elements.get(group, group)
        draft.groups.setdefault(group, Node(group, group, "", {"en": label}))
        _activity(draft, row["DWA ID"].strip(), row["DWA Title"]).groups = [group]
    used = set()
    for row in _rows(package, "Tasks to DWAs", "O*NET-SOC Code", "Task ID", "DWA ID"):
        task, activity = row["Task ID"].strip(), row["DWA ID"].strip()
        if activity not in draft.concepts and not clean(row.get("DWA Title")):
            draft.repairs["task of an activity that is not in the database left out"] += 1
            continue
        concept = _activity(draft, activity, row.get("DWA Title", ""))
        concept.add("en", [row.get("Task") or tasks.get(task, {}).get("Task", "")], "example", source="onet")
        used.add(task)
        _need(draft, row, activity, NEEDS[0] if tasks.get(task, {}).get("Task Type") == "Core" else NEEDS[1])
    draft.repairs["task that belongs to no activity left out"] += len(tasks.keys() - used)


def _activity(draft: Draft, activity: str, title: str) -> Concept:
    concept = draft.concepts.setdefault(activity, Concept(activity, skill_type="detailed work activity"))
    concept.add("en", [title.strip().rstrip(".")] if not concept.labels else [], "preferred", source="onet")
    return concept


def _read_elements(draft: Draft, package: Package, name: str, kind: str, known: dict[str, dict[str, str]]) -> None:
    for row in _rows(package, name, "O*NET-SOC Code", "Element ID", "Scale ID", "Data Value"):
        element = row["Element ID"].strip()
        about = known.get(element, {})
        label = clean(row.get("Element Name")) or clean(about.get("Element Name"))
        if not label:
            draft.repairs[f"row of {name} whose element has no name left out"] += 1
            continue
        draft.groups.setdefault(name, Node(name, element[:3], "", {"en": name.lower()}))
        concept = draft.concepts.setdefault(element, Concept(element, kind, skill_type=name.lower(), groups=[name]))
        concept.add("en", [label] if not concept.labels else [], "preferred", source="onet")
        if text := clean(about.get("Description")):
            concept.definitions.setdefault("en", text)
        if row["Scale ID"].strip() == "IM":
            try:
                value = float(row["Data Value"])
            except ValueError:
                draft.repairs[f"row of {name} whose importance is no number left out"] += 1
                continue
            if value >= _OPTIONAL:
                _need(draft, row, element, NEEDS[0] if value >= _ESSENTIAL else NEEDS[1])
