"""Component ``skillmatch_sections``: the roles of `skillmatch.sections` as ``doc.spans["sections"]``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from spacy.tokens import Doc

from skillmatch.components.annotations import SECTIONS, text_of
from skillmatch.sections import Section, Source, split_all

#: As many documents, or as many characters of them, are read at once.
_BATCH = 64
_CHARACTERS = 200_000


class SectionSplitter:
    """Writes the sections of a Doc; ``doc._.kind`` says whether it is a posting or a syllabus.

    The sections are kept as character positions (``doc.user_data``), since a line need not end with a token.
    """

    def __call__(self, doc: Doc) -> Doc:
        return next(self.pipe([doc]))

    def pipe(self, docs: Iterable[Doc], *, batch_size: int = _BATCH) -> Iterator[Doc]:
        """The same Docs with their sections; ``batch_size``: how many are read at once, at most 64."""
        batch: list[Doc] = []
        characters = 0
        for doc in docs:
            if batch and (
                len(batch) >= min(batch_size, _BATCH) or characters > _CHARACTERS or batch[0]._.kind != doc._.kind
            ):
                yield from _read(batch)
                batch, characters = [], 0
            batch.append(doc)
            characters += len(text_of(doc))
        if batch:
            yield from _read(batch)


def _read(docs: list[Doc]) -> list[Doc]:
    sources = [Source(text_of(doc), doc._.title, doc._.employer) for doc in docs]
    for doc, sections in zip(docs, split_all(sources, kind=docs[0]._.kind), strict=True):
        doc.user_data[SECTIONS] = [tuple(section) for section in sections]
    return docs


def sections_of(doc: Doc) -> list[Section]:
    """Sections of a Doc, ``[]`` where the component has not run."""
    return [Section(*row) for row in doc.user_data.get(SECTIONS, [])]
