"""``taxonomy build``: a source read, repaired, enriched, cut to what is wanted, and written."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from skillmatch.documents.tables import SUFFIXES as TABLES
from skillmatch.errors import InputError, TaxonomyError
from skillmatch.resources import resource
from skillmatch.taxonomies.draft import Draft, Name
from skillmatch.taxonomies.esco import is_esco, read_esco
from skillmatch.taxonomies.names import judge_names
from skillmatch.taxonomies.onet import is_onet, read_onet
from skillmatch.taxonomies.package import Package, open_package
from skillmatch.taxonomies.skos import FORMATS, read_skos
from skillmatch.taxonomies.subset import take_subset
from skillmatch.taxonomies.tables import read_tables
from skillmatch.taxonomies.writer import write_built
from skillmatch.taxonomy import Taxonomy, load_taxonomy

_SUFFIXES = (".csv", ".txt", *FORMATS, *TABLES)


def build_taxonomy(
    sources: Sequence[Path],
    folder: Path,
    *,
    languages: Sequence[str] = (),
    occupations: Sequence[str] = (),
    groups: Sequence[str] = (),
    enrich: bool = True,
) -> dict[str, Any]:
    """Build a folder that `skillmatch.taxonomy.load_taxonomy` reads, and return its manifest.

    Parameters
    ----------
    sources : files, folders or zip archives of one taxonomy (packages of several languages, say).
    folder : where to write; files of an earlier build in it are replaced.
    languages : ISO 639-1 codes of the languages to keep (default: all that the source has).
    occupations : keep only the skills of these occupations: ISCO or occupation codes (``"72"``, ``"ISCO 2144"``),
        labels or URIs.
    groups : keep only (with ``occupations``: also) the skills of these groups: codes, labels or URIs.
    enrich : add the names of the bundled taxonomy to the concepts with the same URI.

    Raises
    ------
    InputError : a source cannot be used, or an occupation or group is not in it.
    TaxonomyError : a source lacks a column, or nothing is left.
    """
    with open_package(sources, suffixes=_SUFFIXES) as package:
        # What does not say its language is in the one that is asked for.
        draft = _read(package, languages[0] if len(languages) == 1 else "en")
    counted = len(draft.concepts)
    keep_languages(draft, languages)
    repair(draft)
    take_subset(draft, occupations=occupations, groups=groups)
    bundled = load_taxonomy()
    enriched = enrich_from(draft, bundled, languages=languages) if enrich else 0
    if enrich and (not languages or "it" in languages):
        add_italian_names(draft)
    judge_names(draft, by_hand=bundled.name)
    record = {
        "source": {"kind": draft.source, "version": draft.version, "files": dict(sorted(package.digests.items()))},
        "options": {
            "languages": list(languages),
            "occupations": list(occupations),
            "groups": list(groups),
            "enrich": enrich,
        },
        "counts": {
            "skills_in_source": counted,
            "skills": len(draft.concepts),
            "names": sum(len(concept.names) for concept in draft.concepts.values()),
            "names_searched": sum(name.match for concept in draft.concepts.values() for name in concept.names),
            "groups": len({concept.groups[0] for concept in draft.concepts.values() if concept.groups}),
            "occupations": len(draft.occupations),
            "relations": len(draft.needs),
            "enriched": enriched,
        },
    }
    return write_built(draft, folder, record=record)


def _read(package: Package, language: str) -> Draft:
    if is_esco(package):
        return read_esco(package)
    if is_onet(package):
        return read_onet(package)
    for read, suffixes in ((read_skos, tuple(FORMATS)), (read_tables, TABLES)):
        # A README beside them is no part of the taxonomy.
        files = [file for file in package.files if file.path.suffix.lower() in suffixes]
        if files:
            return read(replace(package, files=files), language=language)
    raise InputError(
        f"{', '.join(package.digests)}: not a taxonomy of a kind that is known",
        remedy="give ESCO's CSV package, O*NET's files, SKOS (.ttl, .nt, .rdf), or a table with an id and a label",
    )


def keep_languages(draft: Draft, languages: Sequence[str]) -> None:
    """Leave out names in other languages; a skill that has none in these is left out as a whole.

    Raises
    ------
    InputError : the source has none of the languages.
    """
    if not languages:
        return
    present = {name.language for concept in draft.concepts.values() for name in concept.names}
    if not present & set(languages):
        raise InputError(
            f"--lang {','.join(languages)}: the source has {', '.join(sorted(present))}",
            remedy="choose among these, or add the package of the other language",
        )
    for concept in draft.concepts.values():
        concept.names = [name for name in concept.names if name.language in languages]


def repair(draft: Draft) -> None:
    """Mend what can be mended, and count it: labels, relations to nothing, cycles.

    Raises
    ------
    TaxonomyError : no skill has a name.
    """
    for concept in list(draft.concepts.values()):
        if not concept.names:
            draft.repairs["skill without a name left out"] += 1
            del draft.concepts[concept.id]
        elif not concept.labels:
            draft.repairs["skill without a preferred label: its first name taken"] += 1
            concept.names[0].kind = "preferred"
    if not draft.concepts:
        raise TaxonomyError("no skill of the source has a name in these languages", remedy="see --lang")
    parent: dict[str, str] = {}
    for concept in draft.concepts.values():
        known = [above for above in concept.broader if above in draft.concepts]
        draft.repairs["relation to a broader skill that does not exist left out"] += len(concept.broader) - len(known)
        sound = [above for above in known if not _leads_to(above, concept.id, parent)]
        draft.repairs["skill broader than itself: relation left out"] += len(known) - len(sound)
        concept.broader = sound
        if sound:
            parent[concept.id] = sound[0]
    draft.repairs += type(draft.repairs)()  # drops the zeros


def _leads_to(start: str, target: str, parent: dict[str, str]) -> bool:
    while start and start != target:
        start = parent.get(start, "")
    return start == target


def add_italian_names(draft: Draft) -> int:
    """Add the Italian names that this project gave to concepts of ESCO (corpora/taxonomy/esco-italian.csv).

    Returns how many concepts got some; the first becomes the label where there is none.

    Names of one word are for the linker alone: most are too ordinary to be searched for.
    """
    by_uri = {concept.uri: concept for concept in draft.concepts.values() if concept.uri}
    named = 0
    with resource("corpora", "taxonomy", "esco-italian.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            concept = by_uri.get(row["esco_uri"])
            if concept is not None:
                named += 1
                before = len(concept.names)
                concept.add("it", row["names"].split("|"), "preferred", source="skillmatch")
                for name in concept.names[before:]:
                    name.match = len(name.text.split()) > 1
    return named


def enrich_from(draft: Draft, other: Taxonomy, *, languages: Sequence[str] = ()) -> int:
    """Add names and definitions of another taxonomy to the concepts of the same URI; how many got some.

    The first name in a language that a concept has none in becomes its label there. The other taxonomy's notation
    (exact, weak) is kept.
    """
    by_uri = {concept.uri: concept for concept in draft.concepts.values() if concept.uri}
    enriched = 0
    for skill in other:
        concept = by_uri.get(skill.uri) if skill.uri else None
        if concept is None:
            continue
        enriched += 1
        concept.craft, concept.digital = concept.craft or skill.craft, concept.digital or skill.digital
        for language in skill.labels:
            if languages and language not in languages:
                continue
            known = {name.text.casefold() for name in concept.names if name.language == language}
            for alias in skill.names(language):
                if alias.text.casefold() not in known and not alias.kind:
                    kind = "alternative" if language in concept.labels else "preferred"
                    name = Name(language, alias.text, kind, other.name, alias.exact, alias.weak)
                    concept.names.append(name)
            if skill.definitions.get(language):
                concept.definitions.setdefault(language, skill.definitions[language])
    return enriched
