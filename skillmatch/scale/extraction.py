"""The result of a run: partitions, the tables beside them, and the manifest that makes them whole."""

from __future__ import annotations

import json
from collections.abc import Iterator, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from skillmatch import __version__
from skillmatch.documents import SKIPPED_COLUMNS
from skillmatch.errors import EmptyError
from skillmatch.output import whole_file, write_table
from skillmatch.scale.finish import Partition, Verdict, texts_of
from skillmatch.scale.state import MANIFEST
from skillmatch.taxonomy import Taxonomy

RESULT = "result"


@dataclass(frozen=True)
class Extraction:
    """The result of a run in a folder of partitions; tables are read when they are asked for."""

    state: Path
    verdicts: list[Verdict]
    parts: list[dict[str, Any]]
    counts: dict[str, int]
    duplicates: pd.DataFrame
    skipped: pd.DataFrame

    @property
    def folder(self) -> Path:
        return self.state / RESULT

    @property
    def mentions(self) -> int:
        """How many there are."""
        return sum(part["mentions"] for part in self.parts)

    def texts(self, document_ids: Set[str]) -> dict[str, str]:
        """Texts of some documents, by id; for a run with ``texts``, as long as its state is there."""
        return texts_of(self.state, self.verdicts, document_ids)

    def tables(self, name: str, *, columns: list[str] | None = None) -> Iterator[pd.DataFrame]:
        """Partitions of ``documents`` or ``mentions``, in the order of the input."""
        for path in sorted((self.folder / name).glob("part-*.parquet")):
            yield pd.read_parquet(path, columns=columns)


def conclude(
    state: Path,
    written: list[Partition],
    by_skill: pd.DataFrame,
    verdicts: list[Verdict],
    paths: list[Path],
    *,
    kind: str,
    taxonomy: Taxonomy,
) -> Extraction:
    """Write tables and manifest beside the partitions.

    Raises
    ------
    EmptyError : nothing was left to work on.
    """
    result = state / RESULT
    parts = [partition.record for partition in written]
    counts = {
        name: sum(part[of] for part in parts)
        for name, of in (("processed", "documents"), ("duplicates", "duplicates"), ("skipped", "skipped"))
    }
    counts = {"read": sum(counts.values()), **counts}
    skipped = (
        pd.concat([partition.skipped for partition in written], ignore_index=True)
        if written
        else pd.DataFrame(columns=list(SKIPPED_COLUMNS))
    )
    if not counts["processed"]:
        reasons = "; ".join(list(dict.fromkeys(skipped["reason"]))[:3])
        raise EmptyError(
            f"{', '.join(map(str, paths))}: no {kind} left to work on ({counts['read']} read"
            + (f"; {reasons})" if reasons else ")"),
            remedy="check the input",
        )
    duplicates = pd.concat([partition.duplicates for partition in written], ignore_index=True)
    write_table(duplicates, result / "duplicates.csv")
    write_table(skipped, result / "skipped.csv")
    totals = by_skill.rename_axis("skill_id").reset_index()
    totals.insert(1, "label", [taxonomy[skill].label("en") for skill in totals["skill_id"]])
    write_table(totals, result / "counts.csv")
    with whole_file(result / MANIFEST) as stream:
        manifest = {
            "version": __version__,
            "taxonomy": {"name": taxonomy.name, "version": taxonomy.version},
            "inputs": [path.name for path in paths],
            "kind": kind,
            "counts": counts,
            "parts": parts,
        }
        json.dump(manifest, stream, indent=1, sort_keys=True)
        stream.write("\n")
    return Extraction(state, verdicts, parts, counts, duplicates, skipped)
