"""The spaCy pipeline: text in, a Doc with its skills out."""

from __future__ import annotations

from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast

from spacy.attrs import ORTH
from spacy.language import Language
from spacy.tokenizer import Tokenizer

# Importing the components registers them, also where the entry points are not installed.
from skillmatch.components import SkillLinker, SkillMatcher
from skillmatch.errors import InputError
from skillmatch.fingerprints import code_fingerprint, digest
from skillmatch.language import SUPPORTED
from skillmatch.taxonomy import Taxonomy, load_taxonomy
from skillmatch.tokenization import blank

if TYPE_CHECKING:
    from skillmatch.linking.linker import Linker

#: Longest text of one document, in characters; readers skip longer ones with a reason.
MAX_CHARACTERS = 2_000_000
#: Programming languages that spaCy takes for an abbreviation at the end of a sentence.
_ONE_LETTER = "CR"


def load(
    taxonomy: str | Path | Taxonomy = "manufacturing", *, lang: str = "en", linker: Linker | None = None
) -> Language:
    """A blank spaCy pipeline of one language that finds the skills of a taxonomy.

    Parameters
    ----------
    taxonomy : bundled name, path of a CSV file or folder, or a `Taxonomy`.
    lang : ``"en"`` or ``"it"``.
    linker : also find skills that are named in other words (`skillmatch.linking.linker.Linker` of the same taxonomy).

    Returns
    -------
    nlp whose Docs carry ``doc.spans["skills"]``. Each span has ``kb_id_`` (skill id), ``label_`` (English label),
    ``_.probability`` (0..1), ``_.section``, ``_.strength`` and ``_.level`` (1..6 or None). Set ``doc._.kind`` to
    ``"syllabus"`` before the components run to have a Doc read as a syllabus; the default is a posting.

    >>> nlp = load("manufacturing", lang="it")
    >>> doc = nlp("Si richiede esperienza nella programmazione dei PLC.")
    >>> [(span.text, span.kb_id_) for span in doc.spans["skills"]]
    [('programmazione dei PLC', 'plc-programming')]

    Raises
    ------
    InputError : a language that is not supported.
    TaxonomyError : the taxonomy cannot be read.
    """
    if lang not in SUPPORTED:
        raise InputError(f"language {lang!r}", remedy=f"use one of {', '.join(SUPPORTED)}")
    nlp = blank(lang)
    nlp.max_length = MAX_CHARACTERS + 10_000
    for language in _ONE_LETTER:
        cast(Tokenizer, nlp.tokenizer).add_special_case(f"{language}.", [{ORTH: language}, {ORTH: "."}])
    nlp.add_pipe("skillmatch_sections")
    # The taxonomy is handed over rather than named in the config, so that a saved pipeline needs no file beside it.
    nlp.add_pipe("skillmatch_matcher", config={"taxonomy": ""})
    matcher_of(nlp).use(taxonomy if isinstance(taxonomy, Taxonomy) else load_taxonomy(taxonomy))
    if linker is not None:
        nlp.add_pipe("skillmatch_linker")
        cast(SkillLinker, nlp.get_pipe("skillmatch_linker")).use(linker)
    nlp.add_pipe("skillmatch_context")
    return nlp


def matcher_of(nlp: Language) -> SkillMatcher:
    """The matcher in a pipeline made by `load`."""
    return cast(SkillMatcher, nlp.get_pipe("skillmatch_matcher"))


class Pipelines:
    """One pipeline for each language, made when the first document of that language comes."""

    def __init__(self, taxonomy: Taxonomy, *, linker: Linker | None = None) -> None:
        self.taxonomy = taxonomy
        self.linker = linker
        self._load = cache(lambda language: load(taxonomy, lang=language, linker=linker))

    def __getitem__(self, language: str) -> Language:
        return self._load(language)

    @cached_property
    def fingerprint(self) -> str:
        """Digest of all that decides what these pipelines find in a text; results of equal fingerprints are equal."""
        linked = self.linker.key if self.linker is not None else ""
        return digest([code_fingerprint(), self.taxonomy.to_json(), linked])
