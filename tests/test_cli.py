"""The command line, as a user meets it."""

import json
import subprocess
import sys
import time

import click
import pandas as pd
import pytest

from skillmatch.cli import cli
from tests.conftest import run_command

TAXONOMY = """id,label_en,label_it,group,broader
plc,PLC programming,programmazione PLC,automation,
tig,TIG welding,saldatura TIG,welding,
"""
POSTINGS = """id,title,description
1,Programmer,"Requirements: PLC programming"
2,Welder,"TIG welding and PLC programming, at least three years of it"
3,Cook,pasta
"""
SYLLABI = """code,title,contents,cfu
A1,Welding,TIG welding,6
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli")
    for name, text in {"taxonomy.csv": TAXONOMY, "postings.csv": POSTINGS, "syllabi.csv": SYLLABI}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


run = run_command


def test_help_answers_at_once():
    command = [sys.executable, "-m", "skillmatch", "--help"]
    subprocess.run(command, capture_output=True, check=True)  # compiles the bytecode, once
    began = time.perf_counter()
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert time.perf_counter() - began < 0.5
    assert "manufacturers" in result.stdout


def test_every_command_and_option_has_help():
    for name, command in commands(cli):
        assert command.help, name
        for parameter in command.params:
            assert isinstance(parameter, click.Argument) or parameter.help, f"{name} {parameter.name}"


def commands(group, prefix=""):
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", command


def test_audit_writes_its_files_and_a_summary(files, tmp_path):
    out = tmp_path / "run"
    result = run(
        "audit", "--postings", files / "postings.csv", "--syllabi", files / "syllabi.csv",
        "--taxonomy", files / "taxonomy.csv", "-o", out,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert "postings: 3 read = 3 used + 0 duplicates + 0 skipped" in result.stderr
    assert "PLC programming" in result.stdout
    assert str(out / "report.html") in result.stdout
    gaps = pd.read_csv(out / "gaps.csv")
    assert gaps["skill_id"].tolist() == ["plc", "tig"]
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert record["counts"]["syllabi"] == {"read": 1, "processed": 1, "duplicates": 0, "skipped": 0}
    assert len(record["inputs"][str(files / "postings.csv")]) == 64
    assert record["options"]["taxonomy"] == str(files / "taxonomy.csv")


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_extract_writes_by_suffix(files, tmp_path, suffix):
    out = tmp_path / f"mentions{suffix}"
    result = run("extract", files / "postings.csv", "--taxonomy", files / "taxonomy.csv", "-o", out, "-q")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    readers = {".csv": pd.read_csv, ".jsonl": lambda path: pd.read_json(path, lines=True), ".parquet": pd.read_parquet}
    table = readers[suffix](out)
    assert table["skill_id"].tolist() == ["plc", "tig", "plc"]
    assert table["document_id"].astype(str).tolist() == ["1", "2", "2"]


def test_extract_to_stdout_is_data_only(files):
    result = run("extract", files / "postings.csv", "--taxonomy", files / "taxonomy.csv", "--format", "json")
    assert [row["text"] for row in json.loads(result.stdout)] == ["PLC programming", "TIG welding", "PLC programming"]
    assert "3 read" in result.stderr


def test_gaps_and_rank(files):
    inputs = (
        "--postings",
        files / "postings.csv",
        "--syllabi",
        files / "syllabi.csv",
        "--taxonomy",
        files / "taxonomy.csv",
    )
    gaps = json.loads(run("gaps", *inputs, "-q", "--format", "json").stdout)
    assert [gap["skill_id"] for gap in gaps] == ["plc", "tig"]
    ranking = run("rank", *inputs, "-q", "--format", "csv").stdout.splitlines()
    assert ranking[0].startswith("programme,rank,curriculum_id")
    assert ranking[1].startswith(",1,A1,Welding,")


@pytest.mark.slow
def test_rank_for_named_skills_says_what_it_does_not_know(files):
    result = run(
        "rank", "--skills", "saldatura TIG; Zaubern", "--corpus", files / "syllabi.csv", "--format", "json",
        "--taxonomy", files / "taxonomy.csv",
    )  # fmt: skip
    assert [row["document_id"] for row in json.loads(result.stdout)] == ["A1"]
    assert "'Zaubern' is not in the taxonomy" in result.stderr


def test_report_alone(files, tmp_path):
    result = run(
        "report", "--postings", files / "postings.csv", "--syllabi", files / "syllabi.csv", "--taxonomy",
        files / "taxonomy.csv", "-o", tmp_path / "page.html", "--report-lang", "it", "-q",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert 'lang="it"' in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_taxonomy_commands(files, tmp_path):
    listed = json.loads(run("taxonomy", "list", "--taxonomy", files / "taxonomy.csv", "--format", "json").stdout)
    assert [row["id"] for row in listed] == ["plc", "tig"]
    assert (
        "programmazione PLC" in run("taxonomy", "show", "PLC programming", "--taxonomy", files / "taxonomy.csv").stdout
    )
    checked = run("taxonomy", "check", "--taxonomy", files / "taxonomy.csv")
    assert checked.returncode == 0
    assert "2 skills in 2 groups, 0 with an ESCO URI; 0 problems" in checked.stdout
    counted = tmp_path / "background.csv"
    run("taxonomy", "background", files / "postings.csv", "-o", counted, "--taxonomy", files / "taxonomy.csv")
    assert counted.read_text(encoding="utf-8") == "skill_id,documents\n*,3\nplc,2\ntig,1\n"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["audit"], 2, "Missing option"),
        (["nonsense"], 2, "No such command"),
        (["rank"], 3, "give --postings and --syllabi, or --skills and --corpus"),
        (["rank", "--skills", "PLC"], 3, "add --corpus"),
        (["rank", "--skills", " ; ", "--corpus", "postings.csv"], 3, "names no skill"),
        (["extract", "postings.csv", "--column", "text"], 3, "write --column FIELD=NAME"),
        (["extract", "postings.csv", "--column", "txt=description"], 3, "no field 'txt'"),
        (["extract", "postings.csv", "-o", "out.doc", "--taxonomy", "taxonomy.csv"], 3, "use .csv"),
        (["taxonomy", "show", "qwertz", "--taxonomy", "taxonomy.csv"], 3, "no skill 'qwertz'"),
        (["taxonomy", "list", "--taxonomy", "nowhere"], 4, "no taxonomy at 'nowhere'"),
    ],
)
def test_wrong_use_is_told_in_words(files, monkeypatch, arguments, code, message):
    monkeypatch.chdir(files)
    result = run(*arguments)
    assert result.returncode == code
    assert message in result.stderr
    assert "Traceback" not in result.stderr
