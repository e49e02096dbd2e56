"""How commands show progress, counts and tables."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    import pandas as pd

    from skillmatch.documents import Reading


@contextmanager
def progress(quiet: bool) -> Iterator[Callable[[str, int, int], None] | None]:
    """A progress bar on stderr with counts, documents/s and time left, where somebody is watching."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:,.0f}/s" if task.speed else "")

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def advance(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=total)
            bar.advance(tasks[stage], done)

        yield advance


def tell_counts(counts: dict[str, int], name: str, quiet: bool) -> None:
    """One line on stderr with what became of the documents read."""
    if not quiet:
        line = "{name}: {read} read = {processed} used + {duplicates} duplicates + {skipped} skipped"
        click.echo(line.format(name=name, **counts), err=True)


def tell_reading(reading: Reading, name: str, quiet: bool) -> None:
    """The same for what `skillmatch.read_documents` read."""
    tell_counts(reading.counts, name, quiet)


def show(table: pd.DataFrame, style: str, *, limit: int | None = None) -> None:
    """Print a table to stdout."""
    from skillmatch.output import to_csv, to_records

    if style == "csv":
        click.echo(to_csv(table), nl=False)
        return
    records = to_records(table)
    if style == "json":
        import json

        click.echo(json.dumps(records, ensure_ascii=False, indent=2))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    grid = Table(header_style="bold", show_edge=False)
    for name in table.columns:
        numeric = all(isinstance(record[name], (int, float)) for record in records[:20])
        grid.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for record in records[:limit]:
        cells = (f"{v:.3f}" if isinstance(v, float) else "" if v is None else str(v) for v in record.values())
        grid.add_row(*map(Text, cells))
    console = Console(width=None if sys.stdout.isatty() else 200)
    console.print(grid)
    if limit is not None and len(records) > limit:
        click.echo(f"{limit} of {len(records)} rows; --format csv gives all", err=True)
