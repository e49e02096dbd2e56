"""``cache``: what earlier runs found and later ones need not find again."""

from __future__ import annotations

from pathlib import Path

import click

from skillmatch.cli.options import PATHS

cache_option = click.option("--cache", type=PATHS, metavar="DIR", help="Folder of the cache (default: the user's).")


@click.group()
def cache() -> None:
    """What was found in documents, kept by their content for later runs."""


@cache.command()
@cache_option
def info(cache: Path | None) -> None:
    """Where the cache is, how large, and how much of it fits this version."""
    from skillmatch.resources import default_folder
    from skillmatch.scale import kept
    from skillmatch.scale.store import FILE, Store

    folder = cache or default_folder()
    if not (folder / FILE).is_file():
        click.echo(f"{folder}: empty")
        return
    store = Store(folder)
    size = store.size()
    store.close()
    click.echo(f"{folder / FILE}: {size.bytes / 1e6:,.1f} MB, {size.readings:,} documents read")
    for found_by, documents in size.mentions.items():
        click.echo(f"  {documents:,} documents with their mentions, found by {found_by}")
    parts, used = kept.size(folder)
    click.echo(f"{folder / kept.FOLDER}: {used / 1e6:,.1f} MB, {parts:,} parts of inputs that are known as a whole")


@cache.command()
@cache_option
def clear(cache: Path | None) -> None:
    """Forget all that is kept; the next run finds it again."""
    from skillmatch.resources import default_folder
    from skillmatch.scale import kept
    from skillmatch.scale.store import FILE, Store

    folder = cache or default_folder()
    kept.clear(folder)
    if (folder / FILE).is_file():
        store = Store(folder)
        documents = store.size().readings
        store.clear()
        store.close()
        click.echo(f"{folder}: {documents:,} documents forgotten")
    else:
        click.echo(f"{folder}: empty")
