"""The background corpus: how common each skill is in postings of all kinds, so that the telling ones lead."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from skillmatch.errors import InputError
from skillmatch.resources import resource
from skillmatch.taxonomy import Taxonomy

#: Row of the file that holds the number of postings of the corpus.
_ALL = "*"


@dataclass(frozen=True)
class Background:
    """``documents``: postings that name each skill (index: skill id), out of ``size``."""

    documents: pd.Series
    size: int


def count_background(mentions: pd.DataFrame, size: int) -> Background:
    """Background from the mentions in ``size`` postings."""
    counts = mentions.groupby("skill_id")["document_id"].nunique().sort_index()
    return Background(counts, size)


def read_background(source: str | Path) -> Background:
    """Read a file that `write_background` made.

    Raises
    ------
    InputError : the file is not of that form.
    """
    try:
        with Path(source).open(encoding="utf-8", newline="") as stream:
            rows = {row["skill_id"]: int(row["documents"]) for row in csv.DictReader(stream)}
        size = rows.pop(_ALL)
    except (OSError, KeyError, ValueError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            f"{source}: no background file ({error})", remedy="make one with 'skillmatch taxonomy background'"
        ) from error
    return Background(pd.Series(rows, dtype="int64"), size)


def write_background(background: Background, path: str | Path) -> None:
    """Write a background as CSV: ``skill_id, documents``; the row ``*`` has the size of the corpus."""
    with Path(path).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["skill_id", "documents"])
        writer.writerow([_ALL, background.size])
        writer.writerows(background.documents.items())


def bundled_background(taxonomy: Taxonomy) -> Background | None:
    """The background bundled for a taxonomy, None where there is none."""
    path = resource("corpora", "background", f"{taxonomy.name}.csv")
    return read_background(path) if path.is_file() else None
