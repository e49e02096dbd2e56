"""What a result depends on besides its input, as short digests: the code, the lexicons, the trained parts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path

from skillmatch import __version__
from skillmatch.resources import resource

#: Libraries that decide how a text is read; another version of one of them may find other skills.
_LIBRARIES = ("spacy", "PyStemmer", "py3langid", "scikit-learn", "numpy")
_NO_PART = ("cli", "report", "scale")


@cache
def code_fingerprint() -> str:
    """Digest of the code that reads texts, its lexicons and trained parts, and the libraries it stands on.

    The sources themselves count, not only the version's number: a checkout changes more often than its version.
    """
    package = Path(str(files("skillmatch")))
    sources = [path for path in package.rglob("*.py") if path.relative_to(package).parts[0] not in _NO_PART]
    bundled = list(resource("corpora", "lexicons").glob("*.csv"))
    trained = [path for path in resource("models").rglob("*") if path.is_file() and path.suffix != ".md"]
    return digest([__version__, *map(_version, _LIBRARIES), *map(_content, sorted({*sources, *bundled, *trained}))])


def digest(parts: Iterable[str | bytes]) -> str:
    """32 hexadecimal digits for a sequence of texts; where one ends and the next begins counts too."""
    whole = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", errors="surrogatepass") if isinstance(part, str) else part
        whole.update(len(data).to_bytes(8, "little") + data)
    return whole.hexdigest()


def _content(path: Path) -> str:
    with path.open("rb") as stream:
        return f"{path.name} {hashlib.file_digest(stream, 'sha256').hexdigest()}"


def _version(library: str) -> str:
    try:
        return f"{library} {version(library)}"
    except PackageNotFoundError:
        return library
