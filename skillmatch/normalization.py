"""Words reduced to what they share with their other forms: the one place where stemming is decided.

Two keys for each token, both small integers so that matching costs no string work:

* the *stem* (Snowball): ``programming``, ``programmed`` and ``programs`` are one. Used inside phrases, where the
  neighbours keep the meaning straight.
* the *singular*: only the plural (English) or the last vowel (Italian, longer words) is cut. Used for one-word names,
  since the stem of *machining* is also that of *machine*, and the stem of *saldare* is also that of *saldo*.

Function words, hyphens and apostrophes have stem 0 and are skipped, so ``programmazione dei PLC`` and
``programmazione PLC`` are the same phrase. Other punctuation has a stem that no phrase contains and so ends one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from typing import TypeVar

import numpy as np
import Stemmer
from spacy.attrs import ORTH
from spacy.strings import StringStore
from spacy.tokens import Doc

from skillmatch.coordination import role_of

SKIP = 0
BARRIER = 1
_AND = "&"
_GLUE = {"-", "/", "'", "’", '"', "``", "''", "_", "*", "'s", "’s"}
FUNCTION_WORDS = {
    "en": frozenset(("a an the of in on for to with by from at its their your our").split()),
    "it": frozenset(
        (
            "il lo la i gli le l un uno una di del dello della dei degli delle dell d da dal dalla dai dalle dall "
            "in nel nello nella nei negli nelle nell su sul sulla sui sulle sull per con col a al allo alla ai "
            "agli alle all"
        ).split()
    ),
}
_AND_WORDS = {"en": {"and", "&"}, "it": {"e", "ed", "and", "&"}}
_ALGORITHM = {"en": "english", "it": "italian"}
_SIBILANT_PLURAL = re.compile(r"(?:s|x|ch|sh)es$")
_LONGEST_ACRONYM = 5
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_LAST_VOWEL = re.compile(r"(?:io|[aeio])$")
#: More distinct words than this and the caches start anew, so that memory stays flat on millions of documents.
_CACHE_LIMIT = 400_000
# Both keys and the role in one number: one look-up a token.
_KEY_BITS = 24
_ROLE_BITS = 3
_Word = TypeVar("_Word")
_Value = TypeVar("_Value")


def fold(word: str) -> str:
    """Lower-case without accents.

    >>> fold("Qualità")
    'qualita'
    """
    word = word.lower()
    if word.isascii():
        return word
    return _NOT_ASCII.sub(_without_accents, word)


def _without_accents(found: re.Match[str]) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", found.group()) if not unicodedata.combining(c))


def singular(word: str, language: str) -> str:
    """A folded word without its plural ending: deliberately light, so that different words stay different.

    >>> singular("welders", "en"), singular("machining", "en"), singular("saldature", "it")
    ('welder', 'machining', 'saldatur')
    """
    if language == "it":
        # Short words are left alone: without their last vowel too many of them meet (cappe, capp; sale, sali).
        return _LAST_VOWEL.sub("", word) if len(word) > 5 else word
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if _SIBILANT_PLURAL.search(word):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) and word != "does":
        return word[:-1]
    return word


@lru_cache(maxsize=_CACHE_LIMIT)
def _stemmed(word: str, language: str) -> str:
    return _stemmer(language).stemWord(word)


@cache
def _stemmer(language: str) -> Stemmer.Stemmer:
    return Stemmer.Stemmer(_ALGORITHM[language])


class _Cache(dict[_Word, _Value]):
    """What is computed once a word, by the word or by its hash in the vocabulary."""

    def __init__(self, compute: Callable[[_Word], _Value]) -> None:
        super().__init__()
        self._compute = compute

    def __missing__(self, word: _Word) -> _Value:
        if len(self) > _CACHE_LIMIT:
            self.clear()
        value = self[word] = self._compute(word)
        return value


class Normalizer:
    """Turns tokens into keys for one language; keys are numbered in the order in which words are first seen.

    Only words that occur in a phrase (`phrase` has been called with them) get keys of their own; all other words
    share the key 1, which no phrase contains.
    """

    def __init__(self, language: str, strings: StringStore) -> None:
        self.language = language
        self._strings = strings
        self._keys: dict[str, int] = {}
        self._acronyms: set[str] = set()  # CMMS, DCS: their last letter is no plural
        self._and = self._number(_AND)
        self._numbers = _Cache(self._number_of)
        self._stems = _Cache(self._stem)
        self._all = _Cache(self._stem_singular_and_role)

    def stems(self, doc: Doc) -> np.ndarray:
        """Stem key of each token; 0 to skip, 1 for words that stand in no phrase."""
        return np.fromiter(map(self._stems.__getitem__, doc.to_array(ORTH).tolist()), dtype=np.int64, count=len(doc))

    def keys(self, doc: Doc) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Stem key, singular key and role in coordinations (`skillmatch.coordination`) of each token."""
        packed = np.fromiter(map(self._all.__getitem__, doc.to_array(ORTH).tolist()), dtype=np.int64, count=len(doc))
        low = (1 << _KEY_BITS) - 1
        return packed >> (_KEY_BITS + _ROLE_BITS), packed >> _ROLE_BITS & low, packed & ((1 << _ROLE_BITS) - 1)

    def phrase(self, words: Iterable[str]) -> tuple[int, ...]:
        """Keys of a phrase of the taxonomy: stems without function words, or one singular for a one-word name.

        A one-word key is negative, so that the two kinds cannot meet.
        """
        words = list(words)
        keys = self.stem_phrase(words)
        content = len(keys) - keys.count(self._and)
        if content == 1:
            only = next(word for word in words if self._numbers[word] not in (SKIP, self._and))
            word = fold(only)
            if only.isupper() and word.endswith("s") and len(word) <= _LONGEST_ACRONYM:
                self._acronyms.add(word)
            return (-self._number(self._one(word)),)
        return keys

    def stem_phrase(self, words: Iterable[str]) -> tuple[int, ...]:
        """Stem keys of a phrase without its function words, also where only one word is left."""
        numbers = self._numbers
        return tuple([key for word in words if (key := numbers[word])])

    def singulars(self, words: Iterable[str]) -> frozenset[int]:
        """The singular keys of words, as far as they are those of a phrase."""
        return frozenset(self._keys.get(self._one(fold(word)), BARRIER) for word in words) - {BARRIER}

    def freeze(self) -> None:
        """Forget cached tokens: to be called once after the phrases were added."""
        for known in (self._numbers, self._stems, self._all):
            known.clear()

    def _number(self, text: str) -> int:
        return self._keys.setdefault(text, len(self._keys) + 2)

    def _number_of(self, word: str) -> int:
        stem = self._stem_text(word)
        return self._number(stem) if stem else SKIP

    def _stem_text(self, word: str) -> str:
        """Stem of a word, "" where it is skipped."""
        if word == "AI":  # not the Italian preposition
            return "ai"
        folded = fold(word)
        if folded in _AND_WORDS[self.language]:
            return _AND
        stripped = folded.strip("'’-*_()\"")
        if not stripped or stripped in FUNCTION_WORDS[self.language] or folded in _GLUE:
            return ""
        return _stemmed(stripped, self.language)

    def _stem(self, orth: int) -> int:
        stem = self._stem_text(self._strings[orth])
        return self._keys.get(stem, BARRIER) if stem else SKIP

    def _singular(self, orth: int) -> int:
        word = fold(self._strings[orth]).strip("'’-*_()\"")
        return self._keys.get(self._one(word), BARRIER)

    def _stem_singular_and_role(self, orth: int) -> int:
        role = role_of(fold(self._strings[orth]), self.language)
        return (self._stem(orth) << _KEY_BITS | self._singular(orth)) << _ROLE_BITS | role

    def _one(self, word: str) -> str:
        """What a folded word that is a name by itself is compared by."""
        return "1 " + (word if word in self._acronyms else singular(word, self.language))


_PLAIN_WORD = re.compile(r"[^\W_]+(?:[+#]+)?")


def words_of(text: str, language: str) -> list[str]:
    """Stems of the words of a text without function words, for bags of words.

    >>> words_of("Programming of the machines", "en")
    ['program', 'machin']
    """
    words = [word for word in map(fold, _PLAIN_WORD.findall(text)) if word not in FUNCTION_WORDS[language]]
    return _stemmer(language).stemWords(words)
