"""The bundled demonstration, byte for byte.

A change of the taxonomy, the demonstration or the formulas changes these digests: look at the new tables first, then
``python tests/test_golden.py`` prints the new digests.
"""

import hashlib
import json
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # to run as a script
from tests.conftest import run_demo

GOLDEN = Path(__file__).with_name("golden.json")
#: Text files only: Parquet and XLSX also depend on the versions of the libraries that write them.
NAMES = ("demand.csv", "supply.csv", "gaps.csv", "ranking.csv", "duplicates.csv", "skipped.csv", "report.html")


def digests(folder: Path) -> dict[str, str]:
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest()[:16] for name in NAMES}


def test_the_demonstration_gives_the_recorded_bytes(demo):
    assert digests(demo) == json.loads(GOLDEN.read_text(encoding="utf-8"))


@pytest.mark.slow
def test_the_demonstration_gives_the_same_bytes_in_another_process(demo, tmp_path):
    assert digests(run_demo(tmp_path)) == digests(demo)


def test_the_demonstration_accounts_for_all_documents(demo):
    counts = json.loads((demo / "run.json").read_text(encoding="utf-8"))["counts"]
    for of in counts.values():
        assert of["read"] == of["processed"] + of["duplicates"] + of["skipped"]
    assert counts["postings"]["duplicates"] == 6  # the demonstration holds reposts on purpose


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        GOLDEN.write_text(json.dumps(digests(run_demo(Path(folder))), indent=2) + "\n", encoding="utf-8")
    print(GOLDEN.read_text(encoding="utf-8"))
