"""Where in a sentence a skill stands: a linear-chain conditional random field over words, English.

``words`` -> ``features`` -> ``gate`` -> ``chain`` -> ``tagger``; ``gold``, ``vectors`` and ``training`` make the model.
"""

from skillmatch.spans.tagger import FoundSpan, SpanTagger

__all__ = ["FoundSpan", "SpanTagger"]
