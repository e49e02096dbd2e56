"""``taxonomy``: look at a taxonomy, check it, count a background corpus for it."""

from __future__ import annotations

from pathlib import Path

import click

from skillmatch.cli.console import show
from skillmatch.cli.options import PATHS, column_option, format_option, language_option, parse_columns, taxonomy_option
from skillmatch.errors import InputError, TaxonomyError


@click.group()
def taxonomy() -> None:
    """Look at a taxonomy, or check one of your own."""


@taxonomy.command()
@click.argument("sources", nargs=-1, required=True, type=PATHS)
@click.option("-o", "--output", type=PATHS, required=True, help="Folder for the tables; name it with --taxonomy later.")
@click.option("--lang", help="Languages to keep, e.g. en,it (default: all that the source has).")
@click.option("--occupations", help='Only skills of these occupations: codes or labels, e.g. "ISCO 72,2144".')
@click.option("--groups", help='Only skills of these groups: codes or labels, e.g. "S8.7,K071".')
@click.option("--no-enrich", is_flag=True, help="Without the names of the bundled taxonomy for the same ESCO concepts.")
def build(
    sources: tuple[Path, ...],
    output: Path,
    lang: str | None,
    occupations: str | None,
    groups: str | None,
    no_enrich: bool,
) -> None:
    """Build a taxonomy from SOURCES: ESCO, O*NET, SKOS, or a table with ids and labels.

    ESCO: the CSV package as downloaded, zip or folder, several languages together. O*NET: its text or Excel files.
    SKOS: Turtle, N-Triples or RDF/XML. All else: a CSV, XLSX, JSON or Parquet table with an id and a label a skill.
    """
    from skillmatch.taxonomies.build import build_taxonomy

    if output.exists() and not output.is_dir():
        raise InputError(f"{output}: this is a file", remedy="name a folder")
    manifest = build_taxonomy(
        sources,
        output,
        languages=_split((lang or "").lower()),
        occupations=_split(occupations),
        groups=_split(groups),
        enrich=not no_enrich,
    )
    for repaired, count in manifest["repairs"].items():
        click.echo(f"{repaired}: {count}", err=True)
    counts = manifest["counts"]
    click.echo(
        f"{output}: {manifest['name']}, {counts['skills']} of {counts['skills_in_source']} skills, "
        f"{counts['names']} names in {', '.join(manifest['languages'])}, {counts['groups']} groups, "
        f"{counts['occupations']} occupations, {counts['enriched']} skills with names of the bundled taxonomy"
    )


def _split(written: str | None) -> list[str]:
    return [part.strip() for part in (written or "").split(",") if part.strip()]


@taxonomy.command("list")
@taxonomy_option
@click.option("--group", help="Only skills of this group.")
@format_option
def list_skills(taxonomy: str, group: str | None, style: str) -> None:
    """Print the skills: id, labels, group, kind, broader skill."""
    import pandas as pd

    from skillmatch.taxonomy import load_taxonomy

    skills = load_taxonomy(taxonomy)
    # By its id, or where that is a URI by its label.
    chosen = {g.id for g in skills.groups.values() if group is None or group in (g.id, *g.labels.values())}
    if not chosen:
        known = sorted(g.id if g.id and "://" not in g.id else g.label() for g in skills.groups.values())
        raise InputError(f"--group {group}", remedy=f"use one of {', '.join(known)}")
    rows = [(s.id, s.label("en"), s.label("it"), s.group, s.kind, s.broader) for s in skills if s.group in chosen]
    show(pd.DataFrame(rows, columns=["id", "label_en", "label_it", "group", "kind", "broader"]), style)


@taxonomy.command("show")
@click.argument("name")
@taxonomy_option
def show_skill(name: str, taxonomy: str) -> None:
    """Print all about one skill, named by its id or any of its names."""
    from skillmatch.naming import resolve_skills
    from skillmatch.taxonomy import load_taxonomy

    skills = load_taxonomy(taxonomy)
    skill_id = resolve_skills([name], taxonomy=skills)[name]
    if skill_id is None:
        raise InputError(f"no skill {name!r} in {skills.name!r}", remedy="see 'skillmatch taxonomy list'")
    skill = skills[skill_id]
    click.echo(f"{skill.id}  ({skill.kind}, {skills.groups[skill.group].label()})")
    for language, label in skill.labels.items():
        click.echo(f"  {language}: {label}")
        click.echo(f"      {skill.definitions.get(language, '')}")
        click.echo("      " + "; ".join(alias.text for alias in skill.aliases.get(language, ())))
    shown = {other.id: other.label() if "://" in other.id else other.id for other in skills}
    click.echo(f"  broader: {' > '.join(shown[above] for above in skills.ancestors(skill_id)) or '-'}")
    narrower = [shown[other.id] for other in skills if other.broader == skill_id]
    click.echo(f"  narrower: {', '.join(narrower) or '-'}")
    if skill.esco_label and skill.uri != skill.id:
        click.echo(f"  ESCO: {skill.uri} ({skill.esco_label})")
    if skills.folder is not None:
        from skillmatch.taxonomies.store import occupations_of

        for relation, labels in occupations_of(skills.folder, skill_id).items():
            click.echo(f"  {relation} for: {'; '.join(labels) or '-'}")


@taxonomy.command()
@taxonomy_option
@click.option(
    "--esco", type=PATHS, help="ESCO's CSV package (zip or folder): check that each URI is the concept named."
)
def check(taxonomy: str, esco: Path | None) -> None:
    """Check a taxonomy: ids, hierarchy, names that two skills share, ESCO references."""
    from skillmatch.taxonomy import load_taxonomy
    from skillmatch.taxonomy_check import check_esco, shared_names

    skills = load_taxonomy(taxonomy)
    problems = shared_names(skills)
    linked = sum(bool(skill.uri) for skill in skills)
    if esco is not None:
        problems += check_esco(skills, esco)
    for problem in problems:
        click.echo(problem)
    click.echo(
        f"{len(skills)} skills in {len(skills.groups)} groups, {linked} with an ESCO URI; {len(problems)} problems"
    )
    if problems:
        raise TaxonomyError(f"{skills.name}: {len(problems)} problems", remedy="see the list above")


@taxonomy.command()
@click.argument("files", nargs=-1, required=True, type=PATHS)
@click.option("-o", "--output", type=PATHS, required=True, help="CSV file to write.")
@taxonomy_option
@language_option
@column_option
def background(
    files: tuple[Path, ...], output: Path, taxonomy: str, lang: str | None, columns: tuple[str, ...]
) -> None:
    """Count how common each skill is in FILES, postings of all kinds, so that telling skills can lead an audit."""
    from skillmatch.background import count_background, write_background
    from skillmatch.documents import read_documents
    from skillmatch.mentions import extract
    from skillmatch.taxonomy import load_taxonomy

    reading = read_documents(files, kind="posting", columns=parse_columns(columns), language=lang)
    mentions = extract(reading.documents, taxonomy=load_taxonomy(taxonomy))
    write_background(count_background(mentions, len(reading.documents)), output)
    click.echo(f"{output}: {len(reading.documents)} postings, {mentions['skill_id'].nunique()} skills")
