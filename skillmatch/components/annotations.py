"""What the components write on a Doc, under which names.

``doc.spans["skills"]``: the mentions, each span with ``kb_id_`` (the skill's id), ``label_`` (its English label) and
the custom attributes ``_.probability``, ``_.section``, ``_.strength``, ``_.level``. The attributes are read from one
list on the Doc, parallel to the spans: setting four custom attributes a span took longer than finding it.
"""

from __future__ import annotations

from typing import Any

from spacy.tokens import Doc, Span

SKILLS = "skills"
SECTIONS = "sections"
#: Under this name in ``doc.user_data``: (start token, end token, skill id) -> probability, for spans that were linked.
LINKED = "skillmatch_linked"
_READINGS = "skillmatch_readings"
_TEXT = "skillmatch_text"
FIELDS = ("probability", "section", "strength", "level")
UNKNOWN = (1.0, "", "", None)


def register() -> None:
    """Declare the custom attributes (again and again is fine)."""
    if not Doc.has_extension("kind"):
        Doc.set_extension("kind", default="posting")
        Doc.set_extension("title", default="")
        Doc.set_extension("employer", default="")
        for index, name in enumerate(FIELDS):
            Span.set_extension(name, getter=_getter(index))


def _getter(index: int) -> Any:
    def get(span: Span) -> Any:
        for other, reading in zip(span.doc.spans.get(SKILLS, ()), readings(span.doc), strict=False):
            if other.start == span.start and other.end == span.end:
                return reading[index]
        return UNKNOWN[index]

    return get


def text_of(doc: Doc) -> str:
    """``doc.text``, put together once: spaCy joins it from the tokens at each call, slower than all matching."""
    text = doc.user_data.get(_TEXT)
    if text is None:
        text = doc.user_data[_TEXT] = doc.text
    return text


def set_text(doc: Doc, text: str) -> None:
    """Remember the text that a Doc was made from."""
    doc.user_data[_TEXT] = text


def readings(doc: Doc) -> list[tuple[float, str, str, int | None]]:
    """(probability, section, strength, level) of each span in ``doc.spans["skills"]``, in the same order."""
    return doc.user_data.get(_READINGS, [])


def set_readings(doc: Doc, values: list[tuple[float, str, str, int | None]]) -> None:
    doc.user_data[_READINGS] = values


register()
