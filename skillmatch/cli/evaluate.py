"""``evaluate``: measurements on data with known answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from skillmatch.cli.console import show
from skillmatch.cli.options import (
    PATHS,
    column_option,
    format_option,
    link_option,
    linker_for,
    linker_options,
    parse_columns,
    pipelines_for,
    several,
    taxonomy_option,
)
from skillmatch.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from skillmatch.documents import Reading
    from skillmatch.evaluation.linking import Linked
    from skillmatch.linking.linker import Linker
    from skillmatch.taxonomy import Taxonomy


@click.group()
def evaluate() -> None:
    """Measure how well skillmatch does on data with known answers."""


@evaluate.command()
@click.option("--corpus", type=PATHS, required=True, multiple=True, help="Courses to rank. May be repeated.")
@click.option(
    "--programme", default="programme", show_default=True, metavar="COLUMN", help="Planted recovery: the programmes."
)
@click.option("--judged", type=PATHS, help="Instead: a CSV of gap_id, skills, course_id and grade (0 to 3).")
@click.option("--occupations", type=PATHS, help="Instead: ESCO's CSV package, a folder or a zip file.")
@click.option(
    "--trials", type=click.IntRange(2), default=100, show_default=True, help="Courses taken out so often; occupations."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of all that is drawn.")
@taxonomy_option
@column_option
@format_option
def ranking(
    corpus: tuple[Path, ...],
    programme: str,
    judged: Path | None,
    occupations: Path | None,
    trials: int,
    seed: int,
    taxonomy: str,
    columns: tuple[str, ...],
    style: str,
) -> None:
    """How well courses are ranked, in one of three ways, with 95 % intervals.

    Planted recovery (the default): do courses taken out of a programme come first for the gaps they leave? With
    --judged: do courses that people graded high for a list of skills come first ('rank --skills')? With --occupations:
    do courses ranked by half of an occupation's essential skills teach the other half? TF-IDF and BM25 of the raw texts
    are measured beside skillmatch each time.
    """
    from skillmatch.documents import read_documents
    from skillmatch.taxonomy import load_taxonomy

    if judged and occupations:
        raise InputError("--judged and --occupations are two measurements", remedy="give one of them")
    courses = read_documents(corpus, kind="syllabus", columns=parse_columns(columns))
    skills = load_taxonomy(taxonomy)
    if judged:
        from skillmatch.evaluation.judged import judged_ranking, read_judged

        table = judged_ranking(read_judged(judged), courses, taxonomy=skills, seed=seed)
    elif occupations:
        from skillmatch.evaluation.occupations import occupation_ranking, read_occupations

        known = read_occupations(occupations)
        table = occupation_ranking(courses.documents, known, taxonomy=skills, most=trials, seed=seed)
    else:
        table = _planted(courses, skills, programme, trials, seed)
    show(table, style)


def _planted(courses: Reading, skills: Taxonomy, programme: str, trials: int, seed: int) -> pd.DataFrame:
    from skillmatch.evaluation.ranking import planted_recovery

    documents = courses.documents
    if programme not in documents:
        found = ", ".join(documents.columns)
        raise InputError(f"--programme {programme}: no such column", remedy=f"use one of {found}")
    return planted_recovery(documents, taxonomy=skills, programme=programme, trials=trials, seed=seed)


@evaluate.command()
@click.argument("labelled", required=False, type=PATHS)
@click.option(
    "--part",
    type=click.Choice(["tuning", "test", "all"]),
    help="Documents with odd running numbers (tuning), even ones (test), or all. Default: test, with --errors tuning.",
)
@click.option("--confusions", is_flag=True, help="Also what was taken for what.")
@click.option("--errors", is_flag=True, help="List each difference instead.")
@link_option
@click.option(
    "--least", type=click.FloatRange(0, 1), default=0.0, help="Mentions that are less probable than this do not count."
)
@taxonomy_option
@format_option
def reading(
    labelled: Path | None,
    part: str | None,
    confusions: bool,
    errors: bool,
    link: bool,
    least: float,
    taxonomy: str,
    style: str,
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
    pipelines, _ = pipelines_for(load_taxonomy(taxonomy), link)
    result = evaluate_reading(documents, pipelines=pipelines, least=least)
    show(result.errors if errors else result.figures, style)
    if confusions and not errors:
        show(result.confusions, style)


def linked_options(command: Callable) -> Callable:
    """What the measurements of the linker share."""
    return several(
        click.option("--gold", type=PATHS, required=True, help="CSV file: sentence, span, label (and language)."),
        click.option("--lang", type=click.Choice(["en", "it"]), default="en", show_default=True, help="Its language."),
        taxonomy_option,
        linker_options,
        format_option,
    )(command)


@evaluate.command()
@linked_options
def linking(gold: Path, lang: str, taxonomy: str, model: Path | None, semantic: Path | None, style: str) -> None:
    """How well skills are ranked for labelled sentences: MRR and RP@1, 5, 10, with 95 % intervals."""
    from skillmatch.evaluation.linking import ranking_measures

    linked, _ = _linked(gold, lang, linker_for(taxonomy, model, semantic))
    show(ranking_measures(linked), style)


@evaluate.command()
@linked_options
@click.option("--threshold", type=click.FloatRange(0, 1), help="Probability from which on a skill counts as found.")
@click.option("--errors", is_flag=True, help="Instead: the skills most often missed and wrongly found.")
def sets(
    gold: Path,
    lang: str,
    taxonomy: str,
    model: Path | None,
    semantic: Path | None,
    threshold: float | None,
    errors: bool,
    style: str,
) -> None:
    """How well the skills of a sentence are found above the threshold: precision, recall, F1, false alarms."""
    from skillmatch.evaluation.linking import confusions, set_measures

    linked, calibrated = _linked(gold, lang, linker_for(taxonomy, model, semantic))
    least = calibrated if threshold is None else threshold
    show(confusions(linked, threshold=least) if errors else set_measures(linked, threshold=least), style)


def _linked(gold: Path, language: str, linker: Linker) -> tuple[Linked, float]:
    from skillmatch.evaluation.linking import link_gold
    from skillmatch.linking.gold import read_annotations

    linked = link_gold(linker, read_annotations(gold, language=language))
    if linked.unknown_labels:
        some = ", ".join(linked.unknown_labels[:5])
        click.echo(f"{len(linked.unknown_labels)} labels are not in the taxonomy and are left out: {some}", err=True)
    return linked, linker.threshold


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
