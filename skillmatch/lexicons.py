"""The small word lists in ``corpora/lexicons``: headings, cues of strength, terms of level, words that are no skill."""

from __future__ import annotations

import csv
from functools import cache

from skillmatch.resources import resource


@cache
def read_lexicon(name: str) -> tuple[dict[str, str], ...]:
    """Rows of a bundled lexicon: ``headings``, ``cues``, ``levels`` or ``no-skills``.

    >>> read_lexicon("levels")[0]
    {'language': 'en', 'level': '1', 'kind': 'verb', 'term': 'cite'}
    """
    with resource("corpora", "lexicons", f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(csv.DictReader(stream))
