"""Lines that do no more than wish: "Knowledge of German is a plus." in a list of requirements."""

from __future__ import annotations

import re
from functools import cache

from skillmatch.lexicons import read_lexicon

_MIXED = re.compile(r"(?i);|\b(?<!not )(?<!non )(?:required|must|mandatory|obbligatori\w|necessari\w|richiest\w)\b")
_WORD = re.compile(r"\w[\w'’-]*")
_LONGEST = 300
_SIGNS = " \t.,;:!?)]\"'*_-–—…"
_TAIL = 40  # characters in which the last word of a line stands


def wishes(line: str) -> bool:
    """Whether all of a line of an advertisement is wished for: it begins or ends with a wording of the lexicon ``cues``
    that does not speak of a part of it only.

    >>> wishes("- Knowledge of German is a plus."), wishes("Gradita esperienza nel settore")
    (True, True)
    >>> wishes("- Databases (preferably Oracle)"), wishes("TIG welding is required, SCADA a plus")
    (False, False)
    >>> wishes(f"Python is a plus {'.' * 50}")
    True
    """
    first = _WORD.search(line)
    if first is None or len(line) > _LONGEST:
        return False
    last = first
    for word in _WORD.finditer(line, max(first.start(), len(line.rstrip(_SIGNS)) - _TAIL)):
        last = word
    begins, ends = _wordings()
    lower = line.lower()
    said = any(lower.startswith(words, first.start()) for words in begins.get(first.group().lower(), ())) or any(
        lower.endswith(f" {words}", 0, last.end()) for words in ends.get(last.group().lower(), ())
    )
    return said and _MIXED.search(line) is None


@cache
def _wordings() -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Wordings that lines begin with, by their first word, and that they end with, by their last."""
    begins: dict[str, list[str]] = {}
    ends: dict[str, list[str]] = {}
    for row in read_lexicon("cues"):
        if row["kind"] == "posting" and row["strength"] == "preferred":
            before, _, after = (part.strip().lower() for part in row["cue"].removeprefix("=").partition("…"))
            if before and not after:
                begins.setdefault(_WORD.findall(before)[0], []).append(f"{before} ")
            elif after and not before:
                ends.setdefault(_WORD.findall(after)[-1], []).append(after.strip("()"))
    return begins, ends
