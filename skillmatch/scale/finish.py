"""From the parts of a run to its output: ids made unique, reposts set aside, partitions written, counts added up."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from skillmatch.documents import DOCUMENT_COLUMNS, DUPLICATE_COLUMNS, SKIPPED_COLUMNS
from skillmatch.documents.duplicates import find_repeats
from skillmatch.documents.preparation import unique_ids
from skillmatch.mentions import MENTION_COLUMNS
from skillmatch.scale.chunks import PLACE
from skillmatch.scale.kept import KeptMentions, Mentions
from skillmatch.scale.parts import (
    NUMBER,
    ROW,
    Part,
    disk_told,
    mention_schema,
    part_digest,
    read_part,
    read_places,
    shingles_of,
)
from skillmatch.scale.values import unpack_text


@dataclass(frozen=True)
class Verdict:
    """What the comparison of all documents says of those of one part.

    ``ids`` : the final ids where they differ from those wanted, by row. ``duplicates`` : row, id of the document that
    it repeats, similarity. ``columns`` : those of the documents table of the whole run.
    """

    number: int
    columns: tuple[str, ...]
    ids: dict[int, str] = field(default_factory=dict)
    duplicates: list[tuple[int, str, float]] = field(default_factory=list)


@dataclass(frozen=True)
class Partition:
    """A partition that was written: its record for the manifest, what was left out, and counts by skill."""

    record: dict[str, Any]
    duplicates: pd.DataFrame
    skipped: pd.DataFrame
    counts: pd.DataFrame


def judge(state: Path, parts: int) -> list[Verdict]:
    """Compare the documents of all parts: which ids are taken, which documents repeat another.

    Memory: about 150 bytes a document, and their ids.
    """
    tables = [read_part(state, number) for number in range(parts)]
    starts = list(accumulate((len(table.documents) for table in tables), initial=0))
    names = dict.fromkeys(name for name in DOCUMENT_COLUMNS if name != "text")
    names |= dict.fromkeys(name for table in tables for name in table.documents.column_names)
    verdicts = [Verdict(number, tuple(names)) for number in range(parts)]
    if not starts[-1]:
        return verdicts

    def place(number: int) -> tuple[int, int]:
        part = int(np.searchsorted(starts, number, side="right")) - 1
        return part, number - starts[part]

    filled = [table for table in tables if len(table.documents)]
    named = [_wanted_ids(table, read_places(state, number)) for number, table in enumerate(tables)]
    ids = pa.chunked_array(named, pa.large_string())
    if pc.count_distinct(ids).as_py() < len(ids):
        wanted = ids.to_pylist()
        for number, (old, new) in enumerate(zip(wanted, unique_ids(wanted), strict=True)):
            if old != new:
                part, row = place(number)
                verdicts[part].ids[row] = new
        del wanted

    def final_id(number: int) -> str:
        part, row = place(number)
        return verdicts[part].ids.get(row) or str(named[part][row].as_py())

    def shingles(number: int) -> np.ndarray:
        part, row = place(number)
        return shingles_of(tables[part].traces, row)

    traces = [table.traces for table in filled]
    repeats = find_repeats(
        np.concatenate([_fixed(table["exact"], "V16")[:, 0] for table in traces]),
        np.concatenate([table["label"].to_numpy() for table in traces]),
        np.concatenate([_bands(table["bands"]) for table in traces]),
        shingles=shingles,
    )
    for repeat in repeats:
        part, row = place(repeat.index)
        verdicts[part].duplicates.append((row, final_id(repeat.first), repeat.similarity))
    return verdicts


def finish_part(state: Path, result: Path, verdict: Verdict, kind: str, kept: Path | None = None) -> Partition:
    """Write the partition of a part below ``documents`` and ``mentions`` of a folder.

    ``kept`` is the folder in which mentions are kept as they were written for the same part of an earlier run.

    Raises
    ------
    InputError : it cannot be written.
    """
    part, places = read_part(state, verdict.number), read_places(state, verdict.number)
    again = [row for row, _, _ in verdict.duplicates]
    repeats = np.zeros(len(part.documents), dtype=bool)
    repeats[again] = True
    ids = _ids(part, places, verdict)
    documents = _all_columns(part, places, ids, verdict)
    used = documents.filter(pa.array(~repeats))
    written = KeptMentions(None if kept is None else kept / part_digest(state, verdict.number), ids.to_pylist(), again)
    mentions = written.read()
    if mentions is None:
        found = _mentions(part, ids, repeats)
        mentions = Mentions(_parquet(found), len(found), count_skills([found.to_pandas()]))
        written.write(mentions)
    name = f"part-{verdict.number:05d}.parquet"
    outputs = {"documents": _parquet(used), "mentions": mentions.parquet}
    record = {
        "part": name, "documents": len(used), "mentions": mentions.rows, "duplicates": len(again),
        "skipped": len(part.skipped),
        "sha256": {folder: _write(data, result / folder / name) for folder, data in outputs.items()},
    }  # fmt: skip
    duplicates = documents.take(pa.array(again, pa.int64())).to_pandas()
    duplicates["duplicate_of"] = [first for _, first, _ in verdict.duplicates]
    duplicates["similarity"] = [similarity for _, _, similarity in verdict.duplicates]
    duplicates = duplicates.reindex(columns=list(DUPLICATE_COLUMNS), fill_value="")
    return Partition(record, duplicates, _skipped(part, places, kind), mentions.counts)


def texts_of(state: Path, verdicts: Iterable[Verdict], wanted: Set[str]) -> dict[str, str]:
    """Texts of some documents by their final ids, where the parts were written with texts."""
    texts = {}
    for verdict in verdicts:
        part = read_part(state, verdict.number)
        again = {row for row, _, _ in verdict.duplicates}
        places = read_places(state, verdict.number)
        for row, name in enumerate(_ids(part, places, verdict).to_pylist()):
            if name in wanted and row not in again:
                texts[name] = unpack_text(part.traces["text"][row].as_py())
    return texts


def count_skills(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Mentions of each skill, and documents that name it without negating it (index: skill id)."""
    counted = []
    for table in tables:
        asked = table[table["strength"] != "negated"]
        documents = asked.drop_duplicates(["skill_id", "document_id"])["skill_id"].value_counts()
        mentions = table["skill_id"].value_counts()
        counted.append(pd.DataFrame({"documents": documents, "mentions": mentions}))
    return add_counts(counted)


