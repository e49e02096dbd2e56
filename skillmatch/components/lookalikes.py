"""Letters and capitals that only look like a skill's name: initials, marks, codes of courses, sums of money."""

from __future__ import annotations

import re

from spacy.tokens import Doc

_CURRENCY = 3  # letters of a currency's code
_CODE = (3, 4)  # letters of a course's code
_COURSE_NUMBER = re.compile(r"\d{3,5}[A-Z]?")
_MARKS = frozenset(("or better", "or higher", "or above"))
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,]\d{3})+k?")


def is_no_name(doc: Doc, start: int, end: int, size: int) -> bool:
    """Whether the tokens ``start`` to ``end``, which read like a name of ``size`` letters, are something else."""
    if size == 1 and (_is_initial(doc, start) or _is_mark(doc, start)):
        return True
    if size == _CURRENCY and _is_amount(doc, start, end):
        return True
    return end - start == 1 and doc._.kind == "syllabus" and _is_code(doc, start)


def stands_out(doc: Doc, at: int) -> bool:
    """Whether a word is in capitals and the words around it are not."""
    around = [token for token in doc[max(0, at - 1) : at + 2] if token.i != at and len(token) > _CURRENCY]
    return doc[at].is_upper and not (len(around) > 1 and all(token.is_upper for token in around))


def _is_initial(doc: Doc, at: int) -> bool:
    """Whether a letter abbreviates a name: "R. Dorf"."""
    behind = doc[at + 1 : at + 3].text
    return len(behind) > 2 and behind.startswith(". ") and behind[2].isupper()


def _is_mark(doc: Doc, at: int) -> bool:
    """Whether a letter is a mark: "70 = C", "C or better"."""
    around = doc[max(0, at - 1) : at].text, doc[at + 1 : at + 2].text
    return "=" in around or doc[at + 1 : at + 3].text.lower() in _MARKS


def _is_code(doc: Doc, at: int) -> bool:
    """Whether capitals and a number are a course's code: "MATH 308"."""
    if not doc[at].is_upper or len(doc[at]) not in _CODE:
        return False
    return _COURSE_NUMBER.fullmatch(doc[at + 1 : at + 2].text) is not None


def _is_amount(doc: Doc, start: int, end: int) -> bool:
    """Whether three letters are a currency: "PHP 40,000", "40,000 PHP"."""
    return any(_THOUSANDS.fullmatch(token.text) is not None for token in doc[max(0, start - 1) : end + 1])
