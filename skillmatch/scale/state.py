"""Where the state of an unfinished run lies, whose it is, and how a result gets to where it is wanted."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from skillmatch.errors import EmptyError, InputError, Interrupted, SkillmatchError
from skillmatch.output import sync_folder, whole_file

#: What a result is made of; the manifest comes last, so that a folder with one is whole.
FOLDERS, TABLES, MANIFEST = ("documents", "mentions"), ("counts.csv", "duplicates.csv", "skipped.csv"), "manifest.json"
_COMMAND = "command.json"


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
    except SkillmatchError as error:
        if not (state / "parts").is_dir() or isinstance(error, EmptyError):
            shutil.rmtree(state, ignore_errors=True)
        raise
    shutil.rmtree(state, ignore_errors=True)


def claim(state: Path, command: dict[str, Any]) -> None:
    """Take a folder for the run of a command, or take up again what is in it."""
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