def add_counts(counts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Counts of several partitions together: documents are counted once each, so sums are right."""
    together = pd.concat(list(counts)).fillna(0).astype("int64")
    return together.groupby(level=0, sort=True).sum()


def _all_columns(part: Part, places: pa.Table, ids: pa.Array, verdict: Verdict) -> pa.Table:
    """The documents with the columns of the whole run, missing values ``""``, and their final ids."""
    documents = part.documents
    empty = pa.array([""] * len(ids), pa.large_string())
    own = places.take(part.traces[NUMBER])
    known = {"document_id": ids, **{name: own[name] for name in PLACE[1:]}}
    columns = [
        known[name] if name in known
        else pc.fill_null(documents[name], "") if name in documents.column_names
        else empty
        for name in verdict.columns
    ]  # fmt: skip
    return pa.table(columns, names=list(verdict.columns))


def _wanted_ids(part: Part, places: pa.Table) -> pa.Array:
    return places["document_id"].combine_chunks().take(part.traces[NUMBER].combine_chunks())


def _ids(part: Part, places: pa.Table, verdict: Verdict) -> pa.Array:
    wanted = _wanted_ids(part, places)
    if not verdict.ids:
        return wanted
    ids = wanted.to_pylist()
    for row, unique in verdict.ids.items():
        ids[row] = unique
    return pa.array(ids, pa.large_string())


def _mentions(part: Part, ids: pa.Array, repeats: np.ndarray) -> pa.Table:
    """Mentions of the documents that repeat no other, with their ids."""
    mentions = part.mentions
    if len(ids):
        mentions = mentions.filter(pa.array(~repeats[mentions[ROW].to_numpy()]))
        ids = ids.take(mentions[ROW].combine_chunks())
    return pa.table([ids, *mentions.columns[1:]], names=list(MENTION_COLUMNS)).cast(mention_schema())


def _skipped(part: Part, places: pa.Table, kind: str) -> pd.DataFrame:
    own = places.take(part.skipped[NUMBER])
    columns = {"kind": [kind] * len(own), "reason": part.skipped["reason"], **{name: own[name] for name in PLACE}}
    return pa.table(columns).select(list(SKIPPED_COLUMNS)).to_pandas()


def _parquet(table: pa.Table) -> bytes:
    stream = pa.BufferOutputStream()
    pq.write_table(table, stream)
    return stream.getvalue().to_pybytes()


def _write(data: bytes, path: Path) -> str:
    """Write a file of a partition; its SHA-256."""
    with disk_told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
    return hashlib.sha256(data).hexdigest()


def _fixed(column: pa.ChunkedArray, dtype: str) -> np.ndarray:
    """Values of fixed size as a matrix, shape (rows, size / itemsize)."""
    array = column.combine_chunks()
    width = array.type.byte_width
    start = array.offset * width
    data = np.frombuffer(array.buffers()[1], dtype=np.uint8)[start : start + len(array) * width]
    return data.reshape(len(array), width).view(dtype)


def _bands(column: pa.ChunkedArray) -> np.ndarray:
    if column.type.byte_width == 1:  # texts that are compared by their words alone
        return np.empty((len(column), 0), dtype=np.uint32)
    return _fixed(column, "<u4")
