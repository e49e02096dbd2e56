"""``rank``: curricula by how well they close the gaps of postings, or by skills named on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from skillmatch.cli.audit import audited
from skillmatch.cli.console import show, tell_reading
from skillmatch.cli.options import (
    PATHS,
    column_option,
    format_option,
    language_option,
    mask_names_option,
    parse_columns,
    quiet_option,
    scale_options,
    taxonomy_option,
    tell_of_index,
    where_option,
)
from skillmatch.errors import InputError

if TYPE_CHECKING:
    from skillmatch.analysis import Analysis


@click.command()
@click.option("--skills", help='Skills to rank for, separated by ";", e.g. "PLC programming; SCADA". Needs --corpus.')
@click.option(
    "--corpus", type=PATHS, multiple=True, help="Texts to rank: courses, offers, case studies, calls. May be repeated."
)
@click.option("--same", metavar="COLUMNS", help='Only texts that share these with the postings, e.g. "sector,region".')
@click.option("--postings", type=PATHS, multiple=True, help="Without --skills: postings whose gaps are to be closed.")
@click.option("--syllabi", type=PATHS, multiple=True, help="Without --skills: what is taught already.")
@click.option("--catalogue", type=PATHS, multiple=True, help="Further courses that may close the gaps.")
@click.option("--programme", metavar="COLUMN", help="Column of the syllabi that names each course's programme.")
@where_option
@click.option("--diverse", is_flag=True, help="Courses that repeat what those above them teach come later.")
@click.option("--background", type=PATHS, help="How common skills are in general.")
@click.option("--top", type=click.IntRange(1), default=30, show_default=True, help="At most so many rows.")
@taxonomy_option
@language_option
@column_option
@mask_names_option
@scale_options
@format_option
@quiet_option
def rank(
    skills: str | None,
    corpus: tuple[Path, ...],
    same: str | None,
    diverse: bool,
    top: int,
    style: str,
    **options: Any,
) -> None:
    """Rank courses: by the gaps of postings (--postings, --syllabi), or for named skills (--skills, --corpus).

    With --postings and --syllabi, --corpus is what may answer the gaps: courses on offer, or other texts such as case
    studies of firms and funding calls; --same keeps those of the same sector, region ... as the postings. With
    --diverse each course is picked for what it adds to those above it.
    """
    if skills is not None:
        if not corpus:
            raise InputError("--skills needs texts to rank", remedy="add --corpus FILE")
        _rank_for_skills(skills, corpus, diverse, top, style, options)
        return
    if not options["postings"] or not options["syllabi"]:
        raise InputError("nothing to rank by", remedy="give --postings and --syllabi, or --skills and --corpus")
    options["catalogue"] += corpus
    with audited(**options) as result:
        analysis: Analysis = result
        if same:
            from skillmatch.selection import keep_same

            analysis = keep_same(analysis, [name.strip() for name in same.split(",") if name.strip()])
        if diverse:
            from skillmatch.selection import diverse_ranking

            show(diverse_ranking(analysis, most=top), style)
            return
        show(analysis.ranking.groupby("programme").head(top), style)


def _rank_for_skills(
    skills: str, corpus: tuple[Path, ...], diverse: bool, top: int, style: str, options: dict[str, Any]
) -> None:
    from skillmatch.documents import read_documents
    from skillmatch.pipeline import Pipelines
    from skillmatch.query import rank_for_skills, resolve_skills
    from skillmatch.taxonomy import load_taxonomy

    names = [name.strip() for name in skills.split(";") if name.strip()]
    if not names:
        raise InputError(f"--skills {skills!r} names no skill", remedy='write --skills "PLC programming; SCADA"')
    taxonomy = load_taxonomy(options["taxonomy"])
    reading = read_documents(
        corpus,
        kind="syllabus",
        columns=parse_columns(options["columns"]),
        language=options["lang"],
        mask_names=options["mask_names"],
    )
    tell_reading(reading, "corpus", options["quiet"])
    pipelines = Pipelines(taxonomy)
    for name, skill_id in resolve_skills(names, taxonomy=taxonomy, pipelines=pipelines).items():
        if skill_id is None:
            click.echo(f"{name!r} is not in the taxonomy {taxonomy.name!r}; its words are used", err=True)
    tell_of_index(taxonomy)
    table = rank_for_skills(names, reading.documents, taxonomy=taxonomy, pipelines=pipelines, diverse=diverse)
    show(table.head(top), style)
