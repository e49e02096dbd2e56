"""What is recorded of a run: versions, options, hashes of the inputs, times."""

from __future__ import annotations

import hashlib
import platform
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

_PACKAGES = ("spacy", "scikit-learn", "scipy", "numpy", "pandas", "PyStemmer")


def run_record(*, options: dict[str, Any], began: float) -> dict[str, Any]:
    """Record of a run that began at ``began`` (seconds since 1970) and ends now."""
    paths = [path for value in options.values() if isinstance(value, tuple) for path in value if isinstance(path, Path)]
    return {
        "versions": {"skillmatch": version("skillmatch"), "python": platform.python_version()}
        | {name: version(name) for name in _PACKAGES},
        "options": {name: _plain(value) for name, value in options.items()},
        "inputs": {str(path): _digest(path) for path in paths},
        "began": datetime.fromtimestamp(began, UTC).isoformat(timespec="seconds"),
        "seconds": round(time.time() - began, 2),
    }


def _digest(path: Path) -> str:
    """SHA-256 of a file, or of the names and contents of all files of a folder."""
    digest = hashlib.sha256()
    if path.is_file():
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    for file in sorted(file for file in path.rglob("*") if file.is_file()):
        digest.update(file.relative_to(path).as_posix().encode() + b"\0")
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return value
