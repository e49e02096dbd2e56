"""Component ``skillmatch_linker``: skills that a sentence speaks of in other words than the taxonomy's names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from spacy.tokens import Doc, SpanGroup
from spacy.vocab import Vocab

from skillmatch.components.annotations import LINKED, SKILLS, text_of

if TYPE_CHECKING:
    from skillmatch.linking.linker import Link, Linker

_SENTENCE = re.compile(r"[^\n]+?(?:[.!?;](?=\s)|(?=\n)|$)", re.MULTILINE)
_BATCH = 64
#: Sentences whose links are kept: advertisements of one employer share many. Then it starts anew, so that memory stays.
_MOST_KNOWN = 50_000


class SkillLinker:
    """Adds to ``doc.spans["skills"]`` what the linker finds above its threshold and the matcher did not.

    A skill that the matcher found in the same sentence is not added again. The span is the words that support the
    link most; its probability is kept for the component that reads the context.
    """

    def __init__(self, vocab: Vocab, *, language: str, linker: Linker | None = None) -> None:
        self.vocab = vocab
        self.language = language
        self._linker = linker
        self._known: dict[str, list[Link]] = {}

    @property
    def linker(self) -> Linker:
        """The linker, for the bundled taxonomy unless another was given."""
        if self._linker is None:
            from skillmatch.linking.linker import Linker

            self._linker = Linker()
        return self._linker

    def use(self, linker: Linker) -> None:
        """Link with this linker from now on."""
        self._linker = linker
        self._known = {}

    def __call__(self, doc: Doc) -> Doc:
        return next(iter(self.pipe([doc])))

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = _BATCH) -> Iterator[Doc]:
        """Link the sentences of several documents together."""
        docs = iter(stream)
        while batch := list(islice(docs, max(1, min(batch_size, _BATCH)))):
            places = [list(sentences_of(text_of(doc))) for doc in batch]
            texts = [text_of(doc)[start:end] for doc, found in zip(batch, places, strict=True) for start, end in found]
            links = iter(self._links(texts))
            for doc, found in zip(batch, places, strict=True):
                self._add(doc, [(start, end, next(links)) for start, end in found])
                yield doc

    def _links(self, texts: list[str]) -> list[list[Link]]:
        """Links of each sentence; one that was met before is not linked again."""
        if len(self._known) > _MOST_KNOWN:
            self._known = {}
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known.update(zip(new, self.linker.link(new, language=self.language), strict=True))
        return [self._known[text] for text in texts]

    def _add(self, doc: Doc, sentences: list[tuple[int, int, list[Any]]]) -> None:
        text = text_of(doc)
        spans = list(doc.spans.get(SKILLS, ()))
        matched = [(span.start_char, span.end_char, span.kb_id_) for span in spans]
        probabilities: dict[tuple[int, int, str], float] = {}
        for start, end, links in sentences:
            there = {skill_id for first, last, skill_id in matched if first < end and last > start}
            for link in links:
                if link.skill_id in there:
                    continue
                first, last = self.linker.span(text[start:end], link.skill_id, language=self.language)
                span = doc.char_span(
                    start + first, start + last, label=link.label, kb_id=link.skill_id, alignment_mode="expand"
                )
                if last > first and span is not None:
                    spans.append(span)
                    probabilities[span.start, span.end, link.skill_id] = link.probability
        if probabilities:
            spans.sort(key=lambda span: (span.start, span.end, span.kb_id_))
            doc.spans[SKILLS] = SpanGroup(doc, name=SKILLS, spans=spans)
        doc.user_data[LINKED] = probabilities

    # The linker is handed over, it is no part of a saved pipeline.

    def to_disk(self, path: Any, *, exclude: tuple[str, ...] = ()) -> None:
        pass

    def from_disk(self, path: Any, *, exclude: tuple[str, ...] = ()) -> SkillLinker:
        return self

    def to_bytes(self, *, exclude: tuple[str, ...] = ()) -> bytes:
        return b""

    def from_bytes(self, data: bytes, *, exclude: tuple[str, ...] = ()) -> SkillLinker:
        return self


def sentences_of(text: str) -> Iterator[tuple[int, int]]:
    """Bounds of the sentences of a text; a line end ends a sentence.

    >>> text = "Weld frames. Read drawings\\n- PLC"
    >>> [text[start:end] for start, end in sentences_of(text)]
    ['Weld frames.', 'Read drawings', '- PLC']
    """
    for match in _SENTENCE.finditer(text):
        found = match.group()
        start = match.start() + len(found) - len(found.lstrip())
        end = match.start() + len(found.rstrip())
        if end > start:
            yield start, end
