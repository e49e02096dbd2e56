"""The project's own form of a taxonomy: CSV files with the columns of `COLUMNS`.

Any number of files, read in name order, and an optional ``groups.csv`` (``group, label_en, label_it, technology``); or
a single such CSV file.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from skillmatch.errors import TaxonomyError
from skillmatch.taxonomy import KINDS, LANGUAGES, Alias, Group, Skill, Taxonomy

COLUMNS = (
    "id", "group", "broader", "kind", "craft", "digital", "label_en", "label_it",
    "aliases_en", "aliases_it", "definition_en", "definition_it", "esco_uri", "esco_label",
)  # fmt: skip
_REQUIRED = ("id", "label_en")


def read_csv_taxonomy(path: Path) -> Taxonomy:
    """Read a CSV file, or a folder of CSV files.

    Raises
    ------
    TaxonomyError : nothing there, a column is missing, or the content is inconsistent.
    """
    files = sorted(file for file in path.glob("*.csv") if file.name != "groups.csv") if path.is_dir() else [path]
    if not files:
        raise TaxonomyError(f"{path}: no CSV file in it", remedy="give a folder with CSV files")
    skills = [skill for file in files for skill in _read_skills(file)]
    if not skills:
        raise TaxonomyError(f"{path}: no skill in it", remedy="give at least one row with id and label_en")
    groups = _read_groups(path / "groups.csv") if path.is_dir() else []
    return Taxonomy(path.stem, skills, groups)


def _read_rows(file: Path, required: Iterable[str]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            missing = [column for column in required if column not in (reader.fieldnames or ())]
            if missing:
                raise TaxonomyError(
                    f"{file}: no column {missing[0]!r} (found: {', '.join(reader.fieldnames or ()) or 'none'})",
                    remedy=f"a taxonomy needs at least the columns {', '.join(required)}",
                )
            for row in reader:
                yield reader.line_num, {key: (value or "").strip() for key, value in row.items() if key}
    except (UnicodeDecodeError, csv.Error) as error:
        raise TaxonomyError(f"{file}: not a readable CSV file ({error})", remedy="save it as CSV in UTF-8") from error


def _read_skills(file: Path) -> Iterator[Skill]:
    for line, row in _read_rows(file, _REQUIRED):
        if not row["id"] or not row["label_en"]:
            raise TaxonomyError(
                f"{file}, line {line}: id {row['id']!r}, label_en {row['label_en']!r}", remedy="fill in both"
            )
        kind = row.get("kind") or "skill"
        if kind not in KINDS:
            raise TaxonomyError(f"{file}, line {line}: kind {kind!r}", remedy=f"use one of {', '.join(KINDS)}")
        yield Skill(
            id=row["id"],
            labels=_by_language(row, "label"),
            aliases={
                lang: tuple(Alias.parse(part.strip()) for part in written.split("|") if part.strip("=~ "))
                for lang, written in _by_language(row, "aliases").items()
            },
            kind=kind,
            broader=row.get("broader", ""),
            group=row.get("group", ""),
            craft=row.get("craft") == "1",
            digital=row.get("digital") == "1",
            definitions=_by_language(row, "definition"),
            uri=row.get("esco_uri", ""),
            esco_label=row.get("esco_label", ""),
        )


def _read_groups(file: Path) -> list[Group]:
    if not file.exists():
        return []
    return [
        Group(row["group"], _by_language(row, "label"), row.get("technology") == "1")
        for _, row in _read_rows(file, ("group", "label_en"))
    ]


def _by_language(row: dict[str, str], column: str) -> dict[str, str]:
    return {lang: row[f"{column}_{lang}"] for lang in LANGUAGES if row.get(f"{column}_{lang}")}
