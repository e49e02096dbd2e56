"""``extract``: the table of mentions, without an audit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from skillmatch.cli.console import progress, show, tell_counts
from skillmatch.cli.options import (
    PATHS,
    cache_folder,
    column_option,
    format_option,
    language_option,
    link_option,
    mask_names_option,
    parse_columns,
    pipelines_for,
    quiet_option,
    scale_options,
    semantic_option,
    taxonomy_option,
)
from skillmatch.errors import InputError

if TYPE_CHECKING:
    from skillmatch.scale.extraction import Extraction


@click.command()
@click.argument("files", nargs=-1, required=True, type=PATHS)
@click.option(
    "--kind",
    type=click.Choice(["posting", "syllabus"]),
    default="posting",
    show_default=True,
    help="What the files hold.",
)
@click.option(
    "-o",
    "--output",
    type=PATHS,
    help="CSV, JSONL or Parquet file, by its suffix, or a folder for partitions (default: stdout).",
)
@click.option("--skipped", type=PATHS, help="CSV file for what could not be used, with the reasons.")
@taxonomy_option
@language_option
@column_option
@link_option
@semantic_option
@mask_names_option
@scale_options
@format_option
@quiet_option
def extract(
    files: tuple[Path, ...],
    kind: str,
    output: Path | None,
    skipped: Path | None,
    taxonomy: str,
    lang: str | None,
    columns: tuple[str, ...],
    link: bool,
    semantic: Path | None,
    mask_names: bool,
    workers: int | None,
    cluster: str | None,
    cache: Path | None,
    no_cache: bool,
    style: str,
    quiet: bool,
) -> None:
    """Find the skills in FILES (tables, documents or folders) and write one row for each mention.

    A folder as output gets documents, mentions, counts, duplicates and what was skipped, in partitions, whatever the
    size of the input. A run that is stopped goes on when the same command is given again.
    """
    from skillmatch.documents.estimate import estimate_documents
    from skillmatch.output import SUFFIXES, write_table
    from skillmatch.scale.run import Options, run_extraction
    from skillmatch.scale.state import publish, unfinished
    from skillmatch.taxonomy import load_taxonomy

    if output is not None and output.suffix and output.suffix.lower() not in SUFFIXES and not output.is_dir():
        raise InputError(
            f"{output}: cannot write {output.suffix!r}", remedy="use .csv, .jsonl or .parquet, or a folder"
        )
    pipelines, linker = pipelines_for(load_taxonomy(taxonomy), link, semantic)
    options = Options(kind, pipelines, parse_columns(columns), language=lang, mask_names=mask_names, **linker)
    with unfinished(output) as state:
        with progress(quiet) as tell:
            total = estimate_documents(files) if tell else 0
            found = run_extraction(
                files,
                options,
                state=state,
                cache=cache_folder(cache, no_cache, cluster),
                workers=workers,
                cluster=cluster,
                progress=None if tell is None else (lambda done: tell("documents", done, total)),
            )
        tell_counts(found.counts, "documents", quiet)
        if skipped is not None:
            write_table(found.skipped, skipped)
        if output is None:
            _print(found, style)
        elif output.suffix.lower() in SUFFIXES:
            write_table(found.tables("mentions"), output)
        else:
            publish(found.folder, output)


def _print(found: Extraction, style: str) -> None:
    """The mentions on stdout: as CSV piece by piece, else at once."""
    from skillmatch.output import to_csv

    if style == "csv":
        for number, table in enumerate(found.tables("mentions")):
            click.echo(to_csv(table, header=number == 0), nl=False)
    else:
        import pandas as pd

        show(pd.concat(list(found.tables("mentions")), ignore_index=True), style)
