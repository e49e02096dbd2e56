"""What a syllabus states of its course besides what it teaches: code, credits, year, level, language, prerequisites.

Only what the text says outright is taken: a labelled field, or a phrase with one meaning that stands once. A column of
the file always goes before; ``facts_from_text`` names the fields that were read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import takewhile
from typing import Any

from skillmatch.documents.prerequisites import NEEDS, find_code, needed_courses

#: Hours of a student's work for one credit (Italian law on university credits; the ECTS guide says 25 to 30).
HOURS_OF_WORK_PER_ECTS = 25
#: Hours of teaching for one credit, where only these are stated: the usual measure of Italian engineering courses.
HOURS_OF_TEACHING_PER_ECTS = 8
#: Fields that may be found, under the names of columns.
FACTS = ("code", "ects", "year", "academic_year", "eqf", "teaching_language", "programme_stated", "prerequisites")

_HEAD = 1_500
_LONGEST_VALUE = 120
_SHORT_LINE = 90
_FIELD = re.compile(r"^[\W_]*([^\W\d_][^:\n]{1,60}?)\s*(?::[ \t]*\n?|\n)[ \t-]*(\S[^\n]*)", re.MULTILINE)
_LABELS = {
    "title": "(?:course|module|unit) (?:title|name)|course title and (?:number|code)|course|module|insegnamento|"
    "nome (?:dell')?insegnamento|nome del corso|titolo(?: del corso| dell'insegnamento)?|"
    "denominazione(?: (?:dell')?insegnamento)?",
    "code": "(?:course|module|subject|unit) (?:code|number|id)|course title and (?:number|code)|code|"
    "codice(?: (?:del )?corso| esame| (?:dell')?insegnamento)?",
    "ects": "(?:number of )?(?:ects|cfu)(?: credits?| points?)?|credits? \\(?(?:ects|cfu)\\)?|"
    "crediti(?: formativi(?: universitari)?)?(?: \\(?cfu\\)?)?|numero (?:di )?(?:cfu|crediti)",
    "year": "year(?: of (?:study|course))?|study year|course year|anno(?: di corso)?",
    "academic_year": "academic year|anno accademico|a\\.? ?a\\.?",
    "eqf": "(?:degree|course|study|qualification|eqf)? ?(?:level|cycle)|level of (?:study|the course)|eqf|"
    "type of degree|degree(?: programme)?|livello(?: eqf)?|ciclo|tipo di laurea|"
    "corso di (?:laurea|studi|studio)(?: magistrale| triennale)?",
    "teaching_language": "(?:teaching )?language(?: of (?:instruction|teaching|the course))?|taught in|"
    "lingua(?: (?:di|dell')\\s?(?:insegnamento|erogazione)| del corso)?",
    "programme_stated": "(?:degree|study) programme|programme of study|"
    "corso di (?:laurea|studi|studio)(?: magistrale| triennale)?(?: in)?",
}  # fmt: skip
_LABEL = {fact: re.compile(f"(?:{labels})", re.IGNORECASE) for fact, labels in _LABELS.items()}

_ANY_CODE = re.compile(r"\b[A-Z0-9][A-Za-z0-9]*(?:[-./][A-Za-z0-9]+)*\b")
_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"\d{1,3}(?:[.,]\d)?")
_CREDITS = re.compile(r"\b(\d{1,2}(?:[.,]\d)?) ?(?:ECTS|CFU|crediti formativi)\b", re.IGNORECASE)
_TEACHING = re.compile(
    r"(?i)\b(\d{2,3}) ?(?:ore|hours?|h) (?:of |di |in )?(?:lezion|didattica|frontal|aula|lectur|teaching|class|contact)"
    r"|^\W*(?:ore(?: di lezione| frontali| totali)?|numero (?:di )?ore|(?:contact|teaching|lecture) hours)\s*[:\n]\s*"
    r"(\d{2,3})\b",
    re.MULTILINE,
)
_WORK = re.compile(
    r"(?i)\b(?:(?:total |student )?workload|carico di lavoro|impegno (?:complessivo|totale))[^.\n\d]{0,40}(\d{2,3}) ?"
    r"(?:hours|ore|h)\b"
)
_ACADEMIC_YEAR = re.compile(r"(?i)\b(?:academic year|anno accademico|a\.? ?a\.?)\W{0,3}(20\d\d ?[/-] ?(?:20)?\d\d)\b")
_YEARS = {
    1: "1|i|primo|first|1st", 2: "2|ii|secondo|second|2nd", 3: "3|iii|terzo|third|3rd", 4: "4|iv|quarto|fourth|4th",
    5: "5|v|quinto|fifth|5th", 6: "6|vi|sesto|sixth|6th",
}  # fmt: skip
_YEAR = {year: re.compile(rf"(?i)\b(?:{names})[°º^.]? (?:anno|year)\b") for year, names in _YEARS.items()}
_YEAR_VALUE = {year: re.compile(rf"(?i)(?:{names})[°º^.]?(?: (?:anno|year))?\b") for year, names in _YEARS.items()}
_EQF = re.compile(r"(?i)\bEQF\W{0,3}(?:level|livello)?\W{0,2}([5-8])\b")
_LEVELS = {
    6: r"laurea triennale|bachelor|first[- ]cycle|primo ciclo|\bL-\d{1,2}\b|\bundergraduate",
    7: r"(?:laurea )?magistrale|master'?s|master of|second[- ]cycle|secondo ciclo|\bLM-\d{1,2}\b|\bmsc (?:in|course)|"
    r"(?<!under)(?<!under-)\bgraduate",
    8: r"dottorato di ricerca|corso di dottorato|ph\.?d\.? (?:course|programme|level)|doctoral|third[- ]cycle",
}
_LEVEL = {level: re.compile(f"(?i){names}") for level, names in _LEVELS.items()}
_LANGUAGES = {
    "it": "ital", "en": "ingl|engl", "fr": "franc|french", "de": "tedes|german", "es": "spagn|spanish",
}  # fmt: skip
_LANGUAGE = {code: re.compile(rf"(?i)\b(?:{names})", re.IGNORECASE) for code, names in _LANGUAGES.items()}
_TAUGHT_IN = re.compile(
    r"(?i)\b(?:taught|held|given|delivered|tiene|tenuto|erogato|impartito) (?:entirely )?(?:in|in lingua) (\w+)"
)


def add_facts(record: dict[str, Any]) -> None:
    """Facts of a course's text put into its record, where it has no column of that name.

    >>> record = {"text": "Robotics\\nCode: ME 301\\nCredits: 6 ECTS\\nPrerequisites: ME 201 or ME 202", "year": "2"}
    >>> add_facts(record)
    >>> record["code"], record["ects"], record["prerequisites"], record["facts_from_text"]
    ('ME301', '6', 'ME201 or ME202', 'code, ects, prerequisites')
    """
    found = {name: value for name, value in course_facts(record["text"]).items() if name not in record}
    if found:
        record.update(found)
        record["facts_from_text"] = ", ".join(found)


def course_facts(text: str) -> dict[str, str]:
    """The facts that a syllabus states, by the names in `FACTS`; ``ects`` also from hours, by the constants above.

    ``year`` is the year of study (1 to 6), ``eqf`` the level of the degree (6 bachelor, 7 master, 8 doctorate),
    ``teaching_language`` an ISO code, ``prerequisites`` codes of courses: ``"A or B; C"``. ``programme_stated`` says to
    which programme the text counts the course; it makes no programme by itself, since other syllabi may say nothing.
    """
    fields = _fields(text)
    numbers = text if _DIGIT.search(text) else ""  # most descriptions hold none, and are done sooner
    facts = {
        "code": _code(fields.get("code", []), numbers),
        "ects": _ects(fields.get("ects", []), numbers),
        "year": _year(fields.get("year", []), text),
        "academic_year": _first(_ACADEMIC_YEAR.findall(numbers[:_HEAD])).replace(" ", ""),
        "eqf": _eqf(fields.get("eqf", []), text),
        "teaching_language": _language(fields.get("teaching_language", []), text),
        "programme_stated": _first(value for value in fields.get("programme_stated", []) if value[:1].isupper()),
        "prerequisites": needed_courses(numbers),
    }
    return {name: value for name, value in facts.items() if value}


def stated_title(text: str) -> str:
    """The course's title where the text labels it, without the code that may follow.

    >>> stated_title("SYLLABUS\\nCourse title and number: Robotics, ME 301, section 5")
    'Robotics'
    """
    for value in _fields(text[:_HEAD]).get("title", []):
        code = find_code(value)
        title = (value[: code.start()] or value[code.end() :]) if code else value
        title = title.strip(" ,;:-–()[]")
        if title and any(map(str.isalpha, title)):
            return title
    return ""


def _fields(text: str) -> dict[str, list[str]]:
    """Values of labelled fields: behind a colon, or on the line below (the next cell of a table)."""
    fields: dict[str, list[str]] = {}
    at = 0
    while field := _FIELD.search(text, at):
        label, value = field.group(1), field.group(2).strip()
        facts = [name for name, labels in _LABEL.items() if labels.fullmatch(label)]
        for name in facts:
            if len(value) <= _LONGEST_VALUE:
                fields.setdefault(name, []).append(value)
        at = field.end() if facts else max(field.end(1), text.find("\n", field.start(1)))
    return fields


def _first(values: Iterable[str]) -> str:
    return next(iter(values), "")


def _only(values: Iterable[str]) -> str:
    """The value, where all are the same."""
    distinct = set(values)
    return distinct.pop() if len(distinct) == 1 else ""


def _code(values: list[str], text: str) -> str:
    for value in values:
        code = find_code(value) or next((c for c in _ANY_CODE.finditer(value) if re.search(r"\d", c.group())), None)
        if code:
            return code.group().replace(" ", "")
    head = [line for line in text[:_HEAD].split("\n") if line.strip()][:3]
    lines = takewhile(lambda line: not NEEDS.search(line), head)  # behind these words stand the codes of others
    codes = (find_code(line) for line in lines if len(line) <= _LONGEST_VALUE)
    return _first(code.group().replace(" ", "") for code in codes if code)


def _ects(values: list[str], text: str) -> str:
    for value in values:
        number = _NUMBER.match(value)
        if number and 0 < _float(number.group()) <= 60:
            return f"{_float(number.group()):g}"
    stated = _only(f"{_float(number):g}" for number in _CREDITS.findall(text))
    if stated and _float(stated) <= 60:
        return stated
    for pattern, hours_per_ects in ((_WORK, HOURS_OF_WORK_PER_ECTS), (_TEACHING, HOURS_OF_TEACHING_PER_ECTS)):
        hours = _only(_first(filter(None, match.groups())) for match in pattern.finditer(text))
        if hours and not _CREDITS.search(text):
            return f"{round(2 * float(hours) / hours_per_ects) / 2:g}"
    return ""


def _float(number: str) -> float:
    return float(number.replace(",", "."))


def _year(values: list[str], text: str) -> str:
    for value in values:
        for year, pattern in _YEAR_VALUE.items():
            if pattern.match(value) and not re.match(r"\d{4}", value):
                return str(year)
    lines = [line for line in text[:_HEAD].split("\n") if len(line) <= _SHORT_LINE]
    return _only(str(year) for line in lines for year, pattern in _YEAR.items() if pattern.search(line))


def _eqf(values: list[str], text: str) -> str:
    stated = _only(_EQF.findall(text))
    if stated:
        return stated
    for value in values:
        if value.strip() in ("6", "7", "8"):
            return value.strip()
    lines = values or [line for line in text[:_HEAD].split("\n") if len(line) <= _SHORT_LINE]
    return _only(str(level) for line in lines for level, names in _LEVEL.items() if names.search(line))


def _language(values: list[str], text: str) -> str:
    stated = values or _TAUGHT_IN.findall(text)
    return _only(code for value in stated for code, names in _LANGUAGE.items() if names.match(value))
