"""Which names of an imported taxonomy a text may be searched for, and how strictly.

Classifications list under a skill whatever may lead a person to it: *design* under *think creatively*, *data* under
*statistics*. Searched for in ads, two thirds of all finds are such single words, and most are wrong. So the taxonomy's
own texts say how ordinary a word is: in how many skills it occurs, and whether descriptions use it in lower case.
The rules are in `_judge_word`. Names of the bundled taxonomy, chosen by hand, keep their own notation.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable

from spacy.strings import StringStore

from skillmatch.memory import collector_paused
from skillmatch.normalization import Normalizer, fold, singular
from skillmatch.taxonomies.draft import NAME_KINDS, Concept, Draft, Name
from skillmatch.taxonomy import LANGUAGES
from skillmatch.tokenization import name_tokenizer, tokenize_name

#: A word in the texts of so many other skills says nothing of any; in so many, it needs company in the document.
GENERIC = 20
COMMON = 100
_WORD = re.compile(r"[^\W\d_]+")
_REUSE = ("transversal", "cross-sector", "sector-specific", "occupation-specific")


@collector_paused()
def judge_names(draft: Draft, *, by_hand: str) -> None:
    """Set ``exact``, ``weak`` and ``match`` of all names but those of the source ``by_hand`` or with a notation.

    Of several skills with the same name, the one keeps it that it suits best: preferred label, name chosen by hand,
    most words in common with the preferred label, widest reuse, first in order.
    """
    for language in LANGUAGES:
        names = [(c, n) for c in draft.concepts.values() for n in c.names if n.language == language]
        if not names:
            continue
        keys = _keys_of(language)
        counts = _Counts(draft, language)
        labels = {c.id: set(keys(c.labels[language])[0]) for c, n in names if n.kind == "preferred"}
        owners: dict[tuple, list[tuple[tuple, Concept, Name]]] = defaultdict(list)
        for order, (concept, name) in enumerate(names):
            if name.kind == "example":
                name.match = False
                continue
            stems, word, phrase = keys(name.text)
            if not phrase:
                name.match = False
                continue
            label = labels.get(concept.id, set())
            marked = name.source == by_hand or name.exact or name.weak
            if word and not marked:
                _judge_word(name, word, set(stems) == label, label.issuperset(stems), counts)
            elif not marked:
                # Cut to a part of the label, it has lost what makes the skill: process control in the apparel industry.
                name.weak = label.issuperset(stems) and 2 * len(set(stems)) < len(label)
            if name.match:
                fit = len(label.intersection(stems)) / len(label.union(stems))
                reuse = _REUSE.index(concept.reuse_level) if concept.reuse_level in _REUSE else len(_REUSE)
                kind = (
                    0 if name.kind == "preferred" else 1 if name.source == by_hand else 1 + NAME_KINDS.index(name.kind)
                )
                claim = ((kind, -fit, reuse, order), concept, name)
                owners[(phrase, name.text if name.exact else "")].append(claim)
        for claims in owners.values():
            best = min(claims, key=lambda claim: claim[0])[1]
            for _, concept, name in claims:
                name.match = concept is best


def _judge_word(name: Name, word: str, is_label: bool, in_label: bool, counts: _Counts) -> None:
    """How a name of one word is searched for.

    Parameters
    ----------
    word : the word, without articles and the like.
    is_label, in_label : whether its stem is the preferred label, or a part of it.
    """
    ordinary, skills = counts.ordinary[word.lower()], counts.skills[counts.singular(word)]
    stem = counts.singular(word)
    if len(word) == 1 or (sum(map(str.isupper, word)) > 1 and max(ordinary, counts.ordinary[stem])):
        name.exact = True  # R, IT: not r, it
    elif name.kind == "preferred" and word[0].isupper() and ordinary and counts.capitals_tell:
        name.exact = True  # Polish
    elif name.kind == "preferred" or is_label:
        name.weak = skills >= COMMON  # communication, plan
        name.match = name.kind == "preferred" or not name.weak
        name.exact = name.weak and 2 * ordinary < counts.ordinary[stem]  # securities: not security
    elif not ordinary:
        name.match = counts.written[word] < COMMON  # Python, git; ICT, of printed circuit boards testing methods: not
    elif word[0].isupper() and counts.capitals_tell:
        name.exact = name.weak = True  # Access, Swift
    else:
        name.weak = True
        name.match = skills < (COMMON if in_label else GENERIC)  # welding techniques: welding; think creatively: design


def _keys_of(language: str) -> Callable[[str], tuple[tuple[int, ...], str, tuple[int, ...]]]:
    """A function from a name to its stems, its only word that counts ("" if several) and the key it is found by."""
    tokenizer = name_tokenizer(language)
    normalizer, known = Normalizer(language, StringStore()), dict[str, list[str]]()

    def keys(text: str) -> tuple[tuple[int, ...], str, tuple[int, ...]]:
        words = tokenize_name(text, tokenizer, known=known)
        stems, phrase = normalizer.stem_phrase(words), normalizer.phrase(words)
        single = len(phrase) == 1 and phrase[0] < 0
        word = next((w for w in words if normalizer.stem_phrase([w])), "") if single else ""
        return stems, word, phrase

    return keys


class _Counts:
    """How ordinary words are in the texts of a draft in one language.

    ``ordinary``: descriptions or examples that use a word in lower case; ``skills``: skills that have its singular in
    any text; ``written``: skills that have it in a name, capitals and all; ``capitals_tell``: labels begin in lower
    case, so that a capital marks a proper name.
    """

    def __init__(self, draft: Draft, language: str) -> None:
        self.language = language
        self.ordinary: Counter[str] = Counter()
        self.skills: Counter[str] = Counter()
        self.written: Counter[str] = Counter()
        for concept in draft.concepts.values():
            names = [name for name in concept.names if name.language == language]
            examples = (name.text for name in names if name.kind == "example")
            words = set(_WORD.findall(" ".join([concept.definitions.get(language, ""), *examples])))
            self.ordinary.update(word for word in words if word.islower())
            named = {word for name in names if name.kind != "example" for word in _WORD.findall(name.text)}
            self.written.update(named)
            words |= named
            self.skills.update({self.singular(word) for word in words})
        labels = [concept.labels[language] for concept in draft.concepts.values() if language in concept.labels]
        self.capitals_tell = 2 * sum(label[:1].isupper() for label in labels) < len(labels)

    def singular(self, word: str) -> str:
        return singular(fold(word), self.language)
