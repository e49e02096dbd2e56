"""The files of a source: a file, a folder or a zip archive, opened with bounds."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import shutil
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from skillmatch.errors import InputError, TaxonomyError
from skillmatch.files.formats import brief, decode

_MOST_FILES = 1_000
_MOST_UNPACKED = 2_000_000_000
#: Text packs to a tenth, tables with many repeats to a fiftieth; a bomb is packed tighter by far.
_TIGHTEST = 200
_HARMLESS = 20_000_000
_VERSION = re.compile(r"(?i)(?:\bv|db_)(\d+(?:[._]\d+){1,2})")
_LONGEST_FIELD = 20_000_000


@dataclass(frozen=True)
class File:
    """A file of a package: ``path`` is where it can be read, ``shown`` how messages name it."""

    path: Path
    shown: str

    @property
    def name(self) -> str:
        return PurePosixPath(self.shown.replace("\\", "/")).name


@dataclass(frozen=True)
class Package:
    """All files of one or several sources, and the version that their names tell ("" where they do not)."""

    files: list[File]
    version: str
    #: name of each source -> SHA-256 of the file, or of the files of the folder.
    digests: dict[str, str]

    @property
    def stem(self) -> str:
        """A name for what the package holds, of letters, digits and hyphens."""
        first = Path(next(iter(self.digests))).stem
        return re.sub(r"[^A-Za-z0-9]+", "-", first).strip("-").lower()[:60] or "taxonomy"

    def matching(self, pattern: str) -> list[File]:
        """Files whose name matches a regular expression as a whole, by name."""
        return sorted((f for f in self.files if re.fullmatch(pattern, f.name)), key=lambda f: (f.name, f.shown))


@contextmanager
def open_package(sources: Sequence[Path], *, suffixes: Iterable[str]) -> Iterator[Package]:
    """The files with these suffixes in some files, folders and zip archives; archives are unpacked to the side.

    Raises
    ------
    InputError : nothing there, a damaged archive, or one that unpacks to more than is sensible.
    """
    suffixes = tuple(suffixes)
    with TemporaryDirectory(prefix="skillmatch-") as aside:
        files: list[File] = []
        digests: dict[str, str] = {}
        versions: set[str] = set()
        for source in sources:
            found = list(_open(source, suffixes, Path(aside)))
            if not found:
                raise InputError(
                    f"{source}: no {', '.join(suffixes)} file in it", remedy="give the package as it was downloaded"
                )
            files += found
            digests[source.name] = _digest(source, found)
            versions |= {match[1].replace("_", ".") for match in [_VERSION.search(source.name)] if match}
        if len(versions) > 1:
            raise InputError(
                f"packages of different versions: {', '.join(sorted(versions))}", remedy="give those of one version"
            )
        yield Package(files, "".join(versions), digests)


def _open(source: Path, suffixes: tuple[str, ...], aside: Path) -> Iterator[File]:
    if source.is_dir():
        inside = sorted(path for path in source.rglob("*") if path.suffix.lower() in (*suffixes, ".zip"))
        _check_number(source, len(inside))
        for path in inside:
            if path.suffix.lower() == ".zip":
                yield from _unpack(path, suffixes, aside)
            else:
                yield File(path, str(path))
    elif not source.exists():
        raise InputError(f"{source}: no such file or folder", remedy="name the package as it was downloaded")
    elif source.suffix.lower() == ".zip":
        yield from _unpack(source, suffixes, aside)
    elif source.suffix.lower() in suffixes:
        yield File(source, str(source))


def _unpack(source: Path, suffixes: tuple[str, ...], aside: Path) -> Iterator[File]:
    """Members with a wanted suffix, written under numbers of our own: a name in an archive is never a path to write."""
    try:
        with zipfile.ZipFile(source) as archive:
            members = [item for item in archive.infolist() if PurePosixPath(item.filename).suffix.lower() in suffixes]
            members = [item for item in members if not PurePosixPath(item.filename).name.startswith(".")]
            unpacked = sum(item.file_size for item in members)
            if unpacked > _MOST_UNPACKED or unpacked > max(_HARMLESS, _TIGHTEST * source.stat().st_size):
                raise InputError(
                    f"{source}: unpacks to {unpacked / 1e6:,.0f} MB", remedy="give the package as it was downloaded"
                )
            _check_number(source, len(members))
            folder = aside / str(len(list(aside.iterdir())))
            folder.mkdir()
            for number, item in enumerate(sorted(members, key=lambda item: item.filename)):
                path = folder / f"{number} {re.sub(r'[^A-Za-z0-9._ -]', '_', PurePosixPath(item.filename).name)[-80:]}"
                # zipfile reads no more than the size that the archive states, which was just bounded.
                with archive.open(item) as packed, path.open("wb") as stream:
                    shutil.copyfileobj(packed, stream)
                yield File(path, f"{source}/{item.filename}")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise InputError(f"{source}: no readable zip archive ({brief(error)})", remedy="download it again") from error


def _check_number(source: Path, number: int) -> None:
    if number > _MOST_FILES:
        raise InputError(f"{source}: {number} files, more than {_MOST_FILES}", remedy="give the taxonomy's own files")


def _digest(source: Path, files: list[File]) -> str:
    if source.is_file():
        return _sha256(source)
    # Not the full path: the same folder elsewhere is the same source.
    lines = sorted(f"{file.name} {_sha256(file.path)}" for file in files)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_table(file: File, required: Iterable[str], *, delimiter: str = ",") -> Iterator[tuple[int, dict[str, str]]]:
    """Rows of a delimited file with a header, as (line, values by column); missing values are "".

    Raises
    ------
    TaxonomyError : a required column is missing, or a row is damaged.
    """
    csv.field_size_limit(_LONGEST_FIELD)
    text = io.StringIO(decode(file.path.read_bytes(), Path(file.shown)), newline="")
    # Tab-separated databases do not quote: a quotation mark is part of the text there.
    reader = csv.reader(
        text, "excel", delimiter=delimiter, quoting=csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL
    )
    try:
        header = [column.strip() for column in next(reader, [])]
        for column in required:
            if column not in header:
                found = ", ".join(header[:20]) or "none"
                raise TaxonomyError(
                    f"{file.shown}: no column {column!r} (found: {found})", remedy="give the file as it was downloaded"
                )
        width = len(header)
        for row in reader:
            if len(row) > width:
                raise TaxonomyError(
                    f"{file.shown}, line {reader.line_num}: {len(row)} fields, the header has {width}",
                    remedy="download the file again, or mend the line",
                )
            if row:  # official files have rows that end early
                yield reader.line_num, dict(zip_longest(header, row, fillvalue=""))
    except csv.Error as error:
        raise TaxonomyError(
            f"{file.shown}, line {reader.line_num}: {brief(error)}", remedy="download the file again"
        ) from error
