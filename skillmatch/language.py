"""The language of a text: English, Italian, or another one that skillmatch does not read."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

SUPPORTED = ("en", "it")
# Words that are frequent in one of the two languages and no words of the other, nor of its neighbours: *con*, *per* and
# *la* are Spanish and Catalan too, and a text in those must not be taken for Italian.
_TELLING = {
    "en": frozenset("the of and to for with that this from will your are our have you or be is by their which".split()),
    "it": frozenset(
        "di il della dei delle dell degli nel nella nelle gli è alla alle agli sono dal dalla dalle anche più sul "
        "sulla tra ed negli sui essere".split()
    ),
}
_WORD = re.compile(r"[^\W\d_]+")
_SAMPLE = 1500  # characters; enough for a sure decision
_LEAST_MARGIN = 3
_SURE = 0.99
_LEAST_LENGTH = 150  # shorter texts are never called a third language: lists of names look like anything


def detect_language(text: str) -> str:
    """ISO 639-1 code of the language: ``"en"``, ``"it"``, or another one where the text is long enough to tell.

    Function words decide where they are clear (a hundred times faster), py3langid decides the rest.

    >>> detect_language("Si occuperà della programmazione dei PLC e della messa in servizio.")
    'it'
    """
    words = _WORD.findall(text[:_SAMPLE].lower())
    counts = {language: sum(word in telling for word in words) for language, telling in _TELLING.items()}
    best = max(SUPPORTED, key=lambda language: counts[language])
    other = min(counts.values())
    enough = max(_LEAST_MARGIN, len(words) // 12)
    if counts[best] >= enough and counts[best] >= 2 * other:
        return best
    if not words:
        return "en"
    probabilities = dict(_identifier().rank(text[:_SAMPLE]))
    if len(text) >= _LEAST_LENGTH and counts[best] < enough:
        likeliest = max(probabilities, key=lambda language: probabilities[language])
        if sum(probabilities[language] for language in SUPPORTED) < 1 - _SURE:
            return str(likeliest)
    return max(SUPPORTED, key=lambda language: probabilities[language])


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
