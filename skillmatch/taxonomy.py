"""The skills that can be found: their names, hierarchy and groups. How they are read: `skillmatch.taxonomies`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from skillmatch.errors import TaxonomyError
from skillmatch.resources import resource

LANGUAGES = ("en", "it")
KINDS = ("skill", "knowledge", "transversal")
DOCUMENT_KINDS = ("posting", "syllabus")


@dataclass(frozen=True, slots=True)
class Alias:
    """A name by which a skill is found.

    Attributes
    ----------
    text : the words.
    exact : only in these words, and in this upper and lower case but for several words in small letters (written
        ``=SAP`` or ``=group work`` in the files).
    weak : only where the document shows another skill of the group (written ``~turning``).
    kind : only in documents of this kind, "" for any (written ``English @posting``).
    """

    text: str
    exact: bool = False
    weak: bool = False
    kind: str = ""

    @classmethod
    def parse(cls, written: str) -> Alias:
        """Read the notation of the files.

        >>> Alias.parse("=SAP")
        Alias(text='SAP', exact=True, weak=False, kind='')
        >>> Alias.parse("economics @syllabus").kind
        'syllabus'
        """
        marks = written[: len(written) - len(written.lstrip("=~"))]
        text, _, kind = written[len(marks) :].partition(" @")
        if kind not in DOCUMENT_KINDS:
            text, kind = written[len(marks) :], ""
        return cls(text.strip(), exact="=" in marks, weak="~" in marks, kind=kind)

    def is_written(self, text: str) -> bool:
        """Whether a text is this name as an exact one is written.

        >>> Alias("SAP").is_written("sap"), Alias("group work").is_written("Group Work")
        (False, True)
        """
        return text == self.text or (" " in self.text and self.text.islower() and text.lower() == self.text)


@dataclass(frozen=True, slots=True)
class Skill:
    """One concept. ``labels``, ``aliases`` and ``definitions`` are keyed by language."""

    id: str
    labels: dict[str, str]
    aliases: dict[str, tuple[Alias, ...]] = field(default_factory=dict)
    kind: str = "skill"
    broader: str = ""
    group: str = ""
    craft: bool = False
    digital: bool = False
    definitions: dict[str, str] = field(default_factory=dict)
    uri: str = ""
    esco_label: str = ""

    def label(self, language: str = "en") -> str:
        """Preferred label in the language, else in English, else any."""
        return self.labels.get(language) or self.labels.get("en") or next(iter(self.labels.values()))

    def names(self, language: str) -> Iterator[Alias]:
        """Label and aliases in one language; an alias that repeats the label says how the label is to be matched."""
        label, aliases = self.labels.get(language), self.aliases.get(language, ())
        if label and all(alias.text != label for alias in aliases):
            yield Alias(label)
        yield from aliases


@dataclass(frozen=True, slots=True)
class Group:
    """A field of skills; ``technology`` marks the Industry 4.0 technologies."""

    id: str
    labels: dict[str, str]
    technology: bool = False

    def label(self, language: str = "en") -> str:
        return self.labels.get(language) or self.labels.get("en") or self.id


class Taxonomy:
    """Skills by id, in the order of their files.

    Raises
    ------
    TaxonomyError : an id is given twice, a broader skill is unknown, or the hierarchy has a cycle.
    """

    def __init__(self, name: str, skills: Iterable[Skill], groups: Iterable[Group] = ()) -> None:
        self.name = name
        self.skills: dict[str, Skill] = {}
        for skill in skills:
            if skill.id in self.skills:
                raise TaxonomyError(
                    f"taxonomy {name!r}: the id {skill.id!r} is given twice", remedy="give each skill an id of its own"
                )
            self.skills[skill.id] = skill
        self.groups = {group.id: group for group in groups}
        for skill in self.skills.values():
            if skill.group not in self.groups:
                self.groups[skill.group] = Group(skill.group, {"en": skill.group or "other"})
        self._check_hierarchy()

    def __len__(self) -> int:
        return len(self.skills)

    def __iter__(self) -> Iterator[Skill]:
        return iter(self.skills.values())

    def __getitem__(self, skill_id: str) -> Skill:
        return self.skills[skill_id]

    def __contains__(self, skill_id: object) -> bool:
        return skill_id in self.skills

    #: The folder of tables it was read from, None where it was not: what a Skill does not hold is there.
    folder: Path | None = None

    @cached_property
    def version(self) -> str:
        """Twelve hexadecimal digits that change with any change of content."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:12]

    def ancestors(self, skill_id: str) -> list[str]:
        """Broader skills, nearest first."""
        chain = []
        while skill_id := self.skills[skill_id].broader:
            chain.append(skill_id)
        return chain

    def to_json(self) -> str:
        """The whole taxonomy as JSON text; `from_json` reads it back."""
        return self._json

    @cached_property
    def _json(self) -> str:
        return json.dumps(
            {"name": self.name, "groups": list(self.groups.values()), "skills": list(self)},
            default=_fields,
            ensure_ascii=False,
            sort_keys=True,
        )

    @classmethod
    def from_json(cls, text: str) -> Taxonomy:
        data = json.loads(text)
        skills = []
        for row in data["skills"]:
            row["aliases"] = {lang: tuple(Alias(**a) for a in rows) for lang, rows in row["aliases"].items()}
            skills.append(Skill(**row))
        return cls(data["name"], skills, [Group(**row) for row in data["groups"]])

    def _check_hierarchy(self) -> None:
        for skill in self:
            seen, at = {skill.id}, skill
            while at.broader:
                if at.broader not in self.skills:
                    raise TaxonomyError(
                        f"taxonomy {self.name!r}: {at.id!r} has the broader skill {at.broader!r}, which does not exist",
                        remedy="correct the column broader",
                    )
                if at.broader in seen:
                    raise TaxonomyError(
                        f"taxonomy {self.name!r}: {skill.id!r} is broader than itself (a cycle through {at.broader!r})",
                        remedy="correct the column broader",
                    )
                seen.add(at.broader)
                at = self.skills[at.broader]


def load_taxonomy(source: str | Path = "manufacturing") -> Taxonomy:
    """Read a taxonomy: by its bundled name, a folder made by ``taxonomy build``, a CSV file or a folder of CSV files.

    >>> taxonomy = load_taxonomy()
    >>> taxonomy["plc-programming"].label("it")
    'programmazione PLC'

    Raises
    ------
    TaxonomyError : nothing there, a column is missing, or the content is inconsistent.
    """
    from skillmatch.taxonomies.own import read_csv_taxonomy
    from skillmatch.taxonomies.store import is_built, load_built

    path = Path(source)
    if not path.exists() and path.name == str(source):
        bundled = resource("corpora", "taxonomy", str(source))
        if bundled.exists():
            return _bundled(bundled)
    if not path.exists():
        raise TaxonomyError(
            f"no taxonomy at {str(source)!r}",
            remedy="give 'manufacturing', a folder made by 'taxonomy build', a CSV file or a folder with CSV files",
        )
    return load_built(path) if is_built(path) else read_csv_taxonomy(path)


@lru_cache(maxsize=1)
def _bundled(path: Path) -> Taxonomy:
    """What comes with the package does not change while it runs, and takes a tenth of a second to read."""
    from skillmatch.taxonomies.own import read_csv_taxonomy

    return read_csv_taxonomy(path)


def _fields(part: Skill | Group | Alias) -> dict[str, Any]:
    """What the JSON text says of a part of a taxonomy: `dataclasses.asdict` copies all of it, which takes ten times as
    long.
    """
    return {name: getattr(part, name) for name in part.__slots__}
