"""Component ``skillmatch_context``: what a mention means where it stands.

Left out are mentions that say nothing of the skill: in the job board's own text, and names of other people's jobs
("liaise with project managers"). For the others:

Section: the stretch the mention lies in. Strength: from cues in the mention's sentence (*a plus*, *non è richiesta*,
*is assumed*), else from the section. Level: the nearest Bloom verb or proficiency phrase before the mention in its
sentence. Probability: the measured share of mentions that were right (docs/quality.md).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Any

import spacy
from spacy.attrs import IDX, LENGTH
from spacy.tokens import Doc, SpanGroup
from spacy.vocab import Vocab

from skillmatch.components.annotations import LINKED, SKILLS, set_readings, text_of
from skillmatch.components.sections import sections_of
from skillmatch.lexicons import read_lexicon
from skillmatch.normalization import SKIP, Normalizer, tokenize_name
from skillmatch.phrases import PhraseTrie
from skillmatch.sections import KINDS

_BY_SECTION = {
    "posting": {"preferred": "preferred", "employer": "mentioned", "offer": "mentioned"},
    "syllabus": {"prerequisites": "assumed", "assessment": "mentioned", "reading": "mentioned", "other": "mentioned"},
}
_DEFAULT = {"posting": "required", "syllabus": "taught"}
#: The cue that wins where a sentence holds several.
_PRECEDENCE = ("negated", "assumed", "preferred", "mentioned")
_GAP = "…"
#: Share of 400 mentions in real postings and syllabi that were judged right by hand (docs/quality.md). One-word names
#: (97 of 104) and longer ones (271 of 296) did not differ beyond chance.
PROBABILITY = 0.92


_AGENTS = (
    "manager engineer developer scientist programmer technician designer analyst consultant specialist architect "
    "administrator operator planner buyer auditor supervisor inspector electrician mechanic scrum master owner"
).split()
_AGENT = frozenset(_AGENTS)
_AGENT_PLURAL = frozenset(f"{agent}s" for agent in _AGENTS)
# Words behind which a job's name means somebody to work with: "report to the project manager".
_WITH_OTHERS = re.compile(
    r"(?i)\b(?:with|to|by|from|alongside|between|among|supports?|supporting|assists?|assisting|con|ai|agli|al|allo|alla|"
    r"dal|dai|dagli|verso|affiancando|affiancherà|supporterà|supportare|assistere)\b[^.;:\n]{0,45}$"
)


class SkillContext:
    """Reads section, strength, level and probability of each span in ``doc.spans["skills"]``."""

    def __init__(self, vocab: Vocab, *, language: str) -> None:
        self.vocab = vocab
        self.language = language
        self._normalizer = Normalizer(language, vocab.strings)
        self._tokenizer = spacy.blank(language).tokenizer
        self._terms = {kind: PhraseTrie() for kind in KINDS}
        for row in read_lexicon("cues"):
            if row["language"] == language:
                self._add_cue(row["kind"], row["cue"], row["strength"])
        for row in read_lexicon("levels"):
            if row["language"] == language:
                for kind in KINDS:
                    self._terms[kind].add(self._keys(row["term"]), ("level", int(row["level"]), ()))
        self._normalizer.freeze()

    def __call__(self, doc: Doc) -> Doc:
        spans = doc.spans.get(SKILLS)
        if not spans:
            set_readings(doc, [])
            return doc
        kind, text = doc._.kind, text_of(doc)
        sections = sections_of(doc)
        starts = [section.start for section in sections]
        cues, levels = self._find(doc, kind)
        by_section, default = _BY_SECTION[kind], _DEFAULT[kind]
        employer = employer_name(doc._.employer) if kind == "posting" else ""
        linked = doc.user_data.get(LINKED, {})
        kept, readings = [], []
        for span in spans:
            start, end = span.start_char, span.end_char
            role = sections[bisect_right(starts, start) - 1].role if sections else ""
            if kind == "posting" and role == "other":
                continue
            if role != "title" and names_other_people(text, start, end):
                continue
            kept.append(span)
            first, last = sentence_bounds(text, start, end)
            strength = self._strength(cues, first, start, end, last) or by_section.get(role, default)
            if employer and strength == "required" and role == "" and employer in text[first:last]:
                strength = "mentioned"  # a sentence with the employer's name tells what the firm does
            level = None
            for at, until, value in levels:
                if until > start:
                    break
                if at >= first:
                    level = value
            probability = linked.get((span.start, span.end, span.kb_id_), PROBABILITY) if linked else PROBABILITY
            readings.append((probability, role, strength, level))
        if len(kept) < len(spans):
            doc.spans[SKILLS] = SpanGroup(doc, name=SKILLS, spans=kept)
        set_readings(doc, readings)
        return doc

    def _keys(self, phrase: str) -> tuple[int, ...]:
        return self._normalizer.stem_phrase(tokenize_name(phrase, self._tokenizer))

    def _add_cue(self, kind: str, cue: str, strength: str) -> None:
        """``before … after``: the mention stands at the gap; one side may be empty."""
        before, after = (self._keys(part.strip()) for part in cue.split(_GAP)) if _GAP in cue else (self._keys(cue), ())
        if before:
            self._terms[kind].add(before, ("before", strength, after))
        else:
            self._terms[kind].add(after, ("after", strength, ()))
        if before and after:
            self._terms[kind].add(after, ("closes", strength, after))

    def _find(self, doc: Doc, kind: str) -> tuple[list[tuple[int, int, str, str, Any]], list[tuple[int, int, int]]]:
        """Cues as (start, end, side, strength, closing keys) and levels as (start, end, level), in characters."""
        stems = self._normalizer.stems(doc)
        at = [i for i, stem in enumerate(stems) if stem != SKIP]
        places = doc.to_array([IDX, LENGTH]).tolist()
        cues, levels = [], []
        for start, end, values in self._terms[kind].find([stems[i] for i in at]):
            first_char, last_char = places[at[start]][0], sum(places[at[end - 1]])
            for side, value, closing in values:
                if side == "level":
                    levels.append((first_char, last_char, value))
                else:
                    cues.append((first_char, last_char, side, value, closing))
        return cues, levels

    @staticmethod
    def _strength(cues: list[tuple[int, int, str, str, Any]], first: int, start: int, end: int, last: int) -> str:
        """Strength by the cues between ``first`` and ``last`` around the mention ``start..end``, "" without any."""
        found = set()
        for cue_start, cue_end, side, strength, closing in cues:
            if cue_start < first or cue_end > last:
                continue
            if side == "before" and cue_end <= start:
                if not closing or any(c[2] == "closes" and c[4] == closing and end <= c[0] < last for c in cues):
                    found.add(strength)
            elif side == "after" and cue_start >= end:
                found.add(strength)
        return next((strength for strength in _PRECEDENCE if strength in found), "")

    # The lexicons travel with the package: nothing of its own to save.

    def to_disk(self, path: Any, *, exclude: tuple[str, ...] = ()) -> None:
        pass

    def from_disk(self, path: Any, *, exclude: tuple[str, ...] = ()) -> SkillContext:
        return self

    def to_bytes(self, *, exclude: tuple[str, ...] = ()) -> bytes:
        return b""

    def from_bytes(self, data: bytes, *, exclude: tuple[str, ...] = ()) -> SkillContext:
        return self


def names_other_people(text: str, start: int, end: int) -> bool:
    """Whether a mention is the name of somebody else's job: in the plural, or behind *with*, *report to*, *con* ...

    >>> names_other_people("liaise with project managers", 12, 28)
    True
    >>> names_other_people("project manager for new lines", 0, 15)
    False
    """
    last = text[start:end].rsplit(None, 1)[-1].lower()
    if last in _AGENT_PLURAL:
        return True
    return last in _AGENT and _WITH_OTHERS.search(text, max(0, start - 60), start) is not None


def employer_name(employer: str) -> str:
    """The first telling word of an employer's name, by which a text speaks of it; "" where there is none.

    >>> employer_name("La Ferrolana Rolling Stock S.p.A.")
    'Ferrolana'
    """
    return next((word for word in re.findall(r"[^\W\d_]+", employer) if len(word) > 3 and word[0].isupper()), "")


def sentence_bounds(text: str, start: int, end: int, *, limit: int = 400) -> tuple[int, int]:
    """The sentence around ``text[start:end]``, at most ``limit`` characters to each side.

    >>> sentence_bounds("One. Two three\\nfour", 5, 8)
    (5, 14)
    """
    low, high = max(0, start - limit), min(len(text), end + limit)
    first = max(text.rfind("\n", low, start) + 1, low)
    for stop in (". ", "! ", "? ", "; "):
        found = text.rfind(stop, first, start)
        if found >= 0:
            first = found + 2
    last = text.find("\n", end, high)
    last = high if last < 0 else last
    for stop in (". ", "! ", "? ", "; "):
        found = text.find(stop, end, last)
        if found >= 0:
            last = found + 1
    return first, last
