"""Where the state of an unfinished run lies, whose it is, and how a result gets to where it is wanted."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from skillmatch.errors import EmptyError, InputError, Interrupted, SkillmatchError
from skillmatch.output import sync_folder, whole_file

#: What a result is made of; the manifest comes last, so that a folder with one is whole.
FOLDERS, TABLES, MANIFEST = ("documents", "mentions"), ("counts.csv", "duplicates.csv", "skipped.csv"), "manifest.json"
_COMMAND, _LOCK = "command.json", "lock"


class Busy(InputError):
    """Another process is at work on the same run."""


@contextmanager
def unfinished(output: Path | None) -> Iterator[Path]:
    """The folder in which a run for an output keeps its state, removed when the run is done.

    It lies in the output, where that is a folder, else beside it (without an output, where temporary files are), and
    stays where a run is stopped with something done.

    Raises
    ------
    Interrupted : the user stopped the run.
    """
    if output is None:
        with TemporaryDirectory(prefix="skillmatch-") as folder:
            yield Path(folder, "state")
        return
    single = output.suffix != "" and not output.is_dir()
    state = output.with_name(f".{output.name}.unfinished") if single else output / ".unfinished"
    try:
        yield state
    except KeyboardInterrupt:
        raise Interrupted("interrupted; what is done is kept", remedy="the same command goes on from there") from None
    except Busy:
        raise
    except SkillmatchError as error:
        if not (state / "parts").is_dir() or isinstance(error, EmptyError):
            shutil.rmtree(state, ignore_errors=True)
        raise
    shutil.rmtree(state, ignore_errors=True)


@contextmanager
def claimed(state: Path, command: dict[str, Any]) -> Iterator[None]:
    """A folder for the run of a command, new or with what is done of it, and for no other process meanwhile.

    Raises
    ------
    InputError : it holds the run of another command, or cannot be written.
    Busy : another process is at work on it.
    """
    try:
        state.mkdir(parents=True, exist_ok=True)
        held = (state / _LOCK).open("a")
    except OSError as error:
        raise InputError(f"{state}: cannot be written ({error.strerror})", remedy="choose another place") from error
    with held as lock:
        _hold(lock, state)
        _take_up(state, command)
        yield


def _hold(lock: IO[str], state: Path) -> None:
    """Keep a file locked until it is closed, however its process ends."""
    try:
        import fcntl
    except ImportError:  # another system: nothing says that two processes are at work
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        remedy = "wait until it has ended, or name another folder"
        raise Busy(f"{state.parent}: another process is at work on this run", remedy=remedy) from None
    except OSError:  # a file system that knows no locks
        return


def _take_up(state: Path, command: dict[str, Any]) -> None:
    record = state / _COMMAND
    try:
        known = json.loads(record.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = None
    if known is None:
        with whole_file(record) as stream:
            json.dump(command, stream, indent=1, sort_keys=True)
    elif known != command:
        names = sorted(name for name in known.keys() | command.keys() if known.get(name) != command.get(name))
        raise InputError(
            f"{state.parent}: holds the unfinished run of another command (different: {', '.join(names)})",
            remedy=f"finish it with the same command, name another folder, or delete {state}",
        )


def publish(result: Path, output: Path) -> None:
    """Move a result to where it is wanted; the manifest comes last, so that a folder with one is whole.

    Raises
    ------
    InputError : it cannot be moved there.
    """
    try:
        output.mkdir(parents=True, exist_ok=True)
        (output / MANIFEST).unlink(missing_ok=True)
        for name in (*FOLDERS, *TABLES, MANIFEST):
            target, made = output / name, result / name
            if target.is_dir():
                shutil.rmtree(target)
            if made.exists():
                made.replace(target)
        sync_folder(output)
    except OSError as error:
        raise InputError(f"{output}: cannot be written ({error.strerror})", remedy="choose another place") from error
