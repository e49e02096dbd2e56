"""``train``: rebuild the small trained parts in ``models/``."""

from __future__ import annotations

from pathlib import Path

import click

from skillmatch.cli.options import PATHS


@click.group()
def train() -> None:
    """Rebuild the trained parts from the bundled corpora."""


@train.command()
@click.option("--gold", type=PATHS, required=True, metavar="DIR", help="Folder with skillspan_train.jsonl.")
@click.option("-o", "--output", type=PATHS, default=Path("models"), show_default=True, help="Folder of the models.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of all that is drawn.")
def spans(gold: Path, output: Path, seed: int) -> None:
    """Train the model that says where in a sentence skills stand, into OUTPUT/spans.

    Data: labelled sentences of SkillSpan, and corpora/sentences for the word vectors.
    """
    from skillmatch.spans.training import train_spans

    click.echo(train_spans(gold, output, seed=seed))
