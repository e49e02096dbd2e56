"""Tiny data that several tests share."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from skillmatch.documents import Reading
from skillmatch.taxonomy import Alias, Group, Skill, Taxonomy

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def run_demo(folder: Path) -> Path:
    """The bundled demonstration, audited in a process of its own."""
    command = [sys.executable, "-m", "skillmatch", "demo", "-q", "-o", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


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
    again = pd.DataFrame(columns=["document_id", "title", "duplicate_of", "similarity", "source", "row"])
    return Reading(documents(*texts, kind=kind, **options), again, empty)
