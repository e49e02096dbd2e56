"""A taxonomy as a folder of tables: Parquet files and a manifest with their hashes.

========================= ==========================================================================================
file                      columns
========================= ==========================================================================================
``skills.parquet``        skill_id, uri, kind, skill_type, reuse_level, broader, group, craft, digital, description_XX
``names.parquet``         skill_id, language, text, kind, source, exact, weak, match; by skill, language, kind
``groups.parquet``        group_id, code, broader, label_XX, description_XX; those of skills and those above them
``occupations.parquet``   occupation_id, code, isco, label_XX, description_XX
``relations.parquet``     subject, relation, object: all *broader* and *group* of a skill, *essential* and *optional*
                          skills of an occupation, *related-essential* and *related-optional* skills of a skill
``manifest.json``         format, name, version, source, counts, repairs, languages, SHA-256 of each file
========================= ==========================================================================================

The bytes depend on the source, the options, and the version of pyarrow alone. Nothing in the folder is ever executed.
"""

from __future__ import annotations

import hashlib
import json
import re
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skillmatch.errors import TaxonomyError
from skillmatch.memory import collector_paused
from skillmatch.taxonomies.draft import NEEDS
from skillmatch.taxonomy import KINDS, Alias, Group, Skill, Taxonomy

if TYPE_CHECKING:
    import pyarrow as pa

FORMAT = 1
MANIFEST = "manifest.json"
#: The columns that each table has at least, all text but those of `_FLAGS`.
TABLES = {
    "skills": ("skill_id", "uri", "kind", "skill_type", "reuse_level", "broader", "group", "craft", "digital"),
    "names": ("skill_id", "language", "text", "kind", "source", "exact", "weak", "match"),
    "groups": ("group_id", "code", "broader", "shown"),
    "occupations": ("occupation_id", "code", "isco"),
    "relations": ("subject", "relation", "object"),
}
_FLAGS = ("craft", "digital", "exact", "weak", "match", "shown")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._ -]{0,80}")
_REMEDY = "build it again with 'taxonomy build'"


def is_built(folder: Path) -> bool:
    """Whether a folder is one that ``taxonomy build`` made."""
    return (folder / MANIFEST).is_file()


def read_manifest(folder: str | Path) -> dict[str, Any]:
    """The manifest of a built folder.

    Raises
    ------
    TaxonomyError : none there, or not of a form that this version reads.
    """
    file = Path(folder) / MANIFEST
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
        problem = "" if manifest["format"] == FORMAT else f"format {manifest['format']!r}, not {FORMAT}"
        if not _NAME.fullmatch(manifest["name"]):
            problem = f"the name {manifest['name']!r}"
        if not isinstance(manifest["source"]["kind"], str):
            problem = "the kind of its source"
        missing = [name for name in TABLES if not isinstance(manifest["files"][f"{name}.parquet"]["sha256"], str)]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise TaxonomyError(f"{file}: no readable manifest ({error!r})", remedy=_REMEDY) from error
    if problem or missing:
        raise TaxonomyError(f"{file}: {problem or missing}", remedy=_REMEDY)
    return manifest


