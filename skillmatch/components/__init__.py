"""The spaCy components of skillmatch; this is the one place where they are registered.

They are also entry points (``spacy_factories`` in pyproject.toml), so that
``spacy.blank("it").add_pipe("skillmatch_matcher")`` works wherever skillmatch is installed.
"""

from __future__ import annotations

from spacy.language import Language

from skillmatch.components.context import SkillContext
from skillmatch.components.linker import SkillLinker
from skillmatch.components.matcher import SkillMatcher
from skillmatch.components.sections import SectionSplitter
from skillmatch.taxonomy import Taxonomy

__all__ = [
    "SectionSplitter", "SkillContext", "SkillLinker", "SkillMatcher",
    "create_context", "create_linker", "create_matcher", "create_sections",
]  # fmt: skip


@Language.factory("skillmatch_sections", assigns=["doc.spans"])
def create_sections(nlp: Language, name: str) -> SectionSplitter:
    return SectionSplitter()


@Language.factory(
    "skillmatch_matcher",
    assigns=["doc.spans"],
    default_config={"taxonomy": "manufacturing"},
)
def create_matcher(nlp: Language, name: str, taxonomy: str) -> SkillMatcher:
    # "" makes an empty matcher, to be filled by `SkillMatcher.use` or from disk.
    return SkillMatcher(nlp.vocab, language=nlp.lang or "en", taxonomy=taxonomy or Taxonomy("empty", []))


@Language.factory("skillmatch_linker", requires=["doc.spans"])
def create_linker(nlp: Language, name: str) -> SkillLinker:
    return SkillLinker(nlp.vocab, language=nlp.lang or "en")


@Language.factory("skillmatch_context", requires=["doc.spans"])
def create_context(nlp: Language, name: str) -> SkillContext:
    return SkillContext(nlp.vocab, language=nlp.lang or "en")
