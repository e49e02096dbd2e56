"""Where the files that travel with the package are, ``corpora`` and ``models``, and where caches are kept."""

from __future__ import annotations

import os
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


def default_folder() -> Path:
    """Where the cache is kept if nothing else is said: where the system keeps caches of the user.

    ``$SKILLMATCH_CACHE`` names another place.
    """
    from platformdirs import user_cache_path

    named = os.environ.get("SKILLMATCH_CACHE")
    return Path(named) if named else user_cache_path("skillmatch", appauthor=False)
