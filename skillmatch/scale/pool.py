"""Work done in this process, or in processes beside it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pandas as pd

from skillmatch.pipeline import Pipelines
from skillmatch.scale.chunks import Chunk
from skillmatch.scale.finish import Partition, add_counts
from skillmatch.scale.isolation import Alone, Isolated, Progress
from skillmatch.scale.work import Settings


class Inline:
    """Works on chunks at once, in this process."""

    width = 0

    def __init__(self, settings: Settings, pipelines: Pipelines, progress: Progress) -> None:
        self._worker, self._progress = Alone(settings, pipelines), progress

    def __enter__(self) -> Inline:
        return self

    def __exit__(self, *error: object) -> None:
        self._worker.close()

    def submit(self, chunk: Chunk) -> Future[None]:
        future: Future[None] = Future()
        self._worker.do(chunk, self._progress)
        future.set_result(None)
        return future

    def finish(self, function: Callable[..., Partition], *lists: Iterable[Any]) -> tuple[list[Partition], pd.DataFrame]:
        partitions = list(map(function, *lists))
        return partitions, add_counts([partition.counts for partition in partitions])


class Pool:
    """Works on chunks in processes; each is driven by a thread of this one, so that its death is noticed at once."""

    def __init__(self, settings: Settings, workers: int | None, progress: Progress) -> None:
        self.width = workers or cores()
        self._settings, self._progress = settings, progress
        self._threads = ThreadPoolExecutor(self.width, initializer=self._start)
        self._mine = threading.local()
        self._workers: list[Isolated] = []

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *error: object) -> None:
        for worker in self._workers:
            worker.close()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def submit(self, chunk: Chunk) -> Future[None]:
        return self._threads.submit(self._do, chunk)

    def finish(self, function: Callable[..., Partition], *lists: Iterable[Any]) -> tuple[list[Partition], pd.DataFrame]:
        partitions = list(self._threads.map(function, *lists))
        return partitions, add_counts([partition.counts for partition in partitions])

    def _start(self) -> None:
        self._mine.worker = Isolated(self._settings)
        self._workers.append(self._mine.worker)

    def _do(self, chunk: Chunk) -> None:
        self._mine.worker.do(chunk, self._progress)


def cores() -> int:
    """Cores that this process may use, which in a container are fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
