"""``train``: rebuild the small trained parts in ``models/``."""

from __future__ import annotations

from pathlib import Path

import click

from skillmatch.cli.options import PATHS


@click.group()
def train() -> None:
    """Rebuild the trained parts from the bundled corpora."""


@train.command()
@click.option("-o", "--output", type=PATHS, default=Path("models"), show_default=True, help="Folder of the models.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of all that is drawn.")
def sections(output: Path, seed: int) -> None:
    """Train the models that tell the roles of sentences, into OUTPUT/sections.

    Data: the tuning half of corpora/reading, the demonstration, corpora/sentences. The same input gives the same bytes.
    """
    from skillmatch.role_training import train_sections

    for path in train_sections(output, seed=seed):
        click.echo(path)


@train.command()
@click.option("--taxonomy", required=True, type=PATHS, help="ESCO, built with 'taxonomy build'.")
@click.option("--gold", type=PATHS, help="Folder of labelled sentences (*_annotations.csv, skillspan_train.jsonl).")
@click.option("-o", "--output", type=PATHS, default=Path("models"), show_default=True, help="Folder of the models.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of all that is drawn.")
def linking(taxonomy: Path, gold: Path | None, output: Path, seed: int) -> None:
    """Train the linker's gate and reranker, into OUTPUT/linking, from corpora/sentences and --gold."""
    from skillmatch.linking.training import train_linker
    from skillmatch.taxonomy import load_taxonomy

    model = train_linker(load_taxonomy(taxonomy), gold=gold, seed=seed, tell=lambda line: click.echo(line, err=True))
    model.save(output / "linking")
    click.echo(output / "linking")


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
