"""How texts and names are split into words: alike, so that they meet."""

from __future__ import annotations

import re
from functools import cache
from typing import cast

import spacy
from spacy.language import Language
from spacy.tokenizer import Tokenizer
from spacy.util import compile_infix_regex, compile_prefix_regex, compile_suffix_regex

# "[linear programming](lp.md)", "[[Bode]]", "providers(AWS)": signs of Markdown and of wikis between words.
_BRACKETS = r"[\[\]|]+\(?|(?<=\w)[()](?=\w)"
# "organisational skills;excellent Excel", "knowledge of FreeRTOS.knowledge of C": what stood on lines of its own.
_GLUED = r"(?<=\w)[;!?](?=\w)|(?<=[a-zà-ÿ]{3})\.(?=[a-zà-ÿ]{4})"
_SLASH = r"(?<=[+#])/|(?<=[A-Za-z])#(?=/)"  # "C#/.NET", "C++/Python"
# spaCy's own pattern takes "Node.js/React" for the address of a page.
_ADDRESS = re.compile(r"(?:https?://|ftp://|www\.|mailto:)\S+$|[^\s@]+@[^\s@]+\.\w+$")
_BAR = r"[|/]"  # between the cells of a table, "AutoCAD/ SketchUp"
_HYPHEN_BEFORE_CAPITAL = r"(?<=[A-Za-zÀ-ÖØ-öø-ÿ])-(?=[A-ZÀ-ÖØ-Þ])"


def blank(language: str) -> Language:
    """A blank spaCy pipeline whose tokenizer takes words with a hyphen apart in either case, and words at brackets.

    spaCy's Italian one leaves *Back-End* and *FOLLOW-UP* whole, but not *back-end*.

    >>> [token.text for token in blank("it")("sviluppo Back-End")]
    ['sviluppo', 'Back', '-', 'End']
    """
    nlp = spacy.blank(language)
    infixes = [*(nlp.Defaults.infixes or []), _HYPHEN_BEFORE_CAPITAL, _BRACKETS, _SLASH, _GLUED]
    tokenizer = cast(Tokenizer, nlp.tokenizer)
    tokenizer.infix_finditer = compile_infix_regex(infixes).finditer
    tokenizer.prefix_search = compile_prefix_regex([*(nlp.Defaults.prefixes or []), _BAR]).search
    tokenizer.suffix_search = compile_suffix_regex([*(nlp.Defaults.suffixes or []), _BAR]).search
    tokenizer.url_match = _ADDRESS.match
    return nlp


@cache
def name_tokenizer(language: str) -> Tokenizer:
    """The tokenizer of a language for names, made once: making one takes a tenth of a second."""
    return cast(Tokenizer, blank(language).tokenizer)


def tokenize_name(name: str, tokenizer: Tokenizer, *, known: dict[str, list[str]] | None = None) -> list[str]:
    """The words of a name as the tokenizer would split them in a text.

    The tokenizer splits at spaces before all else, so that stretches between spaces can be looked up in ``known``,
    which remembers them from name to name: there are a hundred thousand names to compile before the first document is
    read. Those of plain letters are words.
    """
    known = {} if known is None else known
    words: list[str] = []
    for stretch in name.split():
        found = known.get(stretch)
        if found is None:
            plain = stretch.isalpha() and stretch not in tokenizer.rules
            found = known[stretch] = [stretch] if plain else [token.text for token in tokenizer(stretch)]
        words += found
    return words
