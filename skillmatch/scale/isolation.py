"""Chunks worked on so that a poison document stops itself alone: found, skipped with the reason, the rest goes on."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import skillmatch
from skillmatch.errors import InputError, SkillmatchError
from skillmatch.pipeline import Pipelines
from skillmatch.scale.child import receive, send
from skillmatch.scale.chunks import Chunk
from skillmatch.scale.work import Settings, Work

#: A worker that is silent for longer over a few documents hangs; one document takes milliseconds.
DOCUMENT_SECONDS = 60.0
_START_SECONDS = 600.0  # also for what a worker does besides documents: compiling, writing
_MOST_ATTEMPTS = 3  # where no document is to blame

#: Told how many more documents are done.
Progress = Callable[[int], None]


class Fault(Exception):
    """Something went wrong over the documents with the numbers ``at`` (none: over none of them)."""

    def __init__(self, at: Sequence[int], reason: str) -> None:
        super().__init__(reason)
        self.at, self.reason = list(at), reason


class Worker(Protocol):
    """Works on chunks, one after the other."""

    def do(self, chunk: Chunk, progress: Progress) -> None: ...
    def close(self) -> None: ...


class Alone:
    """Works in this process: for small inputs. A document that raises an error is isolated, one that crashes is not."""

    def __init__(self, settings: Settings, pipelines: Pipelines) -> None:
        self._work = Work(settings, pipelines)

    def do(self, chunk: Chunk, progress: Progress) -> None:
        def attempt(careful: set[int], poison: dict[int, str], tell: Callable[[int], None]) -> None:
            at: Sequence[int] = ()

            def told(numbers: Sequence[int], done: int) -> None:
                nonlocal at
                at = numbers
                tell(done)

            try:
                self._work.do(chunk, tell=told, careful=careful, poison=poison)
            except SkillmatchError:
                raise
            except Exception as error:
                if not at:
                    raise
                raise Fault(at, f"{type(error).__name__}: {error}") from error

        _persist(attempt, progress)

    def close(self) -> None:
        self._work.close()


class Isolated:
    """Works in a process of its own, which is replaced when it dies or hangs."""

    def __init__(self, settings: Settings, *, seconds: float = DOCUMENT_SECONDS) -> None:
        self._settings, self._seconds = settings, seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False

    def do(self, chunk: Chunk, progress: Progress) -> None:
        def attempt(careful: set[int], poison: dict[int, str], tell: Callable[[int], None]) -> None:
            if self._process is None:
                self._start()
            order = {"number": chunk.number, "size": chunk.size, "careful": sorted(careful), "poison": poison}
            at: list[int] = []
            self._send(order, chunk.payload)
            while True:
                message = self._answer(at)
                if "finished" in message:
                    return
                if "error" in message:
                    raise InputError(message["error"])
                if "fault" in message:
                    raise Fault(at, message["fault"])
                at = message["at"]
                tell(message["done"])

        _persist(attempt, progress)

    def close(self) -> None:
        """End the process at once."""
        self._closed = True
        self._stop()

    def _start(self) -> None:
        if self._closed:
            raise KeyboardInterrupt
        # The worker runs the same skillmatch as this process, and nothing that happens to lie in the current folder.
        package = str(Path(skillmatch.__file__).parents[1])
        paths = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "skillmatch.scale.child"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": paths},
        )  # fmt: skip
        self._answers: queue.Queue[dict[str, Any] | None] = queue.Queue()
        threading.Thread(target=_listen, args=(self._process.stdout, self._answers), daemon=True).start()
        self._send(asdict(self._settings))
        message = self._answer([])
        if "error" in message or "fault" in message:
            raise InputError(message.get("error") or f"a worker could not start ({message['fault']})")

    def _send(self, message: dict[str, Any], payload: bytes = b"") -> None:
        with suppress(OSError):  # a worker that is gone is told by its missing answer
            send(self._process.stdin, message, payload)  # type: ignore[union-attr, arg-type]

    def _answer(self, at: list[int]) -> dict[str, Any]:
        limit = self._seconds if at else max(self._seconds, _START_SECONDS)
        try:
            message = self._answers.get(timeout=limit)
        except queue.Empty:
            self._stop()
            raise Fault(at, f"not done after {limit:.0f} seconds") from None
        if message is None:
            code = self._stop()
            raise Fault(at, f"ended the worker ({_how(code)})")
        return message

    def _stop(self) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        with suppress(OSError):
            process.kill()
        code = process.wait()
        for stream in (process.stdin, process.stdout):
            with suppress(OSError):
                stream.close()  # type: ignore[union-attr]
        return code


def _listen(stream: Any, answers: queue.Queue[dict[str, Any] | None]) -> None:
    with suppress(OSError, ValueError):
        while (frame := receive(stream)) is not None:
            answers.put(frame[0])
    answers.put(None)


def _persist(attempt: Callable[[set[int], dict[int, str], Callable[[int], None]], None], progress: Progress) -> None:
    """Attempt a chunk until it is done: after a fault its documents one by one, the one to blame left out."""
    careful: set[int] = set()
    poison: dict[int, str] = {}
    blameless = reported = 0

    def tell(done: int) -> None:
        nonlocal reported
        if done > reported:
            progress(done - reported)
            reported = done

    while True:
        try:
            attempt(careful, poison, tell)
            return
        except Fault as fault:
            if len(fault.at) == 1:
                poison[fault.at[0]] = f"it cannot be worked on: {fault.reason}"
            elif fault.at:
                careful |= set(fault.at)
            else:
                blameless += 1
                if blameless >= _MOST_ATTEMPTS:
                    raise SkillmatchError(
                        f"a worker failed {blameless} times ({fault.reason})",
                        remedy="give the same command again, perhaps with fewer --workers: it goes on where it stopped",
                    ) from fault


def _how(code: int) -> str:
    """How a process ended, in words."""
    if code < 0:
        with suppress(ValueError):
            return signal.Signals(-code).name
    return f"exit code {code}"
