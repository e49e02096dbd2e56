"""A finished draft written as the tables that `skillmatch.taxonomies.store` describes and reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skillmatch.output import whole_file
from skillmatch.taxonomies.draft import NAME_KINDS, Draft, Node
from skillmatch.taxonomies.store import FORMAT, MANIFEST, digest_of

if TYPE_CHECKING:
    import pyarrow as pa


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
            "sha256": digest_of((folder / f"{name}.parquet").read_bytes()),
        }
    version = digest_of(json.dumps(files, sort_keys=True).encode())[:12]
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
                "shown": pa.array([group in shown for group in draft.groups], pa.bool_()),
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
