"""Component ``skillmatch_matcher``: the names of a taxonomy, found in any inflection, as ``doc.spans["skills"]``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from spacy.tokens import Doc, Span, SpanGroup
from spacy.vocab import Vocab

from skillmatch.components.annotations import SKILLS, register
from skillmatch.components.lookalikes import is_no_name, stands_out
from skillmatch.coordination import Coordination, coordinations, same_form
from skillmatch.errors import TaxonomyError
from skillmatch.lexicons import read_lexicon
from skillmatch.memory import collector_paused
from skillmatch.normalization import BARRIER, FUNCTION_WORDS, Normalizer, fold, singular
from skillmatch.phrases import Members, PhraseTrie, longest
from skillmatch.taxonomy import Alias, Taxonomy, load_taxonomy
from skillmatch.tokenization import name_tokenizer, tokenize_name

_FILE = "taxonomy.json"
#: So many tokens from each other, two mentions of one skill in a coordination say it once.
_BESIDE = 8


class _Name(NamedTuple):
    """What a phrase in the trie stands for: a skill, or none ("" as its id) where the words only look like one."""

    skill_id: str
    alias: Alias
    foreign: bool = False  # a name of the other language: it must stand there as it is


class SkillMatcher:
    """Finds the longest names that do not overlap, in a Doc of one language.

    An English Doc is searched for the English names, an Italian one for the names of both languages, since Italian
    ads are full of English terms (and hardly ever the other way round). An English name in an Italian Doc must stand
    there as it is, but for the plural: Italian endings cut off it would make *commerce* of *commercio*.

    A weak name (``~turning``) counts only where the Doc shows a strong name of the same group, one of a kind
    (``English @posting``) only in a Doc of that kind.
    """

    def __init__(self, vocab: Vocab, *, language: str, taxonomy: str | Path | Taxonomy = "manufacturing") -> None:
        register()
        self.vocab = vocab
        self.language = language
        self.use(taxonomy if isinstance(taxonomy, Taxonomy) else load_taxonomy(taxonomy))

    def __call__(self, doc: Doc) -> Doc:
        spans = [
            Span(doc, start, end, label=self._labels[name.skill_id], kb_id=self._ids[name.skill_id])
            for start, end, name in self.find(doc)
        ]
        doc.spans[SKILLS] = SpanGroup(doc, name=SKILLS, spans=spans)
        return doc

    def find(self, doc: Doc) -> list[tuple[int, int, _Name]]:
        """(start token, end token, name) of each mention, by start."""
        stems, singulars, roles = self._normalizer.keys(doc)
        content = np.flatnonzero(stems)  # the others are skipped
        at = content.tolist()
        found = [(at[start], at[end - 1] + 1, names) for start, end, names in self._phrases.find(stems.take(content))]
        for i in self._opening.places(singulars):
            key = int(singulars[i])
            if key in self._mistakable and doc[i].lower_ in FUNCTION_WORDS[self.language] and not stands_out(doc, i):
                continue  # Italian "ai" is a preposition, "AI" is not
            found.append((i, i + 1, self._words[key]))
        chosen = []
        for start, end, names in found:
            name = self._choose(doc, start, end, names)
            if name is not None:
                chosen.append((start, end, name))
        mentions = longest(self._without_broader(chosen))
        shared = self._shared(doc, stems.tolist(), roles, mentions)
        if shared:
            places = {start for start, _, _ in shared}
            mentions = [mention for mention in mentions if mention[0] not in places] + shared
            mentions.sort(key=lambda mention: mention[0])
        mentions = [mention for mention in mentions if mention[2].skill_id]
        if any(name.alias.weak for _, _, name in mentions):
            groups = {self._groups[name.skill_id] for _, _, name in mentions if not name.alias.weak}
            mentions = [m for m in mentions if not m[2].alias.weak or self._groups[m[2].skill_id] in groups]
        return mentions

    def _without_broader(self, chosen: list[tuple[int, int, _Name]]) -> list[tuple[int, int, _Name]]:
        """Without a name that runs into that of a narrower skill: of "attività di manutenzione correttiva" the last two
        words say more."""
        chosen.sort(key=lambda mention: mention[0])
        kept = []
        for at, (start, end, name) in enumerate(chosen):
            for later, last, other in chosen[at + 1 :]:
                if later >= end:
                    kept.append((start, end, name))
                    break
                if last > end and later > start and name.skill_id in self._broader.get(other.skill_id, ()):
                    break
            else:
                kept.append((start, end, name))
        return kept

    def _shared(
        self, doc: Doc, stems: list[int], roles: np.ndarray, mentions: list[tuple[int, int, _Name]]
    ) -> list[tuple[int, int, _Name]]:
        """Mentions of which one word stands alone and the others are shared with the words it is joined with.

        They stand at that one word, where no other name is found (but for a bare subject of one kind of document), and
        say what is not said right beside it.
        """
        taken = {at for start, end, name in mentions if not name.alias.kind for at in range(start, end)}
        found: list[tuple[int, int, _Name]] = []
        for joined in coordinations(stems, roles):
            for element in joined.elements:
                if stems[element] == BARRIER or element in taken:
                    continue
                name = self._read_together(doc, stems, joined, element)
                if name is not None and not any(
                    name.skill_id == other.skill_id and abs(element - start) <= _BESIDE
                    for start, _, other in (*mentions, *found)
                ):
                    found.append((element, element + 1, name))
        return found

    def _read_together(self, doc: Doc, stems: list[int], joined: Coordination, element: int) -> _Name | None:
        """The longest name that an element of a coordination is part of."""
        best, longest_yet = None, 0
        for keys, least in joined.readings(element, stems[element]):
            for length, names in self._phrases.opening(keys):
                if length >= least and length > longest_yet:
                    other = joined.elements[0 if element == joined.elements[-1] else -1]
                    name = self._form_fits(doc[element].text, doc[other].text, names)
                    if name is not None:
                        best, longest_yet = name, length
        return best

    def _form_fits(self, word: str, other: str, names: list[_Name]) -> _Name | None:
        """The first name that a word joined with another can be part of: a stem alone would make *physics* of "fluid
        dynamics and physical", and words of different forms are seldom joined."""
        alike = same_form(word, other, self.language)
        if alike is False:
            return None
        for name in names:
            if name.foreign or name.alias.exact or name.alias.kind:
                continue
            if alike or singular(fold(word), self.language) in self._words_of(name.alias.text):
                return name
        return None

    def _words_of(self, name: str) -> frozenset[str]:
        found = self._singulars.get(name)
        if found is None:
            words = tokenize_name(name, self._tokenizer)
            found = self._singulars[name] = frozenset(singular(fold(word), self.language) for word in words)
        return found

    def _choose(self, doc: Doc, start: int, end: int, names: list[_Name]) -> _Name | None:
        for name in names:
            if name.alias.exact and not name.alias.is_written(doc[start:end].text):
                continue
            if name.alias.kind and name.alias.kind != doc._.kind:
                continue
            if is_no_name(doc, start, end, len(name.alias.text)):
                continue
            if name.foreign and not self._stands(name.alias.text, doc[start:end]):
                continue
            return name
        return None

    def _stands(self, name: str, span: Span) -> bool:
        """Whether the words of a name stand in the text as they are, but for the plural."""
        wanted = self._foreign.get(name)
        if wanted is None:
            wanted = self._foreign[name] = _plain_words(tokenize_name(name, self._tokenizer))
        return _plain_words(token.text for token in span) == wanted

    @collector_paused()
    def use(self, taxonomy: Taxonomy) -> None:
        """Search for the names of this taxonomy from now on."""
        self.taxonomy = taxonomy
        normalizer = Normalizer(self.language, self.vocab.strings)
        self._foreign: dict[str, tuple[str, ...]] = {}
        self._singulars: dict[str, frozenset[str]] = {}
        self._tokenizer = tokenizer = name_tokenizer(self.language)
        phrases = PhraseTrie()
        words: dict[int, list[_Name]] = {}
        known: dict[str, list[str]] = {}
        languages = ("en",) if self.language == "en" else (self.language, "en")
        for language in languages:
            for skill in self.taxonomy:
                for alias in sorted(skill.names(language), key=lambda alias: (not alias.kind, alias.weak)):
                    words_of_alias = tokenize_name(alias.text, tokenizer, known=known)
                    keys = normalizer.phrase(words_of_alias)
                    if not keys:
                        continue
                    name = _Name(skill.id, alias, foreign=language != self.language)
                    if len(keys) == 1:
                        names = words.setdefault(-keys[0], [])
                        if name not in names:
                            names.append(name)
                    else:
                        phrases.add(keys, name)
            for row in read_lexicon("no-skills"):
                if row["language"] == language:
                    keys = normalizer.phrase(tokenize_name(row["words"], tokenizer, known=known))
                    phrases.add(keys, _Name("", Alias(row["words"]), foreign=language != self.language))
        normalizer.freeze()
        self._normalizer, self._phrases, self._words, self._opening = normalizer, phrases, words, Members(words)
        self._mistakable = normalizer.singulars(FUNCTION_WORDS[self.language])
        strings = self.vocab.strings
        self._labels = {skill.id: strings.add(skill.label("en")) for skill in self.taxonomy}
        self._ids = {skill.id: strings.add(skill.id) for skill in self.taxonomy}
        self._broader = {skill.id: taxonomy.ancestors(skill.id) for skill in taxonomy if skill.broader}
        self._groups = {skill.id: skill.group for skill in self.taxonomy}

    # spaCy asks these of a component that has data of its own.

    def to_bytes(self, *, exclude: tuple[str, ...] = ()) -> bytes:
        return self.taxonomy.to_json().encode()

    def from_bytes(self, data: bytes, *, exclude: tuple[str, ...] = ()) -> SkillMatcher:
        self.use(Taxonomy.from_json(data.decode()))
        return self

    def to_disk(self, path: str | Path, *, exclude: tuple[str, ...] = ()) -> None:
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _FILE).write_text(self.taxonomy.to_json(), encoding="utf-8")

    def from_disk(self, path: str | Path, *, exclude: tuple[str, ...] = ()) -> SkillMatcher:
        file = Path(path) / _FILE
        if not file.is_file():
            raise TaxonomyError(f"no {_FILE} in {path}", remedy="save the pipeline with nlp.to_disk first")
        return self.from_bytes(file.read_bytes())


def _plain_words(words: Iterable[str]) -> tuple[str, ...]:
    """English words without plural, function words and signs, to compare a name with what stands in a text."""
    folded = (fold(word) for word in words)
    return tuple(singular(word, "en") for word in folded if word[:1].isalnum() and word not in FUNCTION_WORDS["en"])
