"""What points to a person, masked: e-mail addresses, phone numbers, fiscal codes, and names where that is asked for.

Masks keep the length of what they hide, so that the offsets of mentions stay true. Documents are masked when they are
read, before anything else sees them; so every table, report and cache is made of masked text.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from skillmatch.lexicons import read_lexicon

MASK = "█"
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,63}){1,5}")
_PHONE = re.compile(r"(?<![\w.,/])(?:\+|00)?\(?\d(?:[ ()./-]{0,2}\d){7,14}(?![\w])")
_DATE_LIKE = re.compile(r"^\(?(?:\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\d{4}\s?[-/]\s?\d{4})")
# In the code of a person who shares it with another, letters stand for some digits.
_FIGURE = "[0-9LMNP-Vlmnp-v]"
_FISCAL_CODE = re.compile(
    rf"(?i)(?P<label>\bc\.? ?f\.?\W{{1,3}}|\bcod(?:ice|\.) ?fiscale\W{{1,3}})?"
    rf"\b(?P<code>[a-z]{{6}}{_FIGURE}{{2}}[a-ehlmprst]{_FIGURE}{{2}}[a-z]{_FIGURE}{{3}}[a-z])\b"
)
_VAT_NUMBER = re.compile(
    r"(?i)\b(?:p(?:artita|\.)? ?iva|vat)\b(?: ?(?:no|nr|number|id|reg))?[.:°# ]{0,4}(?P<code>(?:it ?)?\d{11})\b"
)
_ODD_PLACES = dict(
    zip("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21,
         2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23), strict=True)
)  # fmt: skip
_WORD = re.compile(r"\w+")
_NAME = r"[A-ZÀ-Þ](?:[a-zß-ÿ]{1,20}|'[A-ZÀ-Þ][a-zß-ÿ]{1,20})(?:[-'][A-ZÀ-Þ][a-zß-ÿ]{1,20})?"
_NAMES = rf"{_NAME}(?: (?:de|di|da|del|della|van|von) {_NAME}| {_NAME}){{0,3}}"
_TITLED = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Prof|Prof\.ssa|Sig|Sig\.ra|Sig\.na|Dott|Dott\.ssa|Dr\.ssa|Ing|Avv|Rag|Geom)\.? "
    rf"(?P<code>{_NAMES})"
)
_LABELLED = re.compile(
    rf"\b(?i:contact(?: person)?|your contact|recruiter|hiring manager|lecturer|instructor|teacher|taught by|referente|"
    rf"contatto|contattare|persona di riferimento|docente|docente responsabile|titolare del corso) ?[:–-]? "
    rf"(?P<code>{_NAME} {_NAMES})"
)
_NOT_BEFORE_NAME = re.compile(
    r"(?i)\b(?:san|santa|sant|saint|st|via|viale|piazza|corso|villa|street|university of)\W+$"
)
#: Columns whose plain figures are phone numbers; elsewhere a long number may be an id, a salary, a date.
_PHONE_COLUMN = re.compile(r"(?i)phone|tel|mobile|cell|fax|contact|contatt|recapit")
#: Columns that hold the name of a person and nothing else.
_PERSON_COLUMN = re.compile(
    r"(?i)teacher|lecturer|instructor|professor|docent|titolare|recruiter|referente|contact_?(?:name|person)|author|autor"
)
_KEPT = ("document_id", "source", "row", "kind", "language")


def mask_contacts(text: str) -> str:
    """The text with e-mail addresses, phone numbers, Italian fiscal codes and VAT numbers masked, lengths kept.

    A fiscal code is masked where its check character is right, or where it is called one; a VAT number only where it
    is called one.

    >>> mask_contacts("scrivi a hr@example.com")
    'scrivi a ██████████████'
    """
    text = _EMAIL.sub(_hide, text) if "@" in text else text
    text = _FISCAL_CODE.sub(_hide_fiscal_code, text)
    text = _VAT_NUMBER.sub(_hide_code, text)
    return _PHONE.sub(_hide_phone, text)


def mask_names(text: str) -> str:
    """The text with the names of persons masked, as far as they can be told without knowing who they are.

    Masked are the capitalised words behind a title (*Dott.ssa*, *Mr*) or a label (*contact:*, *docente:*), and a
    common given name with the capitalised words that follow it. Names of other origins that stand alone, names in
    lower case or in capitals, and given names alone stay; a firm or place that is named like a person goes.

    >>> mask_names("Contact: Ada Verdi, or Maria Neri in Pistoia")
    'Contact: █████████, or ██████████ in Pistoia'
    """
    text = _LABELLED.sub(_hide_code, _TITLED.sub(_hide_code, text))
    return _given_names().sub(_hide_name, text)


def mask_record(record: dict[str, Any], *, names: bool = False) -> None:
    """Mask all values of a record in place, except its id and place; in the metadata, no figures but phone numbers."""
    for field, value in record.items():
        if field in _KEPT or not isinstance(value, str) or not value:
            continue
        if field in ("text", "title"):
            value = mask_contacts(value)
            record[field] = mask_names(value) if names else value
        elif names and _PERSON_COLUMN.search(field):
            record[field] = _WORD.sub(_hide, value)
        elif "@" in value or len(value) >= 8:
            value = _masked_metadata(field, value)
            record[field] = mask_names(value) if names and field != "employer" else value


def _masked_metadata(field: str, value: str) -> str:
    value = _EMAIL.sub(_hide, value) if "@" in value else value
    value = _FISCAL_CODE.sub(_hide_fiscal_code, value) if len(value) >= 16 else value
    if _PHONE_COLUMN.search(field) or "+" in value:
        return _PHONE.sub(_hide_phone, value)
    return value


def has_right_check(code: str) -> bool:
    """Whether the last character of an Italian fiscal code fits the others (decree of 23 December 1976).

    >>> has_right_check("RSSMRA80A01G713X"), has_right_check("RSSMRA80A01G713F")
    (False, True)
    """
    code = code.upper()
    odd = sum(_ODD_PLACES[character] for character in code[:15:2])
    even = sum(int(c) if c.isdigit() else ord(c) - ord("A") for c in code[1:15:2])
    return chr(ord("A") + (odd + even) % 26) == code[15]


def _hide(match: re.Match[str]) -> str:
    return MASK * len(match.group())


def _hide_code(match: re.Match[str]) -> str:
    """The match with its group ``code`` masked."""
    text, start = match.group(), match.start()
    return text[: match.start("code") - start] + MASK * len(match["code"]) + text[match.end("code") - start :]


def _hide_fiscal_code(match: re.Match[str]) -> str:
    return _hide_code(match) if match["label"] or has_right_check(match["code"]) else match.group()


def _hide_phone(match: re.Match[str]) -> str:
    return match.group() if _DATE_LIKE.match(match.group()) else _hide(match)


def _hide_name(match: re.Match[str]) -> str:
    ahead = match.string[max(0, match.start() - 16) : match.start()]
    return match.group() if _NOT_BEFORE_NAME.search(ahead) else _hide(match)


@cache
def _given_names() -> re.Pattern[str]:
    known = "|".join(sorted(row["name"] for row in read_lexicon("given-names")))
    return re.compile(rf"\b(?:{known})(?: {_NAME}){{1,3}}")
