"""The result of one chunk on disk, until the whole input is read: a folder that appears whole or not at all.

A part says nothing of where its documents stand and what they are called: that is in the places of the chunk, which are
written beside it each time the input is read.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from skillmatch.documents.duplicates import Trace
from skillmatch.errors import InputError
from skillmatch.mentions import MENTION_COLUMNS, mentions_table
from skillmatch.output import sync_folder
from skillmatch.scale.chunks import PLACE, Chunk

RECORD = "part.json"
#: Stands for the id of the document in the mentions: its number among the documents of the part.
ROW = "row"
#: The number of a record in its chunk: whose place is its.
NUMBER = "number"
#: Tables that are read once, from end to end; the others are used from the disk as they lie there.
_COMPRESSED = ("mentions",)


@dataclass(frozen=True)
class Part:
    """Tables of a chunk, opened when they are asked for."""

    folder: Path

    @cached_property
    def documents(self) -> pa.Table:
        """Metadata, no text."""
        return self._table("documents")

    @cached_property
    def traces(self) -> pa.Table:
        """For each document its trace and `NUMBER`, and its text, if it was to be kept."""
        return self._table("traces")

    @property
    def mentions(self) -> pa.Table:
        """`ROW` and `MENTION_COLUMNS` but for the first."""
        return self._table("mentions")

    @property
    def skipped(self) -> pa.Table:
        """`NUMBER` and the reason."""
        return self._table("skipped")

    def _table(self, name: str) -> pa.Table:
        return _mapped(self.folder / f"{name}.arrow")


@cache
def mention_schema() -> pa.Schema:
    """Arrow schema of the table of mentions, as pandas reads it back."""
    return pa.Schema.from_pandas(mentions_table([]), preserve_index=False)


def part_folder(state: Path, number: int) -> Path:
    return state / "parts" / f"{number:06d}"


def part_digest(state: Path, number: int) -> str:
    """Digest of the chunk that a part was made from, ``""`` where there is no such part."""
    return str(read_record(part_folder(state, number)).get("digest", ""))


def read_record(folder: Path) -> dict[str, Any]:
    """What is recorded of the part in a folder: digest, documents, poison, and the bytes of each file; {} without."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


@contextmanager
def disk_told(path: Path) -> Iterator[None]:
    """Errors of the disk as errors of the input, with what to do."""
    try:
        yield
    except OSError as error:
        raise InputError(
            f"{path}: cannot be written ({error.strerror or error})",
            remedy="free space and give the same command again: it goes on where it stopped",
        ) from error


def write_part(
    state: Path,
    number: int,
    digest: str,
    *,
    documents: Sequence[Mapping[str, Any]],
    numbers: Sequence[int],
    traces: Sequence[Trace],
    texts: Sequence[bytes],
    mentions: Sequence[Sequence[Any]],
    skipped: Sequence[tuple[int, str]],
    poison: int,
) -> None:
    """Write a part.

    ``numbers`` are those of the documents in the chunk, ``texts`` those of the documents, packed, or empty;
    ``mentions`` are columns: `ROW`, then `MENTION_COLUMNS` without the first; ``poison`` says how many were skipped
    that another attempt might not skip.

    Raises
    ------
    InputError : the disk is full, or the folder cannot be written.
    """
    folder = part_folder(state, number)
    aside = folder.with_name(f"{folder.name}.{os.getpid()}.tmp")
    names = list(dict.fromkeys(name for document in documents for name in document))
    columns = {name: pa.array([document.get(name) for document in documents], pa.large_string()) for name in names}
    tables = {
        "documents": pa.table(columns),
        "traces": _trace_table(numbers, traces, texts),
        "mentions": _mention_table(mentions),
        "skipped": pa.table(
            {
                NUMBER: pa.array([at for at, _ in skipped], pa.int32()),
                "reason": pa.array([reason for _, reason in skipped], pa.large_string()),
            }
        ),
    }
    try:
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True)
        for name, table in tables.items():
            _write(table, aside / f"{name}.arrow", compression="lz4" if name in _COMPRESSED else None)
        sizes = {file.name: file.stat().st_size for file in sorted(aside.iterdir())}
        record = {"digest": digest, "documents": len(documents), "poison": poison, "bytes": sizes}
        with (aside / RECORD).open("wb") as stream:
            stream.write(json.dumps(record).encode())
            stream.flush()
            os.fsync(stream.fileno())
        shutil.rmtree(folder, ignore_errors=True)
        aside.rename(folder)
        sync_folder(folder.parent)
    except OSError as error:
        shutil.rmtree(aside, ignore_errors=True)
        if part_digest(state, number) == digest:
            return  # another worker, given the same chunk, was faster
        with disk_told(folder):
            raise error


def read_part(state: Path, number: int) -> Part:
    return Part(part_folder(state, number))


def write_places(state: Path, chunk: Chunk) -> None:
    """Write where the records of a chunk stand, and what they are called.

    Raises
    ------
    InputError : it cannot be written.
    """
    path = _places(state, chunk.number)
    columns = zip(*chunk.places, strict=True)
    table = pa.table({name: pa.array(values, pa.large_string()) for name, values in zip(PLACE, columns, strict=True)})
    with disk_told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(table, path, durable=False)  # a run that is taken up again writes them anew


def read_places(state: Path, number: int) -> pa.Table:
    """The places of all records of a chunk."""
    return _mapped(_places(state, number))


def _places(state: Path, number: int) -> Path:
    return state / "places" / f"{number:06d}.arrow"


def _write(table: pa.Table, path: Path, *, compression: str | None = None, durable: bool = True) -> None:
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with path.open("wb") as stream, pa.ipc.new_file(stream, table.schema, options=options) as writer:
        writer.write_table(table)
        if durable:
            stream.flush()
            os.fsync(stream.fileno())


def shingles_of(traces: pa.Table, row: int) -> np.ndarray:
    """Shingles of a document of a part, without a copy."""
    column = traces.column("shingles").chunk(0)  # parts are written in one piece; combining would copy all of it
    return column.values[column.offsets[row].as_py() : column.offsets[row + 1].as_py()].to_numpy()


def _mapped(path: Path) -> pa.Table:
    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_file(source).read_all()


def _trace_table(numbers: Sequence[int], traces: Sequence[Trace], texts: Sequence[bytes]) -> pa.Table:
    width = 4 * len(traces[0].bands) if traces else 0
    lengths = np.cumsum([0, *(len(trace.shingles) for trace in traces)])
    values = np.concatenate([trace.shingles for trace in traces]) if traces else np.empty(0, np.uint32)
    return pa.table(
        {
            NUMBER: pa.array(numbers, pa.int32()),
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
