"""A whole extraction: input in, partitions out, and on again where it was stopped."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from skillmatch.documents.records import read_records
from skillmatch.pipeline import Pipelines
from skillmatch.scale.chunks import Chunk, cut
from skillmatch.scale.extraction import RESULT, Extraction, conclude
from skillmatch.scale.finish import Partition, finish_part, judge
from skillmatch.scale.isolation import Progress
from skillmatch.scale.kept import Kept
from skillmatch.scale.parts import part_digest, write_places
from skillmatch.scale.pool import Inline, Pool
from skillmatch.scale.state import claimed
from skillmatch.scale.work import Settings, made_from

#: An input of at most so many chunks (some 1,200 postings) is worked on in this process, where nothing else is said:
#: starting workers would take longer.
_FEW = 16


class Executor(Protocol):
    """Where work is done: in this process, in processes beside it, or on a cluster."""

    width: int

    def submit(self, chunk: Chunk) -> Future[Any]: ...
    def finish(
        self, function: Callable[..., Partition], *lists: Iterable[Any]
    ) -> tuple[list[Partition], pd.DataFrame]: ...


@dataclass(frozen=True)
class Options:
    """How documents are read, and what looks for skills in them."""

    kind: str
    pipelines: Pipelines
    columns: Mapping[str, str]
    language: str | None = None
    mask_names: bool = False
    linking: str = ""
    semantic: str = ""


def run_extraction(
    paths: Iterable[Path],
    options: Options,
    *,
    state: Path,
    cache: Path | None,
    workers: int | None = None,
    cluster: str | None = None,
    texts: bool = False,
    progress: Progress | None = None,
) -> Extraction:
    """Find the skills in all documents of some files and folders.

    Parameters
    ----------
    paths : read in this order, folders in name order (`skillmatch.read_documents`).
    state : folder of the unfinished run. What is finished in it is not done again; the result is in it afterwards.
    cache : folder of the store, or None for one that lives as long as the run. On a cluster each machine has its own.
    workers : processes; by default all cores, or this process alone for a small input.
    cluster : address of a Dask scheduler, or ``"local"``, instead of processes.
    texts : keep the texts of the documents in the state too, for `Extraction.texts`.
    progress : told how many more documents are done.

    Returns
    -------
    Extraction, whose bytes depend on input, options and version alone.

    Raises
    ------
    InputError : an input cannot be used as a whole, another command left its state there or is at work there, or the
        disk is full.
    EmptyError : nothing is left to work on.
    """
    paths = [Path(path) for path in paths]
    tell = progress or (lambda done: None)
    pipelines = options.pipelines
    settings = Settings(
        options.kind, options.language, options.mask_names, pipelines.taxonomy.to_json(), str(state.absolute()),
        "" if cache is None and cluster is not None else str((cache or state / "cache").absolute()), texts,
        options.linking, options.semantic,
    )  # fmt: skip
    chunks = cut(chain.from_iterable(read_records(path, kind=options.kind, columns=options.columns) for path in paths))
    first = list(islice(chunks, _FEW + 1))
    small = len(first) <= _FEW and workers is None and cluster is None
    # On a cluster each machine has a cache of its own, which this one cannot see into.
    kept = Kept(cache) if cache is not None and cluster is None else None
    with (
        claimed(state, _command(paths, options)),
        _executor(settings, pipelines if small else None, workers, cluster, tell) as executor,
    ):
        parts = _work(chain(first, chunks), executor, state, settings.made_by(pipelines), kept, tell)
        verdicts = judge(state, parts)
        result = state / RESULT
        shutil.rmtree(result, ignore_errors=True)
        written, counts = executor.finish(
            finish_part, [state] * parts, [result] * parts, verdicts, [options.kind] * parts,
            [kept.folder if kept else None] * parts,
        )  # fmt: skip
        return conclude(state, written, counts, verdicts, paths, kind=options.kind, taxonomy=pipelines.taxonomy)


def _work(
    chunks: Iterable[Chunk], executor: Executor, state: Path, made_by: str, kept: Kept | None, tell: Progress
) -> int:
    """Have all chunks worked on that are not done yet; how many there are."""
    running: set[Future[Any]] = set()
    parts = 0
    for chunk in chunks:
        parts += 1
        write_places(state, chunk)
        digest = made_from(chunk, made_by)
        if part_digest(state, chunk.number) == digest or (kept and kept.take(digest, state, chunk.number)):
            tell(chunk.size)
            continue
        if len(running) > executor.width:  # one chunk waits for each worker; more would only fill the memory
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                future.result()
        running.add(executor.submit(chunk))
    for future in running:
        future.result()
    if kept:
        kept.keep(state, parts)
    return parts


def _executor(
    settings: Settings, pipelines: Pipelines | None, workers: int | None, cluster: str | None, tell: Progress
) -> AbstractContextManager[Executor]:
    if cluster is not None:
        from skillmatch.scale.cluster import Cluster

        return Cluster(cluster, settings, workers, tell)
    return Inline(settings, pipelines, tell) if pipelines else Pool(settings, workers, tell)


def _command(paths: list[Path], options: Options) -> dict[str, Any]:
    taxonomy = options.pipelines.taxonomy
    return {
        "inputs": [str(path.absolute()) for path in paths],
        "kind": options.kind,
        "columns": dict(options.columns),
        "language": options.language,
        "mask_names": options.mask_names,
        "taxonomy": f"{taxonomy.name} {taxonomy.version}",
    }
