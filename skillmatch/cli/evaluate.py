"""``evaluate``: measurements on data with known answers."""

from __future__ import annotations

from pathlib import Path

import click

from skillmatch.cli.options import PATHS, column_option, format_option, parse_columns, show, taxonomy_option


@click.group()
def evaluate() -> None:
    """Measure how well skillmatch does on data with known answers."""


@evaluate.command()
@click.option("--corpus", type=PATHS, required=True, multiple=True, help="Courses, with a column for the programme.")
@click.option("--programme", default="programme", show_default=True, metavar="COLUMN", help="That column.")
@click.option(
    "--trials", type=click.IntRange(2), default=100, show_default=True, help="How often courses are taken out."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of all that is drawn.")
@taxonomy_option
@column_option
@format_option
def ranking(
    corpus: tuple[Path, ...],
    programme: str,
    trials: int,
    seed: int,
    taxonomy: str,
    columns: tuple[str, ...],
    style: str,
) -> None:
    """Planted recovery: do courses taken out of a programme come first for the gaps they leave?

    Prints nDCG@10 and MRR with 95 % intervals for skillmatch, for the overlap of skills, and for TF-IDF and BM25 of
    the raw texts.
    """
    from skillmatch.documents import read_documents
    from skillmatch.errors import InputError
    from skillmatch.evaluation.ranking import planted_recovery
    from skillmatch.taxonomy import load_taxonomy

    courses = read_documents(corpus, kind="syllabus", columns=parse_columns(columns)).documents
    if programme not in courses:
        raise InputError(f"--programme {programme}: no such column", remedy=f"use one of {', '.join(courses.columns)}")
    show(
        planted_recovery(courses, taxonomy=load_taxonomy(taxonomy), programme=programme, trials=trials, seed=seed),
        style,
    )


@evaluate.command()
@click.argument("labelled", required=False, type=PATHS)
@click.option(
    "--part",
    type=click.Choice(["tuning", "test", "all"]),
    help="Documents with odd running numbers (tuning), even ones (test), or all. Default: test, with --errors tuning.",
)
@click.option("--confusions", is_flag=True, help="Also what was taken for what.")
@click.option("--errors", is_flag=True, help="List each difference instead.")
@taxonomy_option
@format_option
def reading(
    labelled: Path | None, part: str | None, confusions: bool, errors: bool, taxonomy: str, style: str
) -> None:
    """Compare sections, mentions, strength and depth with labels.

    LABELLED is a file or folder in the notation of corpora/reading (default: that folder). Prints each figure for each
    kind of document and language, with 95 % intervals over documents.
    """
    from skillmatch.evaluation.labelled import read_labelled
    from skillmatch.evaluation.reading import evaluate_reading
    from skillmatch.resources import resource
    from skillmatch.taxonomy import load_taxonomy

    # Whoever reads the differences tunes on them: not those of the test part, unless asked for by name.
    part = part or ("tuning" if errors else "test")
    documents = read_labelled(labelled or resource("corpora", "reading"), part=part)
    result = evaluate_reading(documents, taxonomy=load_taxonomy(taxonomy))
    show(result.errors if errors else result.figures, style)
    if confusions and not errors:
        show(result.confusions, style)
