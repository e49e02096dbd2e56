"""One record as it stands in a file, made into a document: cleaned, masked, its language told, its trace taken."""

from __future__ import annotations

from typing import Any

from skillmatch.documents.duplicates import Trace, trace, trace_of_words
from skillmatch.language import SUPPORTED, detect_language
from skillmatch.pipeline import MAX_CHARACTERS
from skillmatch.privacy import mask_record
from skillmatch.text import clean


def prepare(record: dict[str, Any], *, language: str | None = None, mask_names: bool = False) -> str:
    """Make a record a document, in place; the reason why that cannot be, ``""`` if it can.

    Whatever becomes of it, contacts in it are masked afterwards, and names of persons where that is asked for.
    """
    body = record["text"] if len(record["text"]) > MAX_CHARACTERS else clean(record["text"])
    title = " ".join(clean(record.get("title", "")[:1000]).split())[:300]
    record["title"] = title or body.split("\n", 1)[0][:120]
    # The title is part of the text, so that what it names is found and can be shown.
    record["text"] = body if not title or body.startswith(title) else f"{title}\n\n{body}"
    if len(body) > MAX_CHARACTERS:
        record["text"] = ""
        mask_record(record, names=mask_names)
        return f"the text has {len(body):,} characters, more than {MAX_CHARACTERS:,}; split it"
    mask_record(record, names=mask_names)
    if not body:
        return "no text"
    detected = language or detect_language(body)
    if detected not in SUPPORTED:
        return f"the language seems to be {detected!r}; en and it are read (force one with --lang)"
    record["language"] = detected
    return ""


def trace_of(record: dict[str, Any], *, kind: str) -> Trace:
    """By what a prepared record is compared with others of its kind."""
    if kind == "syllabus":
        # Two courses may share most of a text and still be two courses, and one course may stand in two programmes.
        return trace_of_words(f"{record['text']} {record.get('programme', '')}")
    return trace(record["text"], f"{record['title']} | {record.get('employer', '')}".lower())


def unique_ids(wanted: list[str]) -> list[str]:
    """Ids as they are wanted; a repeated one gets ``#2``, ``#3`` ..., so that every document stays addressable.

    >>> unique_ids(["a", "a", "a#2", "b"])
    ['a', 'a#3', 'a#2', 'b']
    """
    given = set(wanted)
    taken: set[str] = set()
    times: dict[str, int] = {}
    ids = []
    for name in wanted:
        unique = name
        while unique in taken or (unique != name and unique in given):
            times[name] = times.get(name, 0) + 1
            unique = f"{name}#{times[name] + 1}"
        ids.append(unique)
        taken.add(unique)
    return ids
