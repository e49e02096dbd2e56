"""The bundled demonstration, byte for byte.

A change of the taxonomy, the demonstration or the formulas changes these digests: look at the new tables first, then
``python tests/test_golden.py`` prints the new digests.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

GOLDEN = Path(__file__).with_name("golden.json")
#: Text files only: Parquet and XLSX also depend on the versions of the libraries that write them.
NAMES = ("demand.csv", "supply.csv", "gaps.csv", "ranking.csv", "duplicates.csv", "skipped.csv", "report.html")


def digests(folder: Path) -> dict[str, str]:
    subprocess.run([sys.executable, "-m", "skillmatch", "demo", "-q", "-o", str(folder)], check=True, capture_output=True)
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest()[:16] for name in NAMES}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    return folder, digests(folder)


def test_the_demonstration_gives_the_recorded_bytes(demo):
    assert demo[1] == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_the_demonstration_gives_the_same_bytes_in_another_process(demo, tmp_path):
    assert digests(tmp_path) == demo[1]


def test_the_demonstration_accounts_for_all_documents(demo):
    counts = json.loads((demo[0] / "run.json").read_text(encoding="utf-8"))["counts"]
    for of in counts.values():
        assert of["read"] == of["processed"] + of["duplicates"] + of["skipped"]
    assert counts["postings"]["duplicates"] >= 5  # the demonstration holds reposts on purpose


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        GOLDEN.write_text(json.dumps(digests(Path(folder)), indent=2) + "\n", encoding="utf-8")
    print(GOLDEN.read_text(encoding="utf-8"))
