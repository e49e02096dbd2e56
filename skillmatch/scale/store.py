"""What was found in a document, kept by its content, so that a later run need not find it again.

An SQLite database that several processes may use at once (write-ahead log; it must lie on a disk of the machine itself,
not on a network share). Two tables: ``readings`` by the document alone (language, trace), ``mentions`` by the document
and what found them. So another taxonomy makes new mentions and leaves the readings as they are.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from skillmatch.errors import InputError, SkillmatchError

FILE = "mentions.sqlite"
_VERSION = 1
_WAIT_SECONDS = 120
_AT_ONCE = 500  # keys in one query
_TABLES = (
    "create table if not exists readings (key blob primary key, value blob not null)",
    "create table if not exists mentions"
    " (key blob not null, found_by blob not null, value blob not null, primary key (key, found_by))",
)


class Size(NamedTuple):
    """What a store holds: documents, documents with mentions by the fingerprint that found them, bytes on disk."""

    readings: int
    mentions: dict[str, int]
    bytes: int


class Store:
    """The store in a folder, made if it is not there.

    Keys are bytes, fingerprints hexadecimal digits, values bytes.

    Raises
    ------
    InputError : the folder cannot be used, the disk is full, or the file is damaged; also from each method.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        with self._told():
            folder.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(self.path, timeout=_WAIT_SECONDS, isolation_level=None)
            self._log_ahead()
            # Whole whatever happens to process or machine; what is lost of the last second is found again.
            self._database.execute("pragma synchronous = normal")
            with self._at_once():
                version = self._database.execute("pragma user_version").fetchone()[0]
                if version not in (0, _VERSION):
                    self._database.execute("drop table if exists readings")
                    self._database.execute("drop table if exists mentions")
                for table in _TABLES:
                    self._database.execute(table)
                self._database.execute(f"pragma user_version = {_VERSION}")

    def readings(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """Values of those keys that are known."""
        return self._select("select key, value from readings where key in ({})", keys)

    def mentions(self, keys: Iterable[bytes], *, found_by: str) -> dict[bytes, bytes]:
        """Values of those keys that are known to this fingerprint."""
        return self._select(
            "select key, value from mentions where found_by = ? and key in ({})", keys, bytes.fromhex(found_by)
        )

    def put(self, readings: Mapping[bytes, bytes], mentions: Mapping[bytes, bytes], *, found_by: str) -> None:
        """Keep values, all or none; what is known already stays as it is."""
        pipeline = bytes.fromhex(found_by)
        with self._told(), self._at_once():
            self._database.executemany("insert or ignore into readings values (?, ?)", readings.items())
            rows = ((key, pipeline, value) for key, value in mentions.items())
            self._database.executemany("insert or ignore into mentions values (?, ?, ?)", rows)

    def size(self) -> Size:
        with self._told():
            known = self._database.execute("select count(*) from readings").fetchone()[0]
            by = self._database.execute("select hex(found_by), count(*) from mentions group by found_by").fetchall()
        on_disk = sum(file.stat().st_size for file in self.path.parent.glob(f"{FILE}*"))
        return Size(known, {name.lower(): count for name, count in sorted(by)}, on_disk)

    def clear(self) -> None:
        """Forget everything and give the space back."""
        with self._told():
            self._database.executescript("delete from mentions; delete from readings; vacuum")
            self._database.execute("pragma wal_checkpoint(truncate)")

    def close(self) -> None:
        self._database.close()

    def _select(self, query: str, keys: Iterable[bytes], *first: bytes) -> dict[bytes, bytes]:
        found: dict[bytes, bytes] = {}
        with self._told():
            wanted = list(dict.fromkeys(keys))
            for some in (wanted[at : at + _AT_ONCE] for at in range(0, len(wanted), _AT_ONCE)):
                marks = ",".join("?" * len(some))
                found.update(self._database.execute(query.format(marks), (*first, *some)))
        return found

    def _log_ahead(self) -> None:
        """Write-ahead log; SQLite does not wait here when another process is just doing the same, so we do."""
        deadline = time.monotonic() + _WAIT_SECONDS
        while True:
            try:
                self._database.execute("pragma journal_mode = wal")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    @contextmanager
    def _at_once(self) -> Iterator[None]:
        """All that is written inside, or none of it."""
        self._database.execute("begin immediate")
        try:
            yield
            self._database.execute("commit")
        except BaseException:
            if self._database.in_transaction:
                self._database.execute("rollback")
            raise

    def _told(self) -> _Told:
        return _Told(self.path)


class _Told:
    """Errors of SQLite and of the disk as errors of the input, with what to do."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, SkillmatchError) or not isinstance(error, (sqlite3.Error, OSError)):
            return
        reason = error.strerror if isinstance(error, OSError) else str(error)
        full = isinstance(error, OSError) or "full" in str(error) or "I/O" in str(error)
        raise InputError(
            f"{self._path}: the cache cannot be used ({reason})",
            remedy="free space or name another place with --cache" if full else "delete the file, it is made anew",
        ) from error
