"""Where the files that travel with the package are: ``corpora`` and ``models``."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path


@cache
def resource(*parts: str) -> Path:
    """Path of a bundled file or folder, e.g. ``resource("corpora", "lexicons")``.

    In a wheel the folders lie inside the package; in a source checkout (editable install) beside it.

    >>> resource("corpora", "taxonomy").is_dir()
    True
    """
    inside = Path(str(files("skillmatch"))).joinpath(*parts)
    if inside.exists():
        return inside
    return Path(str(files("skillmatch"))).parent.joinpath(*parts)
