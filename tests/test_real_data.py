"""The audit of real postings and courses, where they lie beside the project."""

import json
import resource
import subprocess
import sys
import time

import pandas as pd
import pytest

from tests.conftest import SHARED

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not SHARED.exists(), reason="the real data is not beside the project (../shared/data)"),
]


@pytest.fixture(scope="module", params=["jobs_en_automation.csv", "jobs_it.csv"])
def run(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("real")
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "skillmatch", "audit", "-q", "--postings", str(SHARED / request.param),
         "--syllabi", str(SHARED / "courses_en_mit.csv"), "-o", str(folder)],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return request.param, folder, time.perf_counter() - began


def test_it_is_quick_and_small(run):
    _, _, seconds = run
    assert seconds < 60
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024 < 1024  # MB


def test_the_counts_add_up(run):
    name, folder, _ = run
    counts = json.loads((folder / "run.json").read_text(encoding="utf-8"))["counts"]
    assert counts["postings"]["read"] == {"jobs_en_automation.csv": 926, "jobs_it.csv": 501}[name]
    assert counts["syllabi"]["read"] == 4743
    for of in counts.values():
        assert of["read"] == of["processed"] + of["duplicates"] + of["skipped"]


def test_what_a_mechatronics_recruiter_would_name_leads(run):
    name, folder, _ = run
    if name != "jobs_en_automation.csv":
        pytest.skip("about the automation postings")
    gaps = pd.read_csv(folder / "gaps.csv").head(30)["skill_id"].tolist()
    assert {"plc-programming", "scada", "autocad", "preventive-maintenance"} <= set(gaps)


def test_engineering_ranks_above_history_of_art(run):
    name, folder, _ = run
    if name != "jobs_en_automation.csv":
        pytest.skip("about the automation postings")
    ranks = pd.read_csv(folder / "ranking.csv").set_index("curriculum_id")["rank"]
    for course in ("2.14", "2.12", "2.810"):  # feedback control, robotics, manufacturing processes
        for other in ranks.index[ranks.index.str.match(r"4\.6\d\d")]:  # history, theory and criticism of art
            assert ranks[course] < ranks[other], (course, other)
