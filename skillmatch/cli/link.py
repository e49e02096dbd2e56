"""``link``: the skills of single sentences, ranked."""

from __future__ import annotations

from pathlib import Path

import click

from skillmatch.cli.options import linker_for, linker_options, taxonomy_option
from skillmatch.errors import InputError

_BATCH = 2_000


@click.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@taxonomy_option
@click.option("--lang", type=click.Choice(["en", "it"]), default="en", show_default=True, help="Language of the file.")
@click.option("--top", type=click.IntRange(1), default=100, show_default=True, help="Most skills for each sentence.")
@click.option(
    "--format",
    "style",
    type=click.Choice(["jsonl", "csv"]),
    default="jsonl",
    show_default=True,
    help="One line a ... sentence (jsonl), or a line for each skill (csv).",
)
@linker_options
def link(file: Path, taxonomy: str, lang: str, top: int, style: str, model: Path | None, semantic: Path | None) -> None:
    """Rank the skills of the taxonomy for each line of FILE (- for stdin), in input order, without a threshold."""
    import gc
    import json
    from itertools import islice

    from skillmatch.output import to_csv

    try:
        stream = click.open_file(str(file), encoding="utf-8", errors="replace")
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error.strerror})", remedy="name a text file") from error
    linker = linker_for(taxonomy, model, semantic)
    gc.freeze()  # the taxonomy stays; looking through it for garbage again and again takes a fifth of the time
    with stream:
        lines = (line.rstrip("\r\n") for line in stream)
        number = 0
        while batch := list(islice(lines, _BATCH)):
            rows = []
            for sentence, found in zip(batch, linker.rank(batch, language=lang, top=top), strict=True):
                number += 1
                if style == "jsonl":
                    skills = [
                        {"id": row.skill_id, "label": row.label, "score": row.score, "probability": row.probability}
                        for row in found
                    ]
                    click.echo(json.dumps({"sentence": sentence, "skills": skills}, ensure_ascii=False))
                else:
                    rows += [{"line": number, "rank": at, **row._asdict()} for at, row in enumerate(found, 1)]
            if style == "csv":
                import pandas as pd

                columns = ["line", "rank", "skill_id", "label", "score", "probability"]
                text = to_csv(pd.DataFrame(rows, columns=columns))
                click.echo(text if number <= _BATCH else text.split("\n", 1)[1], nl=False)
