"""``audit``, ``demo``, ``gaps`` and ``report``: the whole flow, and parts of its result."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from skillmatch.cli.console import progress, show, tell_reading
from skillmatch.cli.options import (
    PATHS,
    audit_inputs,
    cache_folder,
    format_option,
    parse_columns,
    parse_where,
    pipelines_for,
    quiet_option,
)
from skillmatch.errors import InputError

if TYPE_CHECKING:
    from skillmatch.auditing import Audit

report_language = click.option(
    "--report-lang", type=click.Choice(["en", "it"]), default="en", show_default=True, help="Language of the report."
)
_TABLE_ROWS = 30
_FEW_POSTINGS = 30


@contextmanager
def audited(
    output: Path | None = None,
    *,
    postings: tuple[Path, ...],
    syllabi: tuple[Path, ...],
    catalogue: tuple[Path, ...] = (),
    programme: str | None = None,
    by: tuple[str, ...] = (),
    where: tuple[str, ...] = (),
    background: Path | None = None,
    taxonomy: str = "manufacturing",
    lang: str | None = None,
    columns: tuple[str, ...] = (),
    link: bool = False,
    semantic: Path | None = None,
    mask_names: bool = False,
    no_evidence: bool = False,
    workers: int | None = None,
    cluster: str | None = None,
    cache: Path | None = None,
    no_cache: bool = False,
    quiet: bool = False,
) -> Iterator[Audit]:
    """Read the inputs of a command and audit them; what was done for an output is kept until that is written.

    The postings may be any number and are read as `extract` reads them; courses are kept as they are.
    """
    from skillmatch.auditing import audit, keep_where
    from skillmatch.background import read_background
    from skillmatch.documents import read_documents
    from skillmatch.documents.estimate import estimate_documents
    from skillmatch.scale.gathering import gather
    from skillmatch.scale.run import Options, run_extraction
    from skillmatch.scale.state import unfinished
    from skillmatch.taxonomy import load_taxonomy

    skills = load_taxonomy(taxonomy)
    chosen = parse_columns(columns)
    conditions = parse_where(where)
    common = read_background(background) if background else None
    readings: dict[str, Any] = {"catalogue": None}
    for name, paths in (("syllabi", syllabi), ("catalogue", catalogue)):
        if paths:
            columns_here = chosen
            if name == "syllabi" and programme is not None and programme in _columns_of(paths):
                columns_here, programme = {**chosen, "programme": programme}, None
            readings[name] = read_documents(
                paths, kind="syllabus", columns=_present(columns_here, paths), language=lang, mask_names=mask_names
            )
    pipelines, linker = pipelines_for(skills, link, semantic)
    options = Options("posting", pipelines, _present(chosen, postings), language=lang, mask_names=mask_names, **linker)
    with unfinished(output) as state:
        with progress(quiet) as tell:
            total = estimate_documents(postings) if tell else 0
            found = run_extraction(
                postings,
                options,
                state=state,
                cache=cache_folder(cache, no_cache, cluster),
                workers=workers,
                cluster=cluster,
                texts=True,
                progress=None if tell is None else (lambda done: tell("postings", done, total)),
            )
            readings["postings"], of_postings = gather(found)
            for name in ("postings", "syllabi", "catalogue"):
                if readings[name] is not None:
                    tell_reading(readings[name], name, quiet)
            result = audit(
                **readings,
                programme=programme,
                by=_split(by),
                pipelines=options.pipelines,
                background=common,
                found=of_postings,
                evidence=not no_evidence,
                progress=tell,
            )
        yield keep_where(result, conditions) if conditions else result


def _split(by: tuple[str, ...]) -> list[str] | None:
    """``("region,sector",)`` as a list; None where nothing was asked for."""
    return [name.strip() for part in by for name in part.split(",") if name.strip()] or None


def _columns_of(paths: tuple[Path, ...]) -> set[str]:
    """Columns of the tables among the paths."""
    from skillmatch.documents.tables import column_names

    return set().union(*(column_names(path) for path in paths if path.is_file()))


def _present(chosen: dict[str, str], paths: tuple[Path, ...]) -> dict[str, str]:
    """The chosen columns that a table among the paths has, all of them where none is there.

    A column that only the postings or only the syllabi have must not stop the other side.
    """
    found = _columns_of(paths) if chosen else set()
    return {field: name for field, name in chosen.items() if name in found} or chosen


@click.command()
@audit_inputs
@click.option("-o", "--output", type=PATHS, required=True, help="Folder for the tables, the workbook and the report.")
@report_language
def audit(output: Path, report_lang: str, **options: Any) -> None:
    """Audit syllabi against postings: tables, a workbook and an HTML report.

    Writes report.html, audit.xlsx and the tables (gaps.csv, ranking.csv, bundle.csv ... see README) to the folder, with
    run.json as the record of the run, and prints a summary.
    """
    _audit_to_folder(output, report_lang, **options)


@click.command()
@click.option("-o", "--output", type=PATHS, default=Path("runs/demo"), show_default=True, help="Folder for the result.")
@report_language
@quiet_option
def demo(output: Path, report_lang: str, quiet: bool) -> None:
    """Audit the bundled demonstration: fictional Tuscan postings, two programmes and a course catalogue."""
    from skillmatch.resources import resource

    folder = resource("corpora", "demo")
    _audit_to_folder(
        output,
        report_lang,
        postings=(folder / "postings.csv",),
        syllabi=(folder / "syllabi.csv",),
        catalogue=(folder / "catalogue.csv",),
        quiet=quiet,
    )


@click.command()
@audit_inputs
@format_option
def gaps(style: str, **options: Any) -> None:
    """Print the gaps: what is asked for and not taught, by priority."""
    with audited(**options) as result:
        show(result.gaps, style, limit=_TABLE_ROWS)


@click.command()
@audit_inputs
@click.option("-o", "--output", type=PATHS, required=True, help="The HTML file to write.")
@report_language
def report(output: Path, report_lang: str, **options: Any) -> None:
    """Write the HTML report alone."""
    from skillmatch.output import whole_file
    from skillmatch.report import render_page, report_facts

    with audited(**options) as result:
        facts = report_facts(result, language=report_lang)
    with whole_file(output) as stream:
        stream.write(render_page(facts))
    click.echo(str(output))


def _audit_to_folder(output: Path, report_lang: str, **options: Any) -> None:
    from skillmatch.report import report_facts, write_audit
    from skillmatch.report.record import run_record

    if output.exists() and not output.is_dir():
        raise InputError(f"{output}: this is a file", remedy="name a folder")
    began = time.time()
    with audited(output, **options) as result:
        facts = report_facts(result, language=report_lang)
        page = write_audit(
            result,
            output,
            facts=facts,
            run=run_record(options=options | {"report_lang": report_lang}, began=began),
        )
    _print_summary(facts)
    click.echo(f"\n{page}")


def _print_summary(facts: dict[str, Any]) -> None:
    """What a dean wants to know, in a screenful."""
    t = facts["t"]
    if facts["counts"]["postings"]["processed"] < _FEW_POSTINGS:
        click.echo(f"\n{t['few_postings']}")
    for programme in facts["programmes"][:4]:
        click.echo(f"\n{programme['title']}")
        click.echo(f"  {100 * programme['met']:.0f} % {t['s_met']}")
        click.echo(f"  {programme['asked']} {t['s_asked']}; {programme['untaught']} {t['s_untaught']}.")
        click.echo(f"\n  {t['s_lead']}:")
        for row in programme["lead"]:
            asked = f"{100 * row['demand']:5.1f} % [{100 * row['low']:.0f}-{100 * row['high']:.0f}]"
            taught = f"{t['taught'].lower()} {100 * row['supply']:3.0f} %"
            click.echo(f"    {row['label']:<44.44} {t['demand'].lower()} {asked:<16} {taught}  {t[row['sure']]}")
        if programme["ranking"]:
            click.echo(f"\n  {t['ranking_own'] if programme['own_ranked'] else t['s_close']}:")
        for row in programme["ranking"][:3]:
            click.echo(
                f"    {row['rank']}. {row['title']:<60.60} {t['closes'].lower()} {100 * row['closes']:4.1f} %  "
                f"({t['rank'].lower()} {row['rank_low']}-{row['rank_high']})"
            )
