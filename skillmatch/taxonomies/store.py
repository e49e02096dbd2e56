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
from skillmatch.output import whole_file
from skillmatch.taxonomies.draft import NAME_KINDS, Draft, Node
from skillmatch.taxonomy import KINDS, Alias, Group, Skill, Taxonomy

if TYPE_CHECKING:
    import pyarrow as pa

FORMAT = 1
MANIFEST = "manifest.json"
TABLES = ("skills", "names", "groups", "occupations", "relations")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._ -]{0,80}")
_REMEDY = "build it again with 'taxonomy build'"


def is_built(folder: Path) -> bool:
    """Whether a folder is one that `write_built` made."""
    return (folder / MANIFEST).is_file()


def write_built(draft: Draft, folder: Path, *, record: dict[str, Any]) -> dict[str, Any]:
    """Write a finished draft; returns the manifest. ``record`` (source, options) becomes part of it.

    Raises
    ------
    InputError : the folder cannot be written.
    """
    import pyarrow.parquet as pq

    languages = sorted({name.language for concept in draft.concepts.values() for name in concept.names})
    files = {}
    for name, table in _tables(draft, languages).items():
        with whole_file(folder / f"{name}.parquet", "wb") as stream:
            pq.write_table(table, stream, compression="zstd")
        files[f"{name}.parquet"] = {
            "rows": table.num_rows,
            "sha256": _sha256((folder / f"{name}.parquet").read_bytes()),
        }
    version = _sha256(json.dumps(files, sort_keys=True).encode())[:12]
    manifest = {
        "format": FORMAT,
        "name": draft.name,
        "version": version,
        "languages": languages,
        **record,
        "repairs": dict(sorted(draft.repairs.items())),
        "files": files,
    }
    with whole_file(folder / MANIFEST) as stream:
        stream.write(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n")
    return manifest


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
        missing = [name for name in TABLES if not isinstance(manifest["files"][f"{name}.parquet"]["sha256"], str)]
    except (OSError, ValueError, KeyError, TypeError) as error:
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
        if _sha256(data) != stated:
            raise TaxonomyError(
                f"{file}: not the file that {MANIFEST} describes (SHA-256 {_sha256(data)[:12]}…, not {stated[:12]}…)",
                remedy=_REMEDY,
            )
        return pq.read_table(pa.BufferReader(data), use_threads=False)
    except (OSError, pa.ArrowException) as error:
        raise TaxonomyError(f"{file}: no readable Parquet file ({error})", remedy=_REMEDY) from error


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
    except (KeyError, TypeError) as error:
        raise TaxonomyError(f"{folder}: a table lacks {error}", remedy=_REMEDY) from error
    taxonomy.__dict__["version"] = manifest["version"]  # the cached property: no need to write it all as JSON
    taxonomy.folder = folder
    return taxonomy


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


def _tables(draft: Draft, languages: list[str]) -> dict[str, pa.Table]:
    import pyarrow as pa

    concepts = list(draft.concepts.values())
    skills = {
        "skill_id": [c.id for c in concepts],
        "uri": [c.uri for c in concepts],
        "kind": [c.kind for c in concepts],
        "skill_type": [c.skill_type for c in concepts],
        "reuse_level": [c.reuse_level for c in concepts],
        "broader": [c.broader[0] if c.broader else "" for c in concepts],
        "group": [c.groups[0] if c.groups else "" for c in concepts],
        "craft": [c.craft for c in concepts],
        "digital": [c.digital for c in concepts],
        **{f"description_{lang}": [c.definitions.get(lang, "") for c in concepts] for lang in languages},
    }
    rows = [
        (c.id, name.language, name.text, name.kind, name.source, name.exact, name.weak, name.match)
        for c in concepts
        for name in sorted(c.names, key=lambda name: (name.language, NAME_KINDS.index(name.kind)))
    ]
    columns = ("skill_id", "language", "text", "kind", "source", "exact", "weak", "match")
    relations = [
        *((c.id, "broader", other) for c in concepts for other in c.broader),
        *((c.id, "group", other) for c in concepts for other in c.groups),
        *((subject, relation, skill) for (subject, skill), relation in sorted(draft.needs.items())),
        *((subject, f"related-{relation}", skill) for (subject, skill), relation in sorted(draft.related.items())),
    ]
    shown = {c.groups[0] for c in concepts if c.groups}
    return {
        "skills": pa.table(skills),
        "names": pa.table(_columns(rows, columns), schema=_schema(columns, booleans=("exact", "weak", "match"))),
        "groups": pa.table(
            {
                **_node_columns("group_id", "broader", list(draft.groups.values()), languages),
                "shown": [group in shown for group in draft.groups],
            }
        ),
        "occupations": pa.table(_node_columns("occupation_id", "isco", list(draft.occupations.values()), languages)),
        "relations": pa.table(
            _columns(relations, ("subject", "relation", "object")), schema=_schema(("subject", "relation", "object"))
        ),
    }


def _columns(rows: list[tuple], names: tuple[str, ...]) -> dict[str, list]:
    return {name: [row[at] for row in rows] for at, name in enumerate(names)}


def _schema(names: tuple[str, ...], *, booleans: tuple[str, ...] = ()) -> pa.Schema:
    import pyarrow as pa

    return pa.schema([(name, pa.bool_() if name in booleans else pa.string()) for name in names])


def _node_columns(identity: str, above: str, nodes: list[Node], languages: list[str]) -> dict[str, Any]:
    import pyarrow as pa

    columns = {
        identity: [node.id for node in nodes],
        "code": [node.code for node in nodes],
        above: [node.broader for node in nodes],
        **{f"label_{language}": [node.labels.get(language, "") for node in nodes] for language in languages},
        **{f"description_{language}": [node.definitions.get(language, "") for node in nodes] for language in languages},
    }
    return {name: pa.array(values, pa.string()) for name, values in columns.items()}


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
