"""Options that several commands share, and how tables and progress are shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from skillmatch.errors import InputError

if TYPE_CHECKING:
    from skillmatch.linking.linker import Linker
    from skillmatch.linking.semantic import SemanticVectors
    from skillmatch.pipeline import Pipelines
    from skillmatch.taxonomy import Taxonomy

PATHS = click.Path(path_type=Path)


def several(*decorators: Callable) -> Callable:
    """Apply decorators as if they were written one under the other."""

    def apply(function: Callable) -> Callable:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return apply


taxonomy_option = click.option(
    "--taxonomy",
    default="manufacturing",
    show_default=True,
    help="Bundled name, a folder made by 'taxonomy build', a CSV file, or a folder of CSV files.",
)
language_option = click.option(
    "--lang", type=click.Choice(["en", "it"]), help="Language of all documents (default: detected for each)."
)
column_option = click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="FIELD=NAME",
    help="Which column of a table is what, e.g. --column text=Description; may be repeated.",
)
quiet_option = click.option("--quiet", "-q", is_flag=True, help="No progress on stderr.")
where_option = click.option(
    "--where",
    multiple=True,
    metavar="COLUMN=VALUE",
    help="Only postings with this value, e.g. --where sector=rail; the same column again: or; another column: and.",
)
format_option = click.option(
    "--format",
    "style",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
    help="How the result is written to stdout.",
)
link_option = click.option(
    "--link/--no-link",
    default=False,
    help="Also find skills that are named in other words than the taxonomy's (slower; see docs/linking.md).",
)
semantic_option = click.option(
    "--semantic",
    type=PATHS,
    metavar="FOLDER",
    help="Static embeddings (model2vec) as further evidence of the linker; nothing is downloaded.",
)
mask_names_option = click.option(
    "--mask-names",
    is_flag=True,
    help="Mask names of persons too, as far as they can be told (contacts are masked always).",
)
evidence_option = click.option(
    "--no-evidence", is_flag=True, help="No sentence and no words of a document in any output, only counts."
)
scale_options = several(
    click.option(
        "--workers",
        type=click.IntRange(1),
        help="Processes that work at once (default: all cores; a small input needs none).",
    ),
    click.option(
        "--cluster", metavar="ADDRESS", help="Dask scheduler to work on, tcp://HOST:8786, or 'local' (docs/scale.md)."
    ),
    click.option(
        "--cache", type=PATHS, metavar="DIR", help="Where what was found is kept for later runs (see 'cache info')."
    ),
    click.option("--no-cache", is_flag=True, help="Keep nothing for later runs."),
)
audit_inputs = several(
    click.option(
        "--postings", type=PATHS, required=True, multiple=True, help="File or folder of postings. May be repeated."
    ),
    click.option(
        "--syllabi", type=PATHS, required=True, multiple=True, help="File or folder of syllabi. May be repeated."
    ),
    click.option("--catalogue", type=PATHS, multiple=True, help="Further courses that may close the gaps."),
    click.option("--programme", metavar="COLUMN", help="Column of the syllabi that names each course's programme."),
    click.option("--by", multiple=True, metavar="COLUMN", help="Break the demand down by this column of the postings."),
    where_option,
    click.option("--background", type=PATHS, help="How common skills are in general (see 'taxonomy background')."),
    taxonomy_option,
    language_option,
    column_option,
    link_option,
    semantic_option,
    mask_names_option,
    evidence_option,
    scale_options,
    quiet_option,
)


def parse_columns(pairs: tuple[str, ...]) -> dict[str, str]:
    """``("text=Description",)`` as a mapping."""
    columns = {}
    for pair in pairs:
        field, equals, name = pair.partition("=")
        if not equals or not field or not name:
            raise InputError(f"--column {pair}", remedy="write --column FIELD=NAME, e.g. --column text=Description")
        columns[field.strip()] = name.strip()
    return columns


def parse_where(conditions: tuple[str, ...]) -> dict[str, list[str]]:
    """``("sector=rail", "sector=yachts")`` as values by column."""
    wanted: dict[str, list[str]] = {}
    for condition in conditions:
        column, equals, value = condition.partition("=")
        if not equals or not column.strip() or not value.strip():
            raise InputError(f"--where {condition}", remedy="write --where COLUMN=VALUE, e.g. --where sector=rail")
        wanted.setdefault(column.strip(), []).append(value.strip())
    return wanted


def pipelines_for(taxonomy: Taxonomy, link: bool, semantic: Path | None = None) -> tuple[Pipelines, dict[str, str]]:
    """The pipelines of a command, and what `skillmatch.scale.run.Options` has to say of their linker."""
    from skillmatch.pipeline import Pipelines

    if not link:
        if semantic is not None:
            raise InputError(f"--semantic {semantic}: nothing is linked", remedy="add --link")
        return Pipelines(taxonomy), {}
    from skillmatch.linking.linker import Linker

    vectors = _vectors(semantic)
    places = {"linking": str(tell_of_index(taxonomy)), "semantic": str(semantic.resolve()) if semantic else ""}
    return Pipelines(taxonomy, linker=Linker(taxonomy, semantic=vectors)), places


def tell_of_index(taxonomy: Taxonomy) -> Path:
    """The file of the linker's index; says so where it has yet to be made."""
    from skillmatch.linking.index import index_file

    file = index_file(taxonomy)
    if not file.is_file():
        click.echo(f"learning the words of the taxonomy {taxonomy.name!r}, once", err=True)
    return file


def linker_for(taxonomy: str, model: Path | None, semantic: Path | None) -> Linker:
    """The linker of a command."""
    from skillmatch.linking.linker import Linker
    from skillmatch.linking.reranker import Reranker
    from skillmatch.taxonomy import load_taxonomy

    vectors = _vectors(semantic)
    return Linker(load_taxonomy(taxonomy), reranker=Reranker.load(model), semantic=vectors)


def _vectors(folder: Path | None) -> SemanticVectors | None:
    if folder is None:
        return None
    from skillmatch.linking.semantic import SemanticVectors

    return SemanticVectors(folder)


def linker_options(command: Callable) -> Callable:
    """Parts of the linker that may be other ones."""
    return several(
        click.option("--model", type=PATHS, help="Folder of another trained linker."),
        semantic_option,
    )(command)


def cache_folder(cache: Path | None, no_cache: bool, cluster: str | None) -> Path | None:
    """The folder of the store that a command is to use, None for none."""
    from skillmatch.resources import default_folder

    if no_cache or (cache is None and cluster is not None):
        return None
    if cache is not None:
        return cache
    folder = default_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        click.echo(f"nothing is kept for later runs: {folder} cannot be used ({error.strerror}); see --cache", err=True)
        return None
    return folder
