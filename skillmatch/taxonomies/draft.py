"""What a source of a taxonomy says, before it is repaired and written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

#: Kinds of names, the surest first. An example is a sentence or task in which the skill is used, not a name of it.
NAME_KINDS = ("preferred", "alternative", "hidden", "example")
#: What an occupation's relation to a skill may be.
NEEDS = ("essential", "optional")


@dataclass(slots=True)
class Name:
    """One name of a concept in one language. ``exact`` and ``weak``: see `skillmatch.taxonomy.Alias`.

    ``match``: whether texts are searched for it; the other names are kept for those who link by more than names.
    """

    language: str
    text: str
    kind: str = "alternative"
    source: str = ""
    exact: bool = False
    weak: bool = False
    match: bool = True


@dataclass(slots=True)
class Concept:
    """A skill with all that its source says of it; ``broader`` and ``groups`` are ids, the best first."""

    id: str
    kind: str = "skill"
    uri: str = ""
    skill_type: str = ""
    reuse_level: str = ""
    names: list[Name] = field(default_factory=list)
    definitions: dict[str, str] = field(default_factory=dict)
    broader: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    craft: bool = False
    digital: bool = False

    @property
    def labels(self) -> dict[str, str]:
        """Preferred label by language."""
        return {name.language: name.text for name in self.names if name.kind == "preferred"}

    def add(self, language: str, texts: Iterable[str], kind: str = "alternative", *, source: str = "") -> None:
        """Add names in one language, each kind and text once; a second preferred label becomes an alternative."""
        known = {name.text for name in self.names if name.language == language}
        for text in map(clean, texts):
            if kind == "preferred" and language in self.labels:
                kind = "alternative"
            if text and text not in known:
                known.add(text)
                self.names.append(Name(language, text, kind, source))


@dataclass(slots=True)
class Node:
    """A group of skills, or an occupation; ``broader`` is the group above, or the ISCO group of an occupation."""

    id: str
    code: str = ""
    broader: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    definitions: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Draft:
    """Skills, groups and occupations by id, the relations between them, and what was found wrong on the way."""

    source: str
    version: str = ""
    concepts: dict[str, Concept] = field(default_factory=dict)
    groups: dict[str, Node] = field(default_factory=dict)
    occupations: dict[str, Node] = field(default_factory=dict)
    #: (occupation, skill) -> "essential" or "optional"
    needs: dict[tuple[str, str], str] = field(default_factory=dict)
    #: (skill, other skill) -> "essential" or "optional": the other one is needed for the first
    related: dict[tuple[str, str], str] = field(default_factory=dict)
    #: What was repaired or left out, and how often.
    repairs: Counter[str] = field(default_factory=Counter)

    @property
    def name(self) -> str:
        return f"{self.source}-{self.version}" if self.version else self.source

    def ancestors(self, group: str) -> list[str]:
        """The group and those above it, nearest first."""
        chain: list[str] = []
        while group and group not in chain:
            chain.append(group)
            group = self.groups[group].broader if group in self.groups else ""
        return chain


def clean(text: str | None) -> str:
    """Text with plain single spaces: no-break spaces, line breaks and zero-width signs are no part of a name.

    >>> clean(" PLC\\u00a0 programming\\u200b ")
    'PLC programming'
    """
    if not text:
        return ""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return " ".join(text.translate(_NOTHING).split())


_NOTHING = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
