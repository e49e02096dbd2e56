"""The result of one chunk on disk, until the whole input is read: a folder that appears whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from skillmatch.documents import SKIPPED_COLUMNS
from skillmatch.documents.duplicates import Trace
from skillmatch.errors import InputError
from skillmatch.mentions import MENTION_COLUMNS, mentions_table
from skillmatch.output import sync_folder

_RECORD = "part.json"
_NAMES = ("documents", "traces", "mentions", "skipped")
#: Stands for the id of the document in the mentions: its number among the documents of the part.
ROW = "row"


class Part(NamedTuple):
    """Tables of a chunk, memory-mapped: documents (metadata, no text), their traces, mentions, what was skipped."""

    documents: pa.Table
    traces: pa.Table
    mentions: pa.Table
    skipped: pa.Table


@cache
def mention_schema() -> pa.Schema:
    """Arrow schema of the table of mentions, as pandas reads it back."""
    return pa.Schema.from_pandas(mentions_table([]), preserve_index=False)


def part_folder(state: Path, number: int) -> Path:
    return state / "parts" / f"{number:06d}"


def part_digest(state: Path, number: int) -> str:
    """Digest of the chunk that a part was made from, ``""`` where there is no such part."""
    try:
        return json.loads((part_folder(state, number) / _RECORD).read_text(encoding="utf-8"))["digest"]
    except (OSError, ValueError, KeyError):
        return ""


def write_part(
    state: Path,
    number: int,
    digest: str,
    *,
    documents: Sequence[Mapping[str, Any]],
    traces: Sequence[Trace],
    texts: Sequence[bytes],
    mentions: Sequence[Sequence[Any]],
    skipped: Sequence[Mapping[str, Any]],
) -> None:
    """Write a part.

    ``texts`` are those of the documents, packed, or empty; ``mentions`` are columns: `ROW`, then `MENTION_COLUMNS`
    without the first.

    Raises
    ------
    InputError : the disk is full, or the folder cannot be written.
    """
    folder = part_folder(state, number)
    aside = folder.with_name(f"{folder.name}.{os.getpid()}.tmp")
    names = list(dict.fromkeys(name for document in documents for name in document))
    columns = {name: pa.array([document.get(name) for document in documents], pa.large_string()) for name in names}
    tables = Part(
        documents=pa.table(columns),
        traces=_trace_table(traces, texts),
        mentions=_mention_table(mentions),
        skipped=pa.table(
            {name: pa.array([row.get(name, "") for row in skipped], pa.large_string()) for name in SKIPPED_COLUMNS}
        ),
    )
    try:
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True)
        for name, table in zip(_NAMES, tables, strict=True):
            with (aside / f"{name}.arrow").open("wb") as stream, pa.ipc.new_file(stream, table.schema) as writer:
                writer.write_table(table)
                stream.flush()
                os.fsync(stream.fileno())
        with (aside / _RECORD).open("wb") as stream:
            stream.write(json.dumps({"digest": digest, "documents": len(documents), "skipped": len(skipped)}).encode())
            stream.flush()
            os.fsync(stream.fileno())
        shutil.rmtree(folder, ignore_errors=True)
        aside.rename(folder)
        sync_folder(folder.parent)
    except OSError as error:
        shutil.rmtree(aside, ignore_errors=True)
        if part_digest(state, number) == digest:
            return  # another worker, given the same chunk, was faster
        raise InputError(
            f"{folder}: cannot be written ({error.strerror or error})",
            remedy="free space and give the same command again: it goes on where it stopped",
        ) from error


def read_part(state: Path, number: int) -> Part:
    folder = part_folder(state, number)
    return Part(*(_mapped(folder / f"{name}.arrow") for name in _NAMES))


def shingles_of(traces: pa.Table, row: int) -> np.ndarray:
    """Shingles of a document of a part, without a copy."""
    column = traces.column("shingles").chunk(0)  # parts are written in one piece; combining would copy all of it
    return column.values[column.offsets[row].as_py() : column.offsets[row + 1].as_py()].to_numpy()


def _mapped(path: Path) -> pa.Table:
    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_file(source).read_all()


def _trace_table(traces: Sequence[Trace], texts: Sequence[bytes]) -> pa.Table:
    width = 4 * len(traces[0].bands) if traces else 0
    lengths = np.cumsum([0, *(len(trace.shingles) for trace in traces)])
    values = np.concatenate([trace.shingles for trace in traces]) if traces else np.empty(0, np.uint32)
    return pa.table(
        {
            "exact": pa.array([trace.exact for trace in traces], pa.binary(16)),
            "text": pa.array(texts, pa.large_binary()),
            "label": pa.array([trace.label for trace in traces], pa.uint64()),
            "bands": pa.array([trace.bands.tobytes() for trace in traces], pa.binary(width or 1))
            if width else pa.array([b"."] * len(traces), pa.binary(1)),
            "shingles": pa.LargeListArray.from_arrays(pa.array(lengths, pa.int64()), pa.array(values, pa.uint32())),
        }
    )  # fmt: skip


def _mention_table(columns: Sequence[Sequence[Any]]) -> pa.Table:
    schema = mention_schema()
    rows, *others = columns
    arrays = {ROW: pa.array(rows, pa.int32())}
    for name, values in zip(MENTION_COLUMNS[1:], others, strict=True):
        arrays[name] = pa.array(values, schema.field(name).type)
    return pa.table(arrays)
