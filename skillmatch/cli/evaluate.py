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
@click.option("--gold", type=PATHS, required=True, help="JSONL with tokens, tags_skill, tags_knowledge, idx, source.")
@click.option("--model", type=PATHS, help="Folder of another model of spans than the bundled one.")
@click.option("--alone", is_flag=True, help="Read each sentence alone, without its neighbours in the document.")
@click.option("--differences", is_flag=True, help="How found and labelled spans differ, instead of the measures.")
@format_option
def spans(gold: Path, model: Path | None, alone: bool, differences: bool, style: str) -> None:
    """Where in a sentence do skills stand: exact and overlap precision, recall and F1.

    For both kinds of spans merged, for skill and knowledge, and typed (place and kind), with 95 % bootstrap intervals.
    """
    from skillmatch.evaluation.spans import span_differences, span_measures, tag_gold
    from skillmatch.spans import SpanTagger
    from skillmatch.spans.gold import read_gold

    sentences = read_gold(gold)
    found = tag_gold(SpanTagger.load(model), sentences, context=not alone)
    show((span_differences if differences else span_measures)(sentences, found), style)
