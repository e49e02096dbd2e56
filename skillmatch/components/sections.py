"""Component ``skillmatch_sections``: the roles of `skillmatch.sections` as ``doc.spans["sections"]``."""

from __future__ import annotations

from spacy.tokens import Doc

from skillmatch.components.annotations import SECTIONS, text_of
from skillmatch.sections import Section, split_sections


class SectionSplitter:
    """Writes the sections of a Doc; ``doc._.kind`` says whether it is a posting or a syllabus.

    The sections are kept as character positions (``doc.user_data``), since a line need not end with a token.
    """

    def __call__(self, doc: Doc) -> Doc:
        known = doc._
        sections = split_sections(text_of(doc), kind=known.kind, title=known.title, employer=known.employer)
        doc.user_data[SECTIONS] = [tuple(section) for section in sections]
        return doc


def sections_of(doc: Doc) -> list[Section]:
    """Sections of a Doc, ``[]`` where the component has not run."""
    return [Section(*row) for row in doc.user_data.get(SECTIONS, [])]
