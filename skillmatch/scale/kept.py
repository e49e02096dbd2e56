"""Parts of earlier runs, kept whole: what is in a chunk that is known need not even be looked up.

They lie in a folder each beside the store (`skillmatch.scale.store`), under the digest of the chunk and of all that
decides what becomes of it. A part of the run at hand and a kept one are the same files under two names, where the disk
allows for that: parts are never changed once they are written. Beside a part lie its mentions as they were written for
the output, since ids and reposts seldom change. What is missing, damaged or pushed out is made again from the store.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import struct
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from skillmatch.fingerprints import digest
from skillmatch.output import sync_folder
from skillmatch.scale.parts import RECORD, part_folder, read_record

FOLDER = "parts"
#: Bytes of all kept parts together: some three million postings. Beyond that the ones go first that were not used for
#: longest; those that the run at hand uses stay, and nothing is added.
_MOST_BYTES = 10_000_000_000
_LENGTH = struct.Struct("<I32s")
_MENTIONS = "mentions-"


class Kept:
    """The kept parts in the folder of a cache."""

    def __init__(self, cache: Path) -> None:
        self.folder = cache / FOLDER
        self._used: set[str] = set()

    def take(self, digest: str, state: Path, number: int) -> bool:
        """Make a kept part the part of a run with this number; whether there is one."""
        kept, target = self.folder / digest, part_folder(state, number)
        record = read_record(kept)
        if record.get("digest") != digest:
            return False
        aside = target.with_name(f"{target.name}.{os.getpid()}.tmp")
        try:
            if any((kept / name).stat().st_size != size for name, size in record["bytes"].items()):
                return False
            _copy(kept, aside, [*record["bytes"], RECORD])
            shutil.rmtree(target, ignore_errors=True)
            aside.rename(target)
            sync_folder(target.parent)
            os.utime(kept)
        except OSError:  # another run has pushed it out, or there is no room: it is made, and that tells
            shutil.rmtree(aside, ignore_errors=True)
            return False
        self._used.add(digest)
        return True

    def keep(self, state: Path, parts: int) -> None:
        """Keep the parts of a run, but for those with documents that another attempt might not skip."""
        with suppress(OSError):  # without room nothing is kept
            self.folder.mkdir(parents=True, exist_ok=True)
            known = {folder.name: _bytes(folder) for folder in self.folder.iterdir()}
            room = _MOST_BYTES - sum(known.values())
            records = [(part_folder(state, number), read_record(part_folder(state, number))) for number in range(parts)]
            self._used |= {record["digest"] for _, record in records}
            for part, record in records:
                if record["digest"] in known or record["poison"]:
                    continue
                needed = sum(record["bytes"].values())
                if needed > room:
                    room += self._push_out(known, needed - room)
                if needed > room:
                    return
                target = self.folder / record["digest"]
                aside = target.with_name(f"{target.name}.{os.getpid()}.tmp")
                _copy(part, aside, [*record["bytes"], RECORD])
                aside.rename(target)
                known[target.name] = needed
                room -= needed

    def _push_out(self, known: dict[str, int], needed: int) -> int:
        """Delete parts that this run does not use, the longest unused first; the bytes that are free then."""
        free = 0
        for folder in sorted(self.folder.iterdir(), key=lambda folder: folder.stat().st_mtime):
            if free >= needed:
                break
            if folder.name in known and folder.name not in self._used:
                shutil.rmtree(folder, ignore_errors=True)
                free += known.pop(folder.name)
        return free


class Mentions(NamedTuple):
    """Mentions of a partition: the bytes of the Parquet file, how many, and their counts by skill."""

    parquet: bytes
    rows: int
    counts: pd.DataFrame


class KeptMentions:
    """The mentions of a kept part (a folder; None keeps nothing) under certain ids, without certain documents."""

    def __init__(self, part: Path | None, ids: Sequence[str], left_out: Sequence[int]) -> None:
        self._part = part
        self._path = None if part is None else part / f"{_MENTIONS}{digest([*ids, str(list(left_out))])}"

    def read(self) -> Mentions | None:
        """The mentions, None where they are not there or damaged."""
        if self._path is None:
            return None
        with suppress(OSError, struct.error, ValueError, KeyError):
            data = self._path.read_bytes()
            length, check = _LENGTH.unpack_from(data)
            if hashlib.sha256(data[_LENGTH.size :]).digest() != check:
                return None
            head = json.loads(data[_LENGTH.size : _LENGTH.size + length])
            return Mentions(data[_LENGTH.size + length :], head["rows"], _counts(head))
        return None

    def write(self, mentions: Mentions) -> None:
        """Keep them, instead of those under other ids; nothing is kept beside a part that is not."""
        if self._path is None or self._part is None:
            return
        counts = mentions.counts
        head = json.dumps(
            {"rows": mentions.rows, "skills": list(counts.index), **{name: counts[name].tolist() for name in counts}}
        ).encode()
        data = head + mentions.parquet
        aside = self._path.with_name(f"{self._path.name}.{os.getpid()}.tmp")
        with suppress(OSError):
            for other in self._part.glob(f"{_MENTIONS}*"):
                other.unlink()
            aside.write_bytes(_LENGTH.pack(len(head), hashlib.sha256(data).digest()) + data)
            aside.rename(self._path)


def size(cache: Path) -> tuple[int, int]:
    """How many parts are kept in the folder of a cache, and their bytes."""
    folders = list((cache / FOLDER).iterdir()) if (cache / FOLDER).is_dir() else []
    return len(folders), sum(map(_bytes, folders))


def clear(cache: Path) -> None:
    """Forget all parts."""
    shutil.rmtree(cache / FOLDER, ignore_errors=True)


def _counts(head: dict[str, list]) -> pd.DataFrame:
    index = pd.Index(head["skills"], dtype="str", name="skill_id")
    return pd.DataFrame({"documents": head["documents"], "mentions": head["mentions"]}, index=index, dtype="int64")


def _bytes(folder: Path) -> int:
    with suppress(OSError):
        return sum(file.stat().st_size for file in folder.iterdir())
    return 0


def _copy(source: Path, target: Path, names: Sequence[str]) -> None:
    """The same files under another name, or copies of them where that is on another disk."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for name in names:
        try:
            os.link(source / name, target / name)
        except FileNotFoundError:
            raise
        except OSError:
            shutil.copyfile(source / name, target / name)
            with (target / name).open("rb") as stream:
                os.fsync(stream.fileno())
    sync_folder(target)
