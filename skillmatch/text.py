"""Raw text made readable: entities, Markdown escapes and odd spaces undone, contacts masked.

Everything here is a function from ``str`` to ``str`` (or to positions in it); nothing knows of spaCy.
"""

from __future__ import annotations

import html
import re
import unicodedata

# Zero-width characters, soft hyphens and direction marks change nothing a reader sees, but they break words.
_INVISIBLE = dict.fromkeys(
    [0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)
_CHARACTERS = _INVISIBLE | {
    ord("\u2019"): "'", ord("\u2018"): "'", ord("\u00b4"): "'", ord("`"): "'",
    ord("\u201c"): '"', ord("\u201d"): '"', ord("\u00a0"): " ", ord("\u202f"): " ", ord("\u2009"): " ",
    ord("\u2010"): "-", ord("\u2011"): "-", ord("\u2028"): "\n", ord("\u2029"): "\n", ord("\x0b"): "\n",
    ord("\x0c"): "\n", ord("\t"): " ",
}  # fmt: skip
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_ESCAPE = re.compile(r"\\([\\*_\-#.+!()\[\]{}>&|~`'\"/:;,%@=<?$^ ])")
_EMPHASIS = re.compile(r"(?<!\w)(\*\*\*|\*\*|__)(?=\S)|(?<=\S)(\*\*\*|\*\*|__)(?!\w)")
_HEADING = re.compile(r"^ {0,3}#{1,6} +", re.MULTILINE)
_BULLET = re.compile(r"^[ ]*(?:[*+\u2022\u25cf\u25aa\u25e6\u00b7\u2023\u27a2\uf0b7\u2713\u2714]|\u2013|\u2014|-)[ ]+", re.MULTILINE)
_SPACES = re.compile(r" {2,}")
_BLANK = re.compile(r" *\n(?: *\n)+ *")
_LINE = re.compile(r" *\n *")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,300}>")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,31});")

_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,63}){1,5}")
_PHONE = re.compile(r"(?<![\w.,/])(?:\+|00)?\(?\d(?:[ ()./-]{0,2}\d){7,14}(?![\w])")
_FISCAL_CODE = re.compile(r"\b[A-Za-z]{6}\d{2}[A-Za-z]\d{2}[A-Za-z]\d{3}[A-Za-z]\b")
_DATE_LIKE = re.compile(r"^\(?(?:\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\d{4}\s?[-/]\s?\d{4})")

#: Where a sentence may end. A line break always ends one: lists in ads have no full stops.
SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[^\s\d,;)])|(?<=;)\s+|\s*\n\s*|\s[\u2022\u25cf\u25aa]\s?")


def clean(text: str) -> str:
    r"""Readable plain text from a field that may hold HTML entities, Markdown and stray characters.

    Line breaks and bullets are kept (bullets all become ``"- "``), since sections are read from them.

    >>> clean("R&amp;D \\- **PLC** programming\u200b")
    'R&D - PLC programming'
    >>> clean("* un\u2019idea\n\n\n* e poi")
    "- un'idea\n\n- e poi"
    """
    if "&" in text and _ENTITY.search(text):
        text = html.unescape(html.unescape(text))
    if "<" in text and _TAG.search(text):
        text = _TAG.sub(" ", re.sub(r"(?i)<(?:br|/p|/li|/h\d|/div|/tr)[^<>]{0,100}>", "\n", text))
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_CHARACTERS)
    text = unicodedata.normalize("NFC", text)
    text = _CONTROL.sub("", text)
    if "\\" in text:
        # Some boards escape twice, so that a hyphen arrives as two backslashes and a hyphen.
        text = _ESCAPE.sub(r"\1", _ESCAPE.sub(r"\1", text))
    if "**" in text or "__" in text:
        text = _EMPHASIS.sub("", text)
    text = _HEADING.sub("", text)
    text = _BULLET.sub("- ", text)
    text = _SPACES.sub(" ", text)
    text = _LINE.sub("\n", _BLANK.sub("\n\n", text))
    return text.strip()


def mask_contacts(text: str) -> str:
    """The text with e-mail addresses, phone numbers and Italian fiscal codes masked, lengths kept.

    Lengths are kept so that the offsets of mentions stay true.

    >>> mask_contacts("scrivi a hr@example.com")
    'scrivi a ██████████████'
    """

    def hide(match: re.Match[str]) -> str:
        found = match.group()
        if _DATE_LIKE.match(found):
            return found
        return "█" * len(found)

    for pattern in (_EMAIL, _FISCAL_CODE, _PHONE):
        text = pattern.sub(hide, text)
    return text


def sentence_ends(text: str) -> list[int]:
    """Offsets behind which a new sentence begins, ascending; the last one is ``len(text)``.

    >>> sentence_ends("One. Two\\nThree")
    [5, 9, 14]
    """
    ends = [match.end() for match in SENTENCE_END.finditer(text)]
    if not ends or ends[-1] != len(text):
        ends.append(len(text))
    return ends
