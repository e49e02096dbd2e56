"""``bundle``, ``whatif`` and ``compare``: questions to an audit that is already there."""

from __future__ import annotations

from pathlib import Path

import click

from skillmatch.cli.console import show
from skillmatch.cli.options import PATHS, format_option, parse_where, where_option
from skillmatch.errors import InputError

run_argument = click.argument("run", type=PATHS)


@click.command()
@run_argument
@click.option(
    "--credits", "credits_", type=click.FloatRange(0, min_open=True), required=True, help="The budget, in ECTS."
)
@click.option("--programme", help="Whose gaps (default: the first programme).")
@click.option("--must", multiple=True, metavar="ID", help="A course that has to be in. May be repeated.")
@click.option("--exclude", multiple=True, metavar="ID", help="A course that must not be in. May be repeated.")
@click.option(
    "--prerequisites", is_flag=True, help="Only courses whose prerequisites are in the bundle or known already."
)
@where_option
@click.option("--seconds", type=click.FloatRange(0.1), default=20.0, show_default=True, help="Time for the proof.")
@format_option
def bundle(
    run: Path,
    credits_: float,
    programme: str | None,
    must: tuple[str, ...],
    exclude: tuple[str, ...],
    prerequisites: bool,
    where: tuple[str, ...],
    seconds: float,
    style: str,
) -> None:
    """The courses that together close the most gap of RUN (a folder made by 'audit') within a budget of credits.

    What is printed is the best set there is, or, when the time runs out first, one that is proven to be within the
    distance shown.
    """
    from skillmatch.bundles import best_bundle
    from skillmatch.runs import load_run
    from skillmatch.selection import keep_postings

    conditions = parse_where(where)
    analysis = keep_postings(load_run(run), conditions) if conditions else load_run(run)
    name = analysis.programmes[0] if programme is None else programme
    if name not in analysis.programmes:
        raise InputError(f"--programme {name}", remedy=f"use one of: {'; '.join(analysis.programmes)}")
    best = best_bundle(
        analysis, name, credits=credits_, must=must, exclude=exclude, prerequisites=prerequisites, time_limit=seconds
    )
    show(best.table, style)
    click.echo(
        f"{best.credits:g} of {credits_:g} credits close {100 * best.closed:.2f} % of the gap weight; "
        f"no set closes more than {100 * best.bound:.2f} % (distance {100 * best.distance:.2f} %)",
        err=True,
    )


@click.command()
@run_argument
@click.option("--drop", multiple=True, metavar="ID", help="Leave out this course. May be repeated.")
@click.option("--add", type=PATHS, multiple=True, help="File of courses to put in; one with a known id replaces it.")
@click.option("--programme", help="Programme of the added courses (default: the first).")
@format_option
def whatif(run: Path, drop: tuple[str, ...], add: tuple[Path, ...], programme: str | None, style: str) -> None:
    """How the gaps of RUN (a folder made by 'audit') move when courses are dropped, added or rewritten."""
    from skillmatch.documents import read_documents
    from skillmatch.runs import load_run
    from skillmatch.whatif import moved_gaps, what_if

    if not drop and not add:
        raise InputError("nothing changes", remedy="give --drop ID or --add FILE")
    before = load_run(run)
    courses = read_documents(add, kind="syllabus").documents if add else None
    moved = moved_gaps(before, what_if(before, drop=drop, add=courses, programme=programme))
    if moved.empty:
        click.echo("no gap moves by a thousandth or more", err=True)
    else:
        show(moved, style)


@click.command()
@click.argument("before", type=PATHS)
@click.argument("after", type=PATHS)
@click.option("--all", "everything", is_flag=True, help="Also the changes within noise.")
@format_option
def compare(before: Path, after: Path, everything: bool, style: str) -> None:
    """What closed and what opened between two audits, BEFORE and AFTER (folders made by 'audit'), beyond noise."""
    from skillmatch.comparison import compare_gaps, read_gaps

    table = compare_gaps(read_gaps(before), read_gaps(after))
    real = table[table["verdict"] != ""]
    if real.empty:
        click.echo("nothing changed beyond noise", err=True)
    if everything or len(real):
        show(table if everything else real, style)
