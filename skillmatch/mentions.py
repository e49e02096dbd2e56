"""From documents to the table of mentions: the one place where spaCy Docs become rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
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
_BATCH = 500
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
    [['plc-programming', 'required', 'required'], ['tig-welding', 'required', 'preferred']]
    """
    if pipelines is None:
        pipelines = Pipelines(load_taxonomy(taxonomy) if isinstance(taxonomy, str) else taxonomy)
    rows: list[tuple[Any, ...]] = []
    table = documents if "employer" in documents else documents.assign(employer="")
    fields = table[["document_id", "kind", "title", "text", "employer", "language"]].itertuples(index=False, name=None)
    # Neighbours of one language go through its pipeline together; the order of the documents is kept.
    for language, run in groupby(fields, key=lambda row: row[5]):
        nlp = pipelines[language]
        while batch := list(islice(run, _BATCH)):
            for document, doc in zip(batch, nlp.pipe(_docs(nlp, batch), batch_size=_BATCH), strict=True):
                rows.extend(_rows(document[0], doc))
            if progress is not None:
                progress(len(batch))
    return pd.DataFrame(rows, columns=list(MENTION_COLUMNS)).astype(_TYPES)


def _docs(nlp: Language, batch: Iterable[tuple[Any, ...]]) -> Iterator[Doc]:
    for _, kind, title, text, employer, _ in batch:
        doc = nlp.make_doc(text)
        set_text(doc, text)
        doc._.kind = kind
        doc._.title = title
        doc._.employer = employer
        yield doc


def _rows(document_id: str, doc: Doc) -> Iterator[tuple[Any, ...]]:
    text = text_of(doc)
    for span, (probability, section, strength, level) in zip(doc.spans.get(SKILLS, ()), readings(doc), strict=True):
        start, end = span.start_char, span.end_char
        yield document_id, span.kb_id_, start, end, text[start:end], probability, section, strength, level
