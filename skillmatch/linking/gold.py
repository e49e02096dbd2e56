"""Labelled sentences of real postings, in the formats of the public benchmarks."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import NamedTuple

from skillmatch.errors import InputError

#: What annotators wrote where no label fits.
NO_LABEL = frozenset({"LABEL NOT PRESENT", "UNDERSPECIFIED", ""})
_REMEDY = "give a CSV file with the columns sentence and label (and span, language)"


class GoldSentence(NamedTuple):
    """A sentence, its language, and its labels (preferred labels or ids of a taxonomy)."""

    text: str
    language: str
    labels: tuple[str, ...]


def read_annotations(file: str | Path, *, language: str = "en") -> list[GoldSentence]:
    """Sentences of a CSV file with one row for each span (columns sentence, span, sub_span, label), in file order.

    A column ``language`` wins over the argument. Sentences without any label are kept: what is found there is false.

    Raises
    ------
    InputError : the file cannot be read, or lacks a column.
    """
    labels: dict[str, dict[str, None]] = {}
    languages: dict[str, str] = {}
    try:
        with Path(file).open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            missing = {"sentence", "label"} - set(reader.fieldnames or ())
            if missing:
                raise InputError(f"{file}: no column {', '.join(sorted(missing))}", remedy=_REMEDY)
            for row in reader:
                text = row["sentence"]
                found = labels.setdefault(text, {})
                languages.setdefault(text, row.get("language") or language)
                label = (row["label"] or "").strip()
                if label not in NO_LABEL:
                    found[label] = None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{file}: cannot be read ({error})", remedy=_REMEDY) from error
    return [GoldSentence(text, languages[text], tuple(found)) for text, found in labels.items()]


def read_gold(folder: Path) -> list[GoldSentence]:
    """All ``*_annotations.csv`` of a folder."""
    files = sorted(folder.glob("*_annotations.csv"))
    if not files:
        raise InputError(f"{folder}: no *_annotations.csv there", remedy="name the folder of the labelled sentences")
    return [sentence for file in files for sentence in read_annotations(file)]


def sentences_with_skills(folder: Path) -> list[tuple[str, bool]]:
    """(sentence, whether any word of it is tagged) of ``skillspan_train.jsonl``, ``[]`` where it is missing."""
    file = folder / "skillspan_train.jsonl"
    if not file.is_file():
        return []
    found = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            tagged = any(tag != "O" for tag in (*row["tags_skill"], *row["tags_knowledge"]))
            found.append((" ".join(row["tokens"]), tagged))
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{file}, line {number}: {error}", remedy="one JSON object a line, as in SkillSpan"
            ) from error
    return found
