"""Documents with their reading marked in the text: roles of sections, mentions with strength and level.

The notation (described in corpora/reading/README.md): ``#doc ID | title=… | employer=…`` begins a document,
``[[role]]`` a section, and ``{{words|skill-id|strength|level}}`` is a mention.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from skillmatch.errors import InputError
from skillmatch.sections import ROLES, Section

STRENGTHS = {
    "posting": ("required", "preferred", "mentioned", "negated"),
    "syllabus": ("taught", "assumed", "mentioned"),
}
PARTS = ("tuning", "test", "all")
_ID = re.compile(r"(en|it)-(posting|syllabus)-(\d+)$")
_DOCUMENT = re.compile(r"^#doc ", re.MULTILINE)
_MARK = re.compile(r"\[\[(\w+)\]\]|\{\{([^|{}]+)\|([^|{}]+)\|(\w+)\|([1-6]?)\}\}")
_STRAY = re.compile(r"\{\{|\}\}|\[\[|\]\]")


class LabelledMention(NamedTuple):
    """``text[start:end]`` names one of the skills (several ids: the words honestly mean several)."""

    start: int
    end: int
    skills: tuple[str, ...]
    strength: str
    level: int | None


class LabelledDocument(NamedTuple):
    """A document without its marks, and what they said."""

    document_id: str
    kind: str
    language: str
    title: str
    employer: str
    text: str
    sections: list[Section]
    mentions: list[LabelledMention]

    @property
    def part(self) -> str:
        """``tuning`` for odd running numbers, ``test`` for even ones."""
        return "tuning" if int(self.document_id.rsplit("-", 1)[1]) % 2 else "test"


def read_labelled(path: Path, *, part: str = "all") -> list[LabelledDocument]:
    """Labelled documents of a file, or of all ``*.txt`` files of a folder, in order of file name and place.

    Raises
    ------
    InputError : there is no such file, or a mark in it cannot be understood.
    """
    files = sorted(path.glob("*.txt")) if path.is_dir() else [path]
    if not files or not all(file.is_file() for file in files):
        raise InputError(f"{path}: no labelled documents", remedy="name a .txt file, or a folder that holds some")
    found = [document for file in files for document in _read_file(file)]
    return [document for document in found if part in ("all", document.part)]


def parse_document(name: str, head: str, body: str) -> LabelledDocument:
    """One document from its line after ``#doc`` and the text below; ``name`` says in errors where it stands.

    >>> found = parse_document("x.txt", "en-posting-001 | title=Fitter", "[[required]]No {{TIG welding|tig|negated|}}.")
    >>> found.text, found.mentions[0].skills, found.sections
    ('No TIG welding.', ('tig',), [Section(start=0, end=15, role='required')])
    """
    document_id, *fields = (field.strip() for field in head.split("|"))
    known = _ID.match(document_id)
    if known is None:
        raise InputError(f"{name}: document {document_id!r}", remedy="write e.g. en-posting-001 or it-syllabus-012")
    values = dict(field.partition("=")[::2] for field in fields)
    language, kind, _ = known.groups()
    pieces: list[str] = []
    size = at = 0
    marks: list[tuple[int, str]] = []
    mentions = []
    for mark in _MARK.finditer(body):
        plain = body[at : mark.start()]
        at = mark.end()
        pieces.append(plain)
        size += len(plain)
        role, words, skills, strength, level = mark.groups()
        if role is not None:
            _check(f"{name}: {document_id}", role, ROLES[kind])
            marks.append((size, role))
            continue
        _check(f"{name}: {document_id}", strength, STRENGTHS[kind])
        pieces.append(words)
        mentions.append(
            LabelledMention(size, size + len(words), tuple(skills.split("+")), strength, int(level) if level else None)
        )
        size += len(words)
    text = "".join([*pieces, body[at:]])
    stray = _STRAY.search(text)
    if stray or not marks or text[: marks[0][0]].strip():
        raise InputError(
            f"{name}: {document_id}: " + (f"stray {stray.group()}" if stray else "text before the first section"),
            remedy="see corpora/reading/README.md for the marks",
        )
    ends = [start for start, _ in marks[1:]] + [len(text)]
    sections = [Section(start, end, role) for (start, role), end in zip(marks, ends, strict=True) if end > start]
    return LabelledDocument(
        document_id, kind, language, values.get("title", ""), values.get("employer", ""), text, sections, mentions
    )


def _read_file(file: Path) -> Iterable[LabelledDocument]:
    for block in _DOCUMENT.split(file.read_text(encoding="utf-8"))[1:]:
        head, _, body = block.partition("\n")
        yield parse_document(file.name, head, body.strip("\n"))


def _check(where: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed or not value:
        raise InputError(f"{where}: {value!r}", remedy=f"use one of {', '.join(filter(None, allowed))}")
