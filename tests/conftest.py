"""Tiny data that several tests share."""

from __future__ import annotations

import importlib.util
import io
import subprocess
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pandas as pd
import pytest

from skillmatch.cli import main
from skillmatch.documents import DUPLICATE_COLUMNS, Reading
from skillmatch.taxonomy import Alias, Group, Skill, Taxonomy

# Programs of their own rather than tests; one needs an extra.
collect_ignore_glob = ["bench*.py"]
collect_ignore = [] if importlib.util.find_spec("atheris") else ["fuzz_documents.py"]
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def run_command(*arguments, seconds: float = 60.0) -> subprocess.CompletedProcess:
    """A command in this process, through the entry point, as a shell would see it, and within so many seconds."""
    out, err, code, began = io.StringIO(), io.StringIO(), 0, time.perf_counter()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["skillmatch", *map(str, arguments)])
        try:
            main()
        except SystemExit as stop:
            code = stop.code or 0
    assert time.perf_counter() - began < seconds
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


def run_demo(folder: Path) -> Path:
    """The bundled demonstration, audited in a process of its own."""
    command = [sys.executable, "-m", "skillmatch", "demo", "-q", "-o", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory):
    """A cache that the tests share, so that none of them meets the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SKILLMATCH_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def demo(tmp_path_factory) -> Path:
    """Folder with the result of the demonstration."""
    return run_demo(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="session")
def tiny() -> Taxonomy:
    """Five skills: a hierarchy of three, a one-word weak name, and an exact one."""
    return Taxonomy(
        "tiny",
        [
            Skill("automation", {"en": "industrial automation", "it": "automazione industriale"}, group="automation"),
            Skill(
                "plc",
                {"en": "PLC programming", "it": "programmazione PLC"},
                {"en": (Alias("PLC"),), "it": (Alias("PLC"),)},
                broader="automation",
                group="automation",
                digital=True,
            ),
            Skill("tia", {"en": "TIA Portal"}, broader="plc", group="automation", digital=True),
            Skill(
                "turning",
                {"en": "lathe turning", "it": "tornitura al tornio"},
                {"en": (Alias("turning", weak=True),)},
                group="machining",
                craft=True,
            ),
            Skill("r", {"en": "R programming"}, {"en": (Alias("R", exact=True),)}, group="software"),
        ],
        [Group("automation", {"en": "automation", "it": "automazione"}, technology=True)],
    )


def documents(*texts: str, kind: str = "posting", language: str = "en", **columns: list) -> pd.DataFrame:
    """A documents table with ids d1, d2 ..."""
    table = pd.DataFrame(
        {
            "document_id": [f"{kind[0]}{number}" for number in range(1, len(texts) + 1)],
            "kind": kind,
            "title": "",
            "text": list(texts),
            "language": language,
            "source": "inline",
            "row": "",
        }
    )
    return table.assign(**columns)


def reading(*texts: str, kind: str = "posting", **options) -> Reading:
    """A Reading of inline texts with nothing skipped."""
    empty = pd.DataFrame(columns=["kind", "source", "row", "document_id", "reason"])
    again = pd.DataFrame(columns=list(DUPLICATE_COLUMNS))
    return Reading(documents(*texts, kind=kind, **options), again, empty)
