"""Any table with an id and a label for each skill: CSV, TSV, XLSX, JSON, JSONL, Parquet.

Columns are recognised by their usual names (`_FIELDS`), those that hold a language by a suffix (``label_it``,
``aliases (en)``) or by a column that names it. The notation of the project's own taxonomies (``=SAP``, ``~turning``) is
understood in aliases.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from skillmatch.documents.tables import SUFFIXES, read_rows
from skillmatch.errors import InputError, TaxonomyError
from skillmatch.normalization import fold
from skillmatch.taxonomies.draft import Concept, Draft, Name, Node, clean
from skillmatch.taxonomies.package import File, Package, read_table
from skillmatch.taxonomy import KINDS, Alias

_FIELDS = {
    "id": "id uri concept_uri concepturi concept_id conceptid skill_id skillid code identifier notation codice",
    "label": "label preferred_label preferredlabel preflabel pref_label name title skill skill_name skill_label term "
    "nome etichetta denominazione competenza titolo",
    "aliases": "aliases alias alt_labels altlabels alt_label altlabel alternative_labels alternative_label synonyms "
    "synonym alternative_names other_names sinonimi altri_nomi",
    "hidden": "hidden_labels hiddenlabels hidden_label",
    "broader": "broader broader_id broader_uri parent parent_id parentid parent_uri superiore padre",
    "group": "group skill_group category domain cluster group_label gruppo categoria ambito",
    "definition": "definition description definizione descrizione scope_note",
    "language": "language lang lingua",
    "kind": "kind type skill_type skilltype tipo",
    "reuse_level": "reuse_level reuselevel",
    "link": "esco_uri esco uri url",
    "craft": "craft",
    "digital": "digital",
}  # fmt: skip
_BY_LANGUAGE = ("label", "aliases", "hidden", "definition")
_LANGUAGE = re.compile(r"_([a-z]{2})$")
_GROUPS = "groups"
_TRUE = ("1", "true", "yes", "y")


class _Column(NamedTuple):
    name: str
    language: str  # "" where the column does not say


def read_tables(package: Package, *, language: str = "en") -> Draft:
    """What the tables of a package say; ``language`` is that of names of which nothing else tells it.

    Raises
    ------
    TaxonomyError : a table has no id or no label, or a row cannot be read.
    """
    draft = Draft(package.stem)
    labels: dict[str, str] = {}
    for file in package.files:
        if file.name.rsplit(".", 1)[0] == _GROUPS:
            _read_groups(draft, file, language)
        else:
            _read_skills(draft, file, language)
    for concept in draft.concepts.values():
        for label in concept.labels.values():
            labels.setdefault(label.casefold(), concept.id)
    for concept in draft.concepts.values():
        # A broader skill may be named by its label.
        concept.broader = [a if a in draft.concepts else labels.get(a.casefold(), a) for a in concept.broader]
    return draft


def rows_of(file: File, required: Iterable[str] = ()) -> Iterator[tuple[int, dict[str, str]]]:
    """(row, values by column) of a table of any kind; ``.txt`` is tab-separated.

    Raises
    ------
    TaxonomyError : a required column is missing, or a row cannot be read.
    """
    if file.path.suffix.lower() not in SUFFIXES:
        yield from read_table(file, required, delimiter="\t")
        return
    for row in read_rows(file.path):
        if row.problem:
            raise TaxonomyError(f"{file.shown}, row {row.number}: {row.problem}", remedy="mend the row")
        for column in required:
            if column not in row.values:
                found = ", ".join(list(row.values)[:20])
                raise TaxonomyError(
                    f"{file.shown}, row {row.number}: no {column!r} (found: {found})",
                    remedy="give the file as it was downloaded",
                )
        yield row.number, row.values


def _recognise(columns: Iterable[str]) -> dict[str, list[_Column]]:
    """Columns of each field, the surest name first."""
    keys: dict[str, list[_Column]] = {}
    for column in columns:
        key = re.sub(r"[^a-z0-9]+", "_", fold(column)).strip("_")
        suffix = _LANGUAGE.search(key)
        keys.setdefault(key, []).append(_Column(column, ""))
        if suffix:
            keys.setdefault(key[: suffix.start()], []).append(_Column(column, suffix[1]))
    found: dict[str, list[_Column]] = {}
    for field, names in _FIELDS.items():
        several = field in _BY_LANGUAGE
        known = [c for name in names.split() for c in keys.get(name, ()) if several or not c.language]
        found[field] = known if several else known[:1]
    if found["link"] == found["id"]:
        found["link"] = []
    return found


def _read_skills(draft: Draft, file: File, language: str) -> None:
    columns: dict[str, list[_Column]] = {}
    for number, row in rows_of(file):
        columns = columns or _recognise(row)
        for field in ("id", "label"):
            if not columns[field]:
                raise TaxonomyError(
                    f"{file.shown}: no column for the {field} of a skill (found: {', '.join(row)})",
                    remedy=f"name one of the columns {_FIELDS[field].split()[0]!r}",
                )

        def cell(field: str, row: Mapping[str, str] = row, columns: dict[str, list[_Column]] = columns) -> str:
            return clean(row.get(columns[field][0].name)) if columns[field] else ""

        skill_id = cell("id")
        if not skill_id or not any(clean(row.get(column.name)) for column in columns["label"]):
            draft.repairs["row without an id or a label left out"] += 1
            continue
        said = cell("language").lower()[:2] or language
        concept = draft.concepts.get(skill_id)
        if concept is None:
            concept = draft.concepts[skill_id] = Concept(skill_id)
        elif said in concept.labels:
            draft.repairs["skill given twice, its names joined"] += 1
        for column in columns["label"]:
            concept.add(column.language or said, [row.get(column.name, "")], "preferred", source=draft.source)
        for kind, field in (("alternative", "aliases"), ("hidden", "hidden")):
            for column in columns[field]:
                _add_names(concept, column.language or said, row.get(column.name, ""), kind, draft.source)
        for column in columns["definition"]:
            if text := clean(row.get(column.name)):
                concept.definitions.setdefault(column.language or said, text)
        concept.broader += [b for b in map(clean, several(row.get(_name(columns, "broader"), ""))) if b]
        if group := cell("group"):
            draft.groups.setdefault(group, Node(group, labels={said: group}))
            concept.groups = concept.groups or [group]
        _read_kind(concept, cell("kind"), f"{file.shown}, row {number}")
        concept.reuse_level = concept.reuse_level or cell("reuse_level")
        link = cell("link") or (skill_id if "://" in skill_id else "")
        concept.uri = concept.uri or link
        concept.craft, concept.digital = cell("craft") in _TRUE, cell("digital") in _TRUE


def _name(columns: dict[str, list[_Column]], field: str) -> str:
    return columns[field][0].name if columns[field] else ""


def several(text: str) -> list[str]:
    """The values of a cell with several: parted by ``|`` or line breaks, else by ``;``.

    >>> several("a | b; c"), several("a; b")
    (['a ', ' b; c'], ['a', ' b'])
    """
    return re.split(r"[|\n]", text) if "|" in text or "\n" in text else text.split(";")


def _add_names(concept: Concept, language: str, written: str, kind: str, source: str) -> None:
    known = {name.text for name in concept.names if name.language == language}
    for part in several(written):
        alias = Alias.parse(part.strip())
        text = clean(alias.text)
        if text and text not in known:
            concept.names.append(Name(language, text, kind, source, alias.exact, alias.weak))


def _read_kind(concept: Concept, written: str, place: str) -> None:
    kind = written.lower().removesuffix("/competence")
    if kind in KINDS:
        concept.kind = kind
    elif len(written) > 60:
        raise InputError(f"{place}: {written[:40]!r}… as the kind of a skill", remedy="rename the column")
    concept.skill_type = concept.skill_type or written


def _read_groups(draft: Draft, file: File, language: str) -> None:
    for _, row in rows_of(file):
        columns = _recognise(row)
        names = columns["group"] or columns["id"]
        if names and (name := clean(row.get(names[0].name))):
            node = draft.groups.setdefault(name, Node(name))
            for column in columns["label"]:
                if text := clean(row.get(column.name)):
                    node.labels[column.language or language] = text
