"""Sentences with labelled spans, as in SkillSpan (Zhang et al. 2022, arXiv:2204.12811): JSONL with BIO tags."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from skillmatch.errors import InputError
from skillmatch.spans.chain import KINDS

_TAGS = {"B", "I", "O"}
_REMEDY = "give JSONL with tokens, tags_skill, tags_knowledge (B, I or O for each token), and idx and source"


class GoldSentence(NamedTuple):
    """A sentence: its words, the spans (start, end) of each kind, and the document that it is of."""

    words: tuple[str, ...]
    skill: tuple[tuple[int, int], ...]
    knowledge: tuple[tuple[int, int], ...]
    document: str

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """Those of both kinds, each place once."""
        return tuple(sorted({*self.skill, *self.knowledge}))


def read_gold(file: str | Path) -> list[GoldSentence]:
    """Sentences of a file, in its order; a document is what has the same ``source`` and ``idx``.

    Raises
    ------
    InputError : the file cannot be read, or a row is not as it should be.
    """
    path = Path(file)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({error})", remedy=_REMEDY) from error
    return [_sentence(line, f"{path.name}, row {row}") for row, line in enumerate(lines, 1) if line.strip()]


def bio_spans(tags: list[str]) -> tuple[tuple[int, int], ...]:
    """Spans (start, end) of BIO tags; an I after O begins a span.

    >>> bio_spans(["B", "I", "B", "O"])
    ((0, 2), (2, 3))
    """
    spans = []
    start = None
    for at, tag in enumerate([*tags, "O"]):
        if start is not None and tag != "I":
            spans.append((start, at))
            start = None
        if tag == "B" or (tag == "I" and start is None):
            start = at
    return tuple(spans)


def _sentence(line: str, place: str) -> GoldSentence:
    try:
        row: dict[str, Any] = json.loads(line)
        words = tuple(map(str, row["tokens"]))
        tags = [list(row[f"tags_{kind}"]) for kind in KINDS]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{place}: not a labelled sentence ({error!r})", remedy=_REMEDY) from error
    for of_kind in tags:
        if len(of_kind) != len(words) or not set(of_kind) <= _TAGS:
            raise InputError(f"{place}: {len(words)} tokens, but the tags are {of_kind[:20]}", remedy=_REMEDY)
    skill, knowledge = map(bio_spans, tags)
    return GoldSentence(words, skill, knowledge, f"{row.get('source', '')} {row.get('idx', '')}".strip())
