"""Raw text made readable: entities, Markdown escapes and odd spaces undone.

Everything here is a function from ``str`` to ``str`` (or to positions in it); nothing knows of spaCy.
"""

from __future__ import annotations

import html
import re
import unicodedata

# Zero-width characters, soft hyphens and direction marks change nothing a reader sees, but they break words;
# control characters and halves of surrogate pairs cannot be written to all files.
_NOTHING = (
    *range(0x00, 0x0A), *range(0x0E, 0x20), 0x7F, 0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060,
    *range(0x2066, 0x206A), *range(0xD800, 0xE000), *range(0xFE00, 0xFE10), 0xFEFF,
)  # fmt: skip
_SPACE = (0x09, 0x00A0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)
_LINE_END = (0x0B, 0x0C, 0x0D, 0x2028, 0x2029)
_CHARACTERS = {
    # What stands here was Windows-1252 that somebody read as Latin-1.
    **{chr(code): bytes([code]).decode("cp1252", errors="ignore") for code in range(0x80, 0xA0)},
    **dict.fromkeys(map(chr, _NOTHING), ""),
    **dict.fromkeys(map(chr, _SPACE), " "),
    **dict.fromkeys(map(chr, _LINE_END), "\n"),
    **dict.fromkeys("\u2018\u2019\u00b4`\x91\x92", "'"),
    **dict.fromkeys("\u201c\u201d\x93\x94", '"'),
    **dict.fromkeys("\u2010\u2011", "-"),
    # Ligatures, which PDF has as one character.
    **dict(zip(map(chr, range(0xFB00, 0xFB07)), ("ff", "fi", "fl", "ffi", "ffl", "st", "st"), strict=True)),
}  # fmt: skip
# A search for the few odd characters is three times as fast as str.translate over all.
_ODD = re.compile(f"[{''.join(map(re.escape, _CHARACTERS))}]")
_ESCAPE = re.compile(r"\\([\\*_\-#.+!()\[\]{}>&|~`'\"/:;,%@=<?$^ ])")
# Any run of stars, since boards nest them; but not a line of underscores to write on.
_EMPHASIS = re.compile(r"(?<![\w*])\*{2,}(?=[^\s*])|(?<=[^\s*])\*{2,}(?![\w*])|(?<!\w)__(?=[^\s_])|(?<=[^\s_])__(?!\w)")
_LINK = re.compile(r"!?\[([^\[\]\n]{1,200})\]\((?:https?:|mailto:|[/#.])[^()\s]{0,500}\)")
_IMAGE = re.compile(r"!\[[^\[\]\n]{0,200}\]\([^()\n]{0,500}\)")
_BOX = re.compile(r"^( *(?:[-*+]|\d{1,3}[.)])) \[[ xX]\] ", re.MULTILINE)
_HEADING = re.compile(r"^ {0,3}#{1,6} +", re.MULTILINE)
_BULLET = re.compile(
    # Signs of office programs too: those of their symbol fonts are private characters.
    r"^ *(?:[\u2022\u25cf\u25aa\u25e6\u00b7\u2023\u27a2\u2713\u2714\uf000-\uf0ff\u2756\u2705\u2219\u27a1\u25a0\u25a1"
    r"\u25c6\u25c7\u25b6\u25ba\u2610\u2611\u2794\u279c\U0001f538\U0001f539] *|[*+\u2013\u2014-] +)",
    re.MULTILINE,
)
_SPACES = re.compile(r" {2,}")
_BLANK = re.compile(r" ?\n(?: ?\n)+ ?")
_LINE = re.compile(r" \n ?|\n ")
_LOOSE_BULLET = re.compile(r"^-\n(?=[^\n-])", re.MULTILINE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,300}>")
_ITEM_TAG = re.compile(r"<li\b[^<>]{0,300}>(?:\s{0,20}<(?:p|div|span)\b[^<>]{0,300}>)?", re.IGNORECASE)
_BREAK_TAG = re.compile(r"</?(?:br|p|ul|ol|h[1-6]|div|tr)\b[^<>]{0,300}>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,31});")
_MOST_ROUNDS = 12


def clean(text: str) -> str:
    r"""Readable plain text from a field that may hold HTML entities, Markdown and stray characters.

    Line breaks and bullets are kept (bullets all become ``"- "``), since sections are read from them.

    >>> clean("R&amp;D \\- **PLC** programming\u200b")
    'R&D - PLC programming'
    >>> clean("* un\u2019idea\n\n\n* e poi")
    "- un'idea\n\n- e poi"
    >>> clean("![logo](a.png)- [x] TIG <!-- later -->")
    '- TIG'
    """
    # What one round uncovers, the next one undoes: boards escape twice, entities hold tags, tags entities.
    for _ in range(_MOST_ROUNDS):
        before, text = text, _clean_once(text)
        if text == before:
            break
    return text


def _clean_once(text: str) -> str:
    if "&" in text and _ENTITY.search(text):
        text = html.unescape(text)
    text = unicodedata.normalize("NFC", _ODD.sub(_usual, text.replace("\r\n", "\n")))
    if "<!--" in text:
        text = _without_comments(text)
    if "<" in text:
        text = _TAG.sub(" ", _BREAK_TAG.sub("\n", _ITEM_TAG.sub("\n- ", text)))
    if "\\" in text:
        text = _ESCAPE.sub(r"\1", text)
    if "](" in text:
        text = _LINK.sub(r"\1", _IMAGE.sub(" ", text))
    if "] " in text:
        text = _BOX.sub(r"\1 ", text)
    if "**" in text or "__" in text:
        text = _EMPHASIS.sub("", text)
    text = _BULLET.sub("- ", _HEADING.sub("", text))
    text = _SPACES.sub(" ", text)
    return _LOOSE_BULLET.sub("- ", _LINE.sub("\n", _BLANK.sub("\n\n", text))).strip()


def _without_comments(text: str) -> str:
    """Without what stands in comments of HTML; an open one stays, since much may follow it."""
    pieces, at = [], 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start)) >= 0:
        pieces.append(text[at:start])
        at = end + 3
    return " ".join([*pieces, text[at:]])


def _usual(odd: re.Match[str]) -> str:
    return _CHARACTERS[odd.group()]
