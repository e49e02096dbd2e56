"""How many documents an input holds, roughly and at once: for the time that is left."""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from skillmatch.errors import SkillmatchError

_SAMPLE = 200  # records of a table
_SKIMMED = 1_000_000  # bytes; tables that are smaller are not worth an estimate


def estimate_documents(paths: Iterable[Path]) -> int:
    """Documents in files and folders: rows of Parquet files counted, those of other tables by the size of the first.

    >>> estimate_documents([])
    0
    """
    total = 0.0
    for path in paths:
        if path.is_dir():
            total += sum(_in_file(Path(folder, name)) for folder, _, names in os.walk(path) for name in names)
        else:
            total += _in_file(path)
    return round(total)


def _in_file(path: Path) -> float:
    suffix = path.suffix.lower()
    try:
        if suffix == ".parquet":
            import pyarrow.parquet as pq

            return pq.read_metadata(path).num_rows
        size = path.stat().st_size
        if suffix in (".jsonl", ".ndjson", ".csv", ".tsv") and size > _SKIMMED:
            from skillmatch.documents.tables import read_rows

            rows = list(islice(read_rows(path), _SAMPLE))
            sampled = sum(len(value.encode()) + 1 for row in rows for value in row.values.values())
            return size * len(rows) / max(sampled, 1)
    except (OSError, ValueError, SkillmatchError):
        pass  # what is wrong with the file, reading it will say
    return 1.0
