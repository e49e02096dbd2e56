"""Checks of a taxonomy beyond what loading it requires."""

from __future__ import annotations

from pathlib import Path

from skillmatch.errors import InputError
from skillmatch.normalization import Normalizer
from skillmatch.taxonomies.draft import clean
from skillmatch.taxonomies.package import open_package, read_table
from skillmatch.taxonomy import DOCUMENT_KINDS, LANGUAGES, Taxonomy
from skillmatch.tokenization import blank, tokenize_name


def shared_names(taxonomy: Taxonomy) -> list[str]:
    """Names by which two skills would be found in documents of one kind: only the first of them ever is.

    >>> from skillmatch.taxonomy import Skill
    >>> shared_names(Taxonomy("t", [Skill("a", {"en": "PLC systems"}), Skill("b", {"en": "PLC system"})]))
    ["en: 'PLC system' of b is also a name of a ('PLC systems')"]
    """
    problems = []
    for language in LANGUAGES:
        nlp = blank(language)
        normalizer = Normalizer(language, nlp.vocab.strings)
        owners: dict[tuple, tuple[str, str]] = {}
        for skill in taxonomy:
            for alias in skill.names(language):
                keys = normalizer.phrase(tokenize_name(alias.text, nlp.tokenizer))
                written = alias.text if alias.exact else ""
                for kind in (alias.kind,) if alias.kind else DOCUMENT_KINDS:
                    owner, text = owners.setdefault((keys, written, kind), (skill.id, alias.text))
                    if owner != skill.id:
                        break
                else:
                    continue
                problems.append(f"{language}: {alias.text!r} of {skill.id} is also a name of {owner} ({text!r})")
    return problems


def check_esco(taxonomy: Taxonomy, package: Path) -> list[str]:
    """References that ESCO's official CSV package does not confirm: an unknown URI, or another label.

    Raises
    ------
    InputError : the package has no skills file.
    """
    with open_package([package], suffixes=[".csv"]) as files:
        found = files.matching(r"skills_en\.csv")
        if not found:
            raise InputError(
                f"{package}: no skills_en.csv in it", remedy="give the CSV package as downloaded from ESCO"
            )
        rows = read_table(found[0], ["conceptUri", "preferredLabel"])
        labels = {row["conceptUri"]: clean(row["preferredLabel"]) for _, row in rows}
    problems = []
    for skill in taxonomy:
        if skill.uri and skill.uri not in labels:
            problems.append(f"{skill.id}: {skill.uri} is not in the ESCO package")
        elif skill.uri and labels[skill.uri] != skill.esco_label:
            problems.append(f"{skill.id}: {skill.uri} is {labels[skill.uri]!r}, not {skill.esco_label!r}")
    return problems
