"""The sentences written for this project, each with the ESCO skills it speaks of (corpora/sentences)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from skillmatch.resources import resource


class Sentence(NamedTuple):
    """A sentence, its language, and the preferred English labels of its skills in ESCO (none: no skill)."""

    text: str
    language: str
    labels: tuple[str, ...]


@cache
def training_sentences() -> tuple[Sentence, ...]:
    """All sentences, in the order of their files."""
    return tuple(sentence for file in _files() for sentence in _read(file))


@cache
def sentences_digest() -> str:
    """SHA-256 of the files, for what is built from them."""
    total = hashlib.sha256()
    for file in _files():
        total.update(file.read_bytes())
    return total.hexdigest()


def _files() -> list[Path]:
    return sorted(resource("corpora", "sentences").glob("*.tsv"))


def _read(file: Path) -> Iterator[Sentence]:
    language = "it" if file.name.startswith("italian") else "en"
    for line in file.read_text(encoding="utf-8").splitlines()[1:]:
        text, _, labels = line.split("\t")
        yield Sentence(text, language, tuple(label.strip() for label in labels.split("|") if label.strip()))