def read_table(folder: str | Path, name: str) -> pa.Table:
    """One of the `TABLES` of a built folder, after its hash was compared with the manifest.

    Raises
    ------
    TaxonomyError : the file is missing, damaged, or was changed.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = Path(folder) / f"{name}.parquet"
    stated = read_manifest(folder)["files"][file.name]["sha256"]
    try:
        data = file.read_bytes()
        if digest_of(data) != stated:
            raise TaxonomyError(
                f"{file}: not the file that {MANIFEST} describes (SHA-256 {digest_of(data)[:12]}…, not {stated[:12]}…)",
                remedy=_REMEDY,
            )
        table = pq.read_table(pa.BufferReader(data), use_threads=False)
    except (OSError, pa.ArrowException) as error:
        raise TaxonomyError(f"{file}: no readable Parquet file ({error})", remedy=_REMEDY) from error
    for column in (*TABLES[name], *table.column_names):
        wanted = pa.bool_() if column in _FLAGS else pa.string()
        if column not in table.column_names or table[column].type != wanted or table[column].null_count:
            raise TaxonomyError(f"{file}: the column {column!r} is missing or not of type {wanted}", remedy=_REMEDY)
    return table


@collector_paused()
def load_built(folder: Path) -> Taxonomy:
    """The taxonomy of a built folder; ``taxonomy.folder`` leads to the tables that a Skill does not hold.

    Raises
    ------
    TaxonomyError : a file is missing, was changed, or the content is inconsistent.
    """
    manifest = read_manifest(folder)
    skills, names, groups = (read_table(folder, name) for name in ("skills", "names", "groups"))
    try:
        taxonomy = Taxonomy(
            manifest["name"], _skills(skills, names, esco=manifest["source"]["kind"] == "esco"), _groups(groups)
        )
    except KeyError as error:
        raise TaxonomyError(f"{folder}: the skill {error} has no label", remedy=_REMEDY) from error
    taxonomy.__dict__["version"] = manifest["version"]  # the cached property: no need to write it all as JSON
    taxonomy.folder = folder
    return taxonomy


def occupations_of(folder: str | Path, skill_id: str) -> dict[str, list[str]]:
    """Labels of the occupations for which a skill is essential, and optional.

    Raises
    ------
    TaxonomyError : as `read_table`.
    """
    relations, jobs = read_table(folder, "relations"), read_table(folder, "occupations")
    names = [column for column in jobs.column_names if column.startswith("label_")]
    labels = {
        row["occupation_id"]: next((row[name] for name in names if row[name]), row["occupation_id"])
        for row in jobs.to_pylist()
    }
    columns = (relations[column].to_pylist() for column in ("subject", "relation", "object"))
    found: dict[str, list[str]] = {need: [] for need in NEEDS}
    for subject, relation, skill in zip(*columns, strict=True):
        if skill == skill_id and relation in found:
            found[relation].append(labels[subject])
    return {need: sorted(of) for need, of in found.items()}


def _skills(skills: pa.Table, names: pa.Table, *, esco: bool) -> list[Skill]:
    labels: dict[str, dict[str, str]] = {}
    aliases: dict[str, dict[str, tuple[Alias, ...]]] = {}
    columns = (
        names[column].to_pylist() for column in ("skill_id", "language", "kind", "text", "exact", "weak", "match")
    )
    for (skill_id, language), rows in groupby(zip(*columns, strict=True), key=lambda row: row[:2]):
        found = []
        for _, _, kind, text, exact, weak, match in rows:
            if kind == "preferred":
                labels.setdefault(skill_id, {})[language] = text
            if match and (kind != "preferred" or exact or weak):
                found.append(Alias(text, exact, weak))
        if found:
            aliases.setdefault(skill_id, {})[language] = tuple(found)
    described = {
        c.removeprefix("description_"): skills[c].to_pylist() for c in skills.column_names if "description_" in c
    }
    definitions = [
        {language: text for language, text in zip(described, texts, strict=True) if text}
        for texts in zip(*described.values(), strict=True)
    ] or [{}] * skills.num_rows
    fields = ("skill_id", "uri", "kind", "broader", "group", "craft", "digital")
    return [
        Skill(
            id=skill_id,
            labels=labels[skill_id],
            aliases=aliases.get(skill_id, {}),
            kind=kind if kind in KINDS else "skill",
            broader=broader,
            group=group,
            craft=craft,
            digital=digital,
            definitions=definition,
            uri=uri,
            esco_label=labels[skill_id].get("en", "") if esco else "",
        )
        for skill_id, uri, kind, broader, group, craft, digital, definition in zip(
            *(skills[field].to_pylist() for field in fields), definitions, strict=True
        )
    ]


def _groups(groups: pa.Table) -> list[Group]:
    labelled = {c.removeprefix("label_"): groups[c].to_pylist() for c in groups.column_names if c.startswith("label_")}
    return [
        Group(group_id, {language: labels[at] for language, labels in labelled.items() if labels[at]})
        for at, (group_id, shown) in enumerate(
            zip(groups["group_id"].to_pylist(), groups["shown"].to_pylist(), strict=True)
        )
        if shown
    ]


def digest_of(data: bytes) -> str:
    """SHA-256 as hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
