"""Words of a sentence as the linker sees them: folded, spelled the American way, stemmed, without function words."""

from __future__ import annotations

import re

import Stemmer

from skillmatch.normalization import fold

#: Marks the stems of Italian words, so that *come* (how) and *come* stay two words.
ITALIAN = "it:"
# Signs that belong to a name stay: c++, c#, .net. A possessive is no word.
_WORD = re.compile(r"\.net\b|[^\W_]+(?:[+#]+)?", re.IGNORECASE)
_POSSESSIVE = re.compile(r"['’]s\b")
_STEMMERS = {"en": Stemmer.Stemmer("english"), "it": Stemmer.Stemmer("italian")}
_STOP_WORDS = {
    "en": frozenset(
        """a able about all also an and any are as at be been being both but by can could did do does each eg either etc
        for from had has have he her here his how i ie if in include includes including into is it its may me might must
        new no nor not of on or other our out over per s shall she should so some such than that the their them then
        there these they this those to under up us use used using via was we well were what when where which while who
        will with within would you your""".split()
    ),
    "it": frozenset(
        """a ad agli ai al alla alle allo anche
        c che ci col come con d da dagli dai dal dall dalla dalle dallo degli dei
        del dell della delle dello di e ed essere gli i il in l la le lo loro ma ne negli nei nel nell nella nelle nello
        non nostra nostre nostri nostro o od per piu qual quale quali questa queste questi questo se sei si sia sono su
        sua sue sugli sui sul sull sulla sulle sullo suo suoi tra fra tua tue tuo tuoi un una uno vi""".split()
    ),
}
# Words that end like a British spelling and are none.
_SPELLED_SO = frozenset(
    """advise arise comprise concise devise disguise enterprise exercise expertise franchise improvise likewise
    merchandise noise otherwise paradise precise premise promise raise revise rise supervise surprise televise wise
    flour four hour our pour sour tour""".split()
)
_BRITISH = (
    ("isations", "izations"), ("isation", "ization"), ("ising", "izing"), ("ised", "ized"), ("iser", "izer"),
    ("ises", "izes"), ("ise", "ize"), ("ysing", "yzing"), ("ysed", "yzed"), ("yse", "yze"), ("grammes", "grams"),
    ("gramme", "gram"), ("ours", "ors"), ("our", "or"), ("tres", "ters"), ("tre", "ter"), ("elling", "eling"),
    ("elled", "eled"), ("aluminium", "aluminum"), ("jewellery", "jewelry"), ("behaviour", "behavior"),
)  # fmt: skip
_SHORTEST_BRITISH = 6


def words_in(text: str) -> list[tuple[str, int, int]]:
    """Folded words with their places, ``text[start:end]``.

    >>> words_in("C++ and .NET")
    [('c++', 0, 3), ('and', 4, 7), ('.net', 8, 12)]
    """
    return [(fold(match.group()), match.start(), match.end()) for match in _WORD.finditer(_plain(text))]


def folded_words(text: str) -> list[str]:
    """The words of `words_in` alone, faster."""
    return _WORD.findall(fold(_plain(text)))


def stem(word: str, language: str) -> str:
    """Key of a folded word, "" for a function word.

    >>> stem("modelling", "en"), stem("modeling", "en"), stem("macchine", "it"), stem("the", "en")
    ('model', 'model', 'it:macchin', '')
    """
    if word in _STOP_WORDS[language]:
        return ""
    if language == "it":
        return ITALIAN + _STEMMERS["it"].stemWord(word)
    return _STEMMERS["en"].stemWord(_american(word))


def _plain(text: str) -> str:
    return _POSSESSIVE.sub("  ", text) if "s" in text and ("'" in text or "’" in text) else text


def _american(word: str) -> str:
    if len(word) >= _SHORTEST_BRITISH and word not in _SPELLED_SO:
        for british, american in _BRITISH:
            if word.endswith(british):
                return word.removesuffix(british) + american
    return word
