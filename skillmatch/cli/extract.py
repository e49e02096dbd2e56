"""``extract``: the table of mentions, without an audit."""

from __future__ import annotations

from pathlib import Path

import click

from skillmatch.cli.options import (
    PATHS,
    column_option,
    format_option,
    language_option,
    parse_columns,
    progress,
    quiet_option,
    show,
    taxonomy_option,
    tell_reading,
)


@click.command()
@click.argument("files", nargs=-1, required=True, type=PATHS)
@click.option(
    "--kind",
    type=click.Choice(["posting", "syllabus"]),
    default="posting",
    show_default=True,
    help="What the files hold.",
)
@click.option("-o", "--output", type=PATHS, help="CSV, JSONL or Parquet file, by its suffix (default: stdout).")
@click.option("--skipped", type=PATHS, help="CSV file for what could not be used, with the reasons.")
@taxonomy_option
@language_option
@column_option
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
    style: str,
    quiet: bool,
) -> None:
    """Find the skills in FILES (tables, documents or folders) and write one row for each mention."""
    from skillmatch.documents import read_documents
    from skillmatch.mentions import extract as find
    from skillmatch.output import write_table
    from skillmatch.taxonomy import load_taxonomy

    skills = load_taxonomy(taxonomy)
    reading = read_documents(files, kind=kind, columns=parse_columns(columns), language=lang)
    tell_reading(reading, "documents", quiet)
    with progress(quiet) as tell:
        count = None if tell is None else (lambda done: tell("documents", done, len(reading.documents)))
        mentions = find(reading.documents, taxonomy=skills, progress=count)
    if skipped is not None:
        write_table(reading.skipped, skipped)
    if output is None:
        show(mentions, style)
    else:
        write_table(mentions, output)
