"""Work done on a Dask cluster: chunks go out, parts are written to the shared output, counts are added up there.

No Doc and no text of a result crosses the wire. Each worker of the cluster gets the settings, with the taxonomy, once,
and keeps a process of its own for the pipelines (`skillmatch.scale.isolation`), so that a poison document ends that
process and not the worker.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pandas as pd

from skillmatch.errors import InputError, SkillmatchError
from skillmatch.scale.chunks import Chunk
from skillmatch.scale.finish import Partition, add_counts
from skillmatch.scale.isolation import Isolated, Progress
from skillmatch.scale.pool import cores
from skillmatch.scale.work import Settings

try:
    from distributed import Client, LocalCluster, WorkerPlugin, get_worker
except ImportError as error:
    raise InputError("--cluster needs Dask", remedy="pip install 'skillmatch[scale]'") from error

_PLUGIN = "skillmatch"
_RETRIES = 3  # of a chunk whose worker was lost; Dask itself tries as often again
_AT_ONCE = 16  # tables of counts added up in one task


class Cluster:
    """Works on chunks on the cluster at an address, or on one that is started for the run (``"local"``)."""

    def __init__(self, address: str, settings: Settings, workers: int | None, progress: Progress) -> None:
        self._progress = progress
        self._local = None
        if address == "local":
            self._local = LocalCluster(n_workers=workers or cores(), threads_per_worker=1, dashboard_address=":0")
        try:
            self._client = Client(self._local or address, timeout="30s")
        except (OSError, ValueError) as error:
            raise InputError(
                f"--cluster {address}: no scheduler answers ({error})", remedy="start one with 'dask scheduler'"
            ) from error
        self._client.register_plugin(_Worker(settings), name=_PLUGIN)
        self.width = max(1, sum(self._client.nthreads().values()))
        self._tasks: set[Any] = set()

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *error: object) -> None:
        self._client.cancel(list(self._tasks))
        self._client.unregister_worker_plugin(_PLUGIN)
        self._client.close()
        if self._local is not None:
            self._local.close()

    def submit(self, chunk: Chunk) -> Future[None]:
        # The payload travels with the task, not as data of a worker that may be lost.
        task = self._client.submit(
            _work, chunk.number, chunk.size, chunk.payload, key=f"chunk-{chunk.number}-{chunk.digest}", retries=_RETRIES
        )
        self._tasks.add(task)
        future: Future[None] = Future()

        def conclude(task: Any) -> None:
            self._tasks.discard(task)
            if task.status == "finished":
                self._progress(chunk.size)
                future.set_result(None)
            else:
                future.set_exception(_told(task.exception()))

        task.add_done_callback(conclude)
        return future

    def finish(self, function: Callable[..., Partition], *lists: Iterable[Any]) -> tuple[list[Partition], pd.DataFrame]:
        written = self._client.map(function, *map(list, lists), pure=False, retries=_RETRIES)
        counts = self._client.map(_counts, written, pure=False)
        while len(counts) > 1:
            counts = [self._client.submit(add_counts, counts[at : at + _AT_ONCE], pure=False)
                      for at in range(0, len(counts), _AT_ONCE)]  # fmt: skip
        partitions = self._client.map(_without_counts, written, pure=False)
        try:
            return self._client.gather(partitions), self._client.gather(counts[0])
        except Exception as error:
            raise _told(error) from error


class _Worker(WorkerPlugin):
    """The settings on each worker of the cluster, also on those that join or replace another later."""

    name = _PLUGIN

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def setup(self, worker: Any) -> None:
        state = Path(self._settings.state)
        if not state.is_dir():
            raise InputError(
                f"{state} is not there on the worker {worker.address}",
                remedy="name an output on storage that all machines share under the same path",
            )
        # SQLite must not be used over a network share, so each machine has its own cache.
        cache = self._settings.cache or str(Path(worker.local_directory) / "skillmatch")
        self._settings = replace(self._settings, cache=cache)
        self._isolated: dict[int, Isolated] = {}

    def teardown(self, worker: Any) -> None:
        for isolated in self._isolated.values():
            isolated.close()

    def do(self, chunk: Chunk) -> None:
        thread = threading.get_ident()
        if thread not in self._isolated:
            self._isolated[thread] = Isolated(self._settings)
        self._isolated[thread].do(chunk, lambda done: None)


def _work(number: int, size: int, payload: bytes) -> None:
    cast(_Worker, get_worker().plugins[_PLUGIN]).do(Chunk(number, size, payload))


def _counts(partition: Partition) -> pd.DataFrame:
    return partition.counts


def _without_counts(partition: Partition) -> Partition:
    return replace(partition, counts=partition.counts.iloc[:0])


def _told(error: BaseException | None) -> BaseException:
    """What went wrong on the cluster, as an error of ours."""
    if isinstance(error, SkillmatchError):
        return error
    return SkillmatchError(
        f"the cluster could not do a part of the work ({type(error).__name__}: {error})",
        remedy="the same command goes on where it stopped",
    )
