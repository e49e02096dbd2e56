"""An audit kept in a folder, so that questions can be asked later without reading the documents again."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from skillmatch.analysis import Analysis
from skillmatch.background import bundled_background, read_background
from skillmatch.errors import InputError
from skillmatch.output import write_table
from skillmatch.taxonomy import load_taxonomy

POSTINGS, COURSES, MENTIONS, RECORD = "postings.parquet", "courses.parquet", "mentions.parquet", "run.json"


def save_documents(analysis: Analysis, folder: Path) -> None:
    """Write what `load_run` needs of postings and courses: ids and metadata, no text."""
    for name, table in ((POSTINGS, analysis.jobs), (COURSES, analysis.courses)):
        kept = table.drop(columns="text")
        text = [column for column in kept.columns if column != "own"]
        write_table(kept.astype(dict.fromkeys(text, "str")), folder / name)


def load_run(folder: str | Path) -> Analysis:
    """The analysis of an audit that was written to a folder.

    Raises
    ------
    InputError : the folder holds no audit, or one of another version of the taxonomy.
    """
    folder = Path(folder)
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        tables = {name: pd.read_parquet(folder / name) for name in (POSTINGS, COURSES, MENTIONS)}
        options, known = record["options"], record["taxonomy"]
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"{folder}: no audit in it ({error})", remedy="name a folder made by 'audit'") from error
    taxonomy = load_taxonomy(options.get("taxonomy", "manufacturing"))
    if taxonomy.version != known["version"]:
        raise InputError(
            f"{folder}: made with version {known['version']} of the taxonomy {taxonomy.name!r}, now {taxonomy.version}",
            remedy="run the audit again",
        )
    chosen = options.get("background")
    return Analysis(
        taxonomy=taxonomy,
        jobs=tables[POSTINGS],
        courses=tables[COURSES],
        mentions=tables[MENTIONS],
        background=read_background(chosen) if chosen else bundled_background(taxonomy),
        by=[name for name in record.get("by", []) if name in tables[POSTINGS]],
    )
