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

from skillmatch.documents import DOCUMENT_COLUMNS, DUPLICATE_COLUMNS
from skillmatch.documents.duplicates import find_repeats
from skillmatch.documents.preparation import unique_ids
from skillmatch.errors import InputError
from skillmatch.mentions import MENTION_COLUMNS
from skillmatch.scale.parts import ROW, mention_schema, read_part, shingles_of
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
    ids = pa.chunked_array([table.documents["document_id"].combine_chunks() for table in filled])
    if pc.count_distinct(ids).as_py() < len(ids):
        wanted = ids.to_pylist()
        for number, (old, new) in enumerate(zip(wanted, unique_ids(wanted), strict=True)):
            if old != new:
                part, row = place(number)
                verdicts[part].ids[row] = new
        del wanted

    def final_id(number: int) -> str:
        part, row = place(number)
        return verdicts[part].ids.get(row) or str(tables[part].documents["document_id"][row].as_py())

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


def finish_part(state: Path, result: Path, verdict: Verdict) -> Partition:
    """Write the partition of a part below ``documents`` and ``mentions`` of a folder.

    Raises
    ------
    InputError : it cannot be written.
    """
    part = read_part(state, verdict.number)
    rows = len(part.documents)
    again = [row for row, _, _ in verdict.duplicates]
    kept = np.ones(rows, dtype=bool)
    kept[again] = False
    documents = _all_columns(part.documents, verdict)
    mentions = part.mentions
    if rows:
        mentions = mentions.filter(pa.array(kept[mentions[ROW].to_numpy()]))
        ids = documents["document_id"].combine_chunks().take(mentions[ROW].combine_chunks())
    else:
        ids = pa.array([], pa.large_string())
    found = pa.table([ids, *mentions.columns[1:]], names=list(MENTION_COLUMNS)).cast(mention_schema())
    used = documents.filter(pa.array(kept))
    name = f"part-{verdict.number:05d}.parquet"
    outputs = {"documents": used, "mentions": found}
    digests = {folder: _write(table, result / folder / name) for folder, table in outputs.items()}
    duplicates = documents.take(pa.array(again, pa.int64())).to_pandas()
    duplicates["duplicate_of"] = [first for _, first, _ in verdict.duplicates]
    duplicates["similarity"] = [similarity for _, _, similarity in verdict.duplicates]
    duplicates = duplicates.reindex(columns=list(DUPLICATE_COLUMNS), fill_value="")
    record = {
        "part": name, "documents": len(used), "mentions": len(found), "duplicates": len(again),
        "skipped": len(part.skipped), "sha256": digests,
    }  # fmt: skip
    return Partition(record, duplicates, part.skipped.to_pandas(), count_skills([found.to_pandas()]))


def texts_of(state: Path, verdicts: Iterable[Verdict], wanted: Set[str]) -> dict[str, str]:
    """Texts of some documents by their final ids, where the parts were written with texts."""
    texts = {}
    for verdict in verdicts:
        part = read_part(state, verdict.number)
        again = {row for row, _, _ in verdict.duplicates}
        for row, name in enumerate(_ids(part.documents, verdict) if len(part.documents) else []):
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


def _all_columns(documents: pa.Table, verdict: Verdict) -> pa.Table:
    """The documents with the columns of the whole run, missing values ``""``, and their final ids."""
    empty = pa.array([""] * len(documents), pa.large_string())
    columns = [
        pc.fill_null(documents[name], "") if name in documents.column_names else empty for name in verdict.columns
    ]
    if verdict.ids:
        columns[verdict.columns.index("document_id")] = pa.array(_ids(documents, verdict), pa.large_string())
    return pa.table(columns, names=list(verdict.columns))


def _ids(documents: pa.Table, verdict: Verdict) -> list[str]:
    ids = documents["document_id"].to_pylist()
    for row, unique in verdict.ids.items():
        ids[row] = unique
    return ids


def _write(table: pa.Table, path: Path) -> str:
    """Write a partition; its SHA-256."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as stream:
            pq.write_table(table, stream)
            stream.flush()
            os.fsync(stream.fileno())
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise InputError(
            f"{path}: cannot be written ({error.strerror or error})",
            remedy="free space and give the same command again: it goes on where it stopped",
        ) from error


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
