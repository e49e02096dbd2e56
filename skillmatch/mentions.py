"""From documents to the table of mentions: the one place where spaCy Docs become rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from itertools import groupby, islice
from typing import Any

import pandas as pd
from spacy.language import Language
from spacy.tokens import Doc

from skillmatch.components.annotations import SKILLS, readings, set_text, text_of
from skillmatch.pipeline import Pipelines
from skillmatch.taxonomy import Taxonomy, load_taxonomy

#: Columns of the table; ``start`` and ``end`` are characters of the document's text, ``probability`` is in 0..1,
#: ``level`` is 1..6 (Bloom) or missing.
MENTION_COLUMNS = (
    "document_id", "skill_id", "start", "end", "text", "probability", "section", "strength", "level",
)  # fmt: skip
#: What is read of a document to find its mentions.
TEXT_COLUMNS = ("kind", "title", "text", "employer", "language")
_BATCH = 500
#: Words of a vocabulary. spaCy meets a word that it must forget again as a new one each time: with an empty vocabulary,
#: that doubled the time of a document.
_MOST_WORDS = 200_000
#: spaCy's tokenizer takes marks off a stretch without spaces one by one, which for a line of 30,000 underscores took it
#: a minute. Marks in stretches that no text has are read as spaces; lengths stay, and so do offsets.
_LONG_STRETCH = re.compile(r"\S{300,}")
_NOT_WORD = re.compile(r"[\W_]")
_TYPES = {
    "start": "int64", "end": "int64", "probability": "float64", "level": "Int8",
    **dict.fromkeys(("document_id", "skill_id", "text", "section", "strength"), "str"),
}  # fmt: skip


def extract(
    documents: pd.DataFrame,
    *,
    taxonomy: Taxonomy | str = "manufacturing",
    pipelines: Pipelines | None = None,
    progress: Callable[[int], None] | None = None,
) -> pd.DataFrame:
    """Find the skills of a taxonomy in documents.

    Parameters
    ----------
    documents : the columns document_id, kind, title, text and language count, and employer
        where it is known; `skillmatch.read_documents` makes it.
    taxonomy : the skills to find; ignored where ``pipelines`` is given.
    pipelines : pipelines to use again, so that the taxonomy is compiled once for several calls.
    progress : called with the number of documents done since its last call.

    Returns
    -------
    Table of `MENTION_COLUMNS`, in the order of the documents, then by position. ``text`` is always the document's
    ``text[start:end]``.

    >>> documents = pd.DataFrame([{"document_id": "1", "kind": "posting", "title": "", "language": "en",
    ...                            "text": "Requirements:\\nPLC programming; TIG welding is a plus."}])
    >>> extract(documents)[["skill_id", "section", "strength"]].values.tolist()
    [['plc-programming', 'required', 'required'], ['tig-welding', 'preferred', 'preferred']]
    """
    if pipelines is None:
        pipelines = Pipelines(load_taxonomy(taxonomy) if isinstance(taxonomy, str) else taxonomy)
    table = documents if "employer" in documents else documents.assign(employer="")
    texts = table[list(TEXT_COLUMNS)].itertuples(index=False, name=None)
    rows: list[tuple[Any, ...]] = []
    found = find_mentions(texts, pipelines=pipelines, progress=progress)
    for document_id, mentions in zip(table["document_id"], found, strict=True):
        rows.extend((document_id, *mention) for mention in mentions)
    return mentions_table(rows)


def find_mentions(
    texts: Iterable[tuple[str, str, str, str, str]],
    *,
    pipelines: Pipelines,
    progress: Callable[[int], None] | None = None,
) -> Iterator[list[tuple[Any, ...]]]:
    """For each text (a tuple of `TEXT_COLUMNS`) its mentions, as tuples of `MENTION_COLUMNS` but for the first."""
    # Neighbours of one language go through its pipeline together; the order of the documents is kept.
    for language, run in groupby(texts, key=lambda row: row[4]):
        nlp = pipelines[language]
        while batch := list(islice(run, _BATCH)):
            # Once the vocabulary is large, what the texts add to it is forgotten behind them: memory stays flat.
            with nlp.memory_zone() if len(nlp.vocab.strings) > _MOST_WORDS else nullcontext():
                found = [_rows(doc) for doc in nlp.pipe(_docs(nlp, batch), batch_size=_BATCH)]
            if progress is not None:
                progress(len(batch))
            yield from found


def mentions_table(rows: Iterable[tuple[Any, ...]]) -> pd.DataFrame:
    """Tuples of `MENTION_COLUMNS` as the table of mentions."""
    return pd.DataFrame(rows, columns=list(MENTION_COLUMNS)).astype(_TYPES)


def _docs(nlp: Language, batch: Iterable[tuple[str, ...]]) -> Iterator[Doc]:
    for kind, title, text, employer, _ in batch:
        doc = nlp.make_doc(_LONG_STRETCH.sub(_loosen, text))
        set_text(doc, text)
        doc._.kind = kind
        doc._.title = title
        doc._.employer = employer
        yield doc


def _loosen(stretch: re.Match[str]) -> str:
    return _NOT_WORD.sub(" ", stretch.group())


def _rows(doc: Doc) -> list[tuple[Any, ...]]:
    text = text_of(doc)
    return [
        (span.kb_id_, span.start_char, span.end_char, text[span.start_char : span.end_char], *reading)
        for span, reading in zip(doc.spans.get(SKILLS, ()), readings(doc), strict=True)
    ]
