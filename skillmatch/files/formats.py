"""What the bytes of a file are, whatever its name says."""

from __future__ import annotations

import zipfile
from codecs import iterdecode
from collections.abc import Callable, Iterator
from pathlib import Path

from skillmatch.errors import InputError

_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_MAGIC = {
    b"PK\x03\x04": "a zip archive (XLSX, DOCX ...)", b"%PDF": "a PDF", b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture", b"PAR1": "a Parquet file", _OLD_OFFICE: "an old Office file (XLS, DOC)",
    b"\x1f\x8b": "a gzip archive", b"\x7fELF": "a program", b"SQLite format 3": "an SQLite database",
}  # fmt: skip
#: No Office file of text is packed tighter than this; zip bombs are, by far.
_TIGHTEST = 200
_HARMLESS = 20_000_000
_BLOCK = 1_000_000


def decode(data: bytes, path: Path) -> str:
    """Text of a file in whatever encoding it is (`encoding_of`).

    Raises
    ------
    InputError : the bytes are no text.
    """
    encoding, errors = _encoding(lambda: iter((data,)), path)
    return data.decode(encoding, errors=errors)


def encoding_of(path: Path) -> tuple[str, str]:
    """Encoding of a text file of any size, and how to treat what does not fit it (``errors`` of `open`).

    UTF-8 (with a few broken bytes replaced, if most of it is right), UTF-16 with a byte-order mark, else the best
    guess of charset-normalizer.

    Raises
    ------
    InputError : the bytes are no text.
    """

    def blocks() -> Iterator[bytes]:
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                yield block

    return _encoding(blocks, path)


def _encoding(blocks: Callable[[], Iterator[bytes]], path: Path) -> tuple[str, str]:
    head = next(blocks(), b"")
    for magic, what in _MAGIC.items():
        if head.startswith(magic):
            raise InputError(
                f"{path}: this is {what}, not text", remedy="give it the suffix of its kind, or convert it"
            )
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16", "replace"
    if b"\x00" in head[:65536]:
        raise InputError(f"{path}: binary data, not text", remedy="export it as text in UTF-8")
    try:
        for _ in iterdecode(blocks(), "utf-8-sig"):
            pass
        return "utf-8-sig", "strict"
    except UnicodeDecodeError:
        pass
    broken = foreign = 0
    for text in iterdecode(blocks(), "utf-8-sig", errors="replace"):
        broken += text.count("\ufffd")
        foreign += len(text) - len(text.encode("ascii", errors="ignore"))
    # Text in another encoding hardly ever holds a sequence that is right in UTF-8.
    if foreign > 2 * broken:
        return "utf-8-sig", "replace"
    from charset_normalizer import from_bytes

    best = from_bytes(head[:200_000], cp_isolation=["cp1252", "iso8859_15", "mac_roman", "cp850"]).best()
    return best.encoding if best else "cp1252", "replace"


def office_problem(path: Path, *, most: int) -> str:
    """Why a DOCX or XLSX file is better not opened, ``""`` where nothing speaks against it.

    ``most`` is the number of bytes that it may unpack to.
    """
    with path.open("rb") as stream:
        if stream.read(4) == _OLD_OFFICE:
            return "protected by a password, or an old Office file (XLS, DOC)"
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(item.file_size for item in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        return f"damaged, or no Office file ({brief(error)})"
    if unpacked > most or unpacked > max(_HARMLESS, _TIGHTEST * path.stat().st_size):
        return f"unpacks to {unpacked / 1e6:,.0f} MB"
    return ""


def brief(error: BaseException) -> str:
    """What another library says of its failure, on one line of bearable length."""
    return " ".join(str(error).split())[:200] or type(error).__name__
