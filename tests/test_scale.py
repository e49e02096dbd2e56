"""Runs of any size: the same bytes however they are done, stopped or repeated, and no document lost."""

import csv
import hashlib
import json
import multiprocessing
import os
import random
import resource
import signal
import subprocess
import sys
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from skillmatch.documents import read_documents
from skillmatch.errors import InputError
from skillmatch.mentions import extract, find_mentions
from skillmatch.pipeline import Pipelines
from skillmatch.resources import resource as resource_of
from skillmatch.scale import isolation, work
from skillmatch.scale.chunks import Chunk, cut
from skillmatch.scale.finish import judge
from skillmatch.scale.isolation import Isolated
from skillmatch.scale.parts import read_part, read_places, write_places
from skillmatch.scale.run import Options, run_extraction
from skillmatch.scale.state import publish, unfinished
from skillmatch.scale.store import Store
from skillmatch.scale.work import Settings
from tests.conftest import SHARED, run_command

WORDS = (
    "we look for a technician with experience of PLC programming and TIA Portal on packaging lines who can read "
    "drawings and keep machines running safely in our plant near the river while industrial automation grows every "
    "year and lathe turning is needed too for small parts made of steel or brass"
).split()
#: A taxonomy that is compiled at once.
FEW_SKILLS = resource_of("corpora", "taxonomy", "manufacturing", "automation-mechatronics.csv")
# What a document may do to a worker, by a word in it; the worker loads this because it lies on its path.
SABOTAGE = """
import os, signal, time
import skillmatch.text as text
honest = text.clean
def clean(written):
    if "crashing" in written:
        os.kill(os.getpid(), signal.SIGKILL)
    if "hanging" in written:
        time.sleep(1000)
    if "raising" in written:
        raise ZeroDivisionError("division by zero")
    return honest(written)
text.clean = clean
"""


def postings(number: int, *, seed: int = 0) -> list[dict[str, str]]:
    """Postings with reposts, repeated ids, empty and foreign texts among them."""
    draw = random.Random(seed)
    rows = []
    for at in range(number):
        text = " ".join(draw.choices(WORDS, k=60)) + f" reference {at}"
        if at % 10 == 7:
            text = rows[-4]["text"] + " now"
        if at % 50 == 20:
            text = ""
        rows.append({"id": f"p{at if at % 9 else 0}", "title": f"Technician {at}", "text": text, "town": f"T{at % 5}"})
    return rows


def write_csv(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


def digest(folder: Path) -> dict[str, str]:
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


@pytest.fixture
def small_chunks(monkeypatch):
    """Many chunks of few documents, to have parts and groups without much text."""
    monkeypatch.setattr("skillmatch.scale.chunks._SMALLEST", 17_000)
    monkeypatch.setattr("skillmatch.scale.chunks._LARGEST", 17_000)


def run(path: Path, output: Path, tiny, *, cache: Path | None = None, **options) -> Path:
    chosen = Options("posting", Pipelines(options.pop("taxonomy", tiny)), {}, language=options.pop("language", "en"))
    with unfinished(output) as state:
        publish(run_extraction([path], chosen, state=state, cache=cache, **options).folder, output)
    return output


@pytest.mark.parametrize("workers", [None, pytest.param(2, marks=pytest.mark.slow)])
def test_a_run_finds_what_the_whole_at_once_gives(tmp_path, tiny, small_chunks, workers):
    path = write_csv(tmp_path / "jobs.csv", postings(300))
    output = run(path, tmp_path / "out", tiny, workers=workers)
    reading = read_documents(path, kind="posting", language="en")
    mentions = extract(reading.documents, taxonomy=tiny)
    assert len(list((output / "documents").iterdir())) > 5
    pd.testing.assert_frame_equal(
        pd.read_parquet(output / "documents"), reading.documents.drop(columns="text").astype("str")
    )
    pd.testing.assert_frame_equal(pd.read_parquet(output / "mentions"), mentions)
    for name, table in (("duplicates", reading.duplicates), ("skipped", reading.skipped)):
        found = pd.read_csv(output / f"{name}.csv", dtype=str, keep_default_na=False)
        assert found.values.tolist() == table.astype(str).values.tolist()
    manifest = json.loads((output / "manifest.json").read_text())
    assert manifest["counts"] == reading.counts
    counts = pd.read_csv(output / "counts.csv").set_index("skill_id")
    assert counts["mentions"].to_dict() == mentions["skill_id"].value_counts().to_dict()
    assert counts["documents"].to_dict() == mentions.groupby("skill_id")["document_id"].nunique().to_dict()
    assert not list(output.glob(".*"))


@pytest.mark.slow
def test_the_same_bytes_for_any_number_of_workers_and_with_a_cache(tmp_path, tiny, small_chunks):
    path = write_csv(tmp_path / "jobs.csv", postings(200))
    first = digest(run(path, tmp_path / "alone", tiny))
    assert digest(run(path, tmp_path / "one", tiny, workers=1, cache=tmp_path / "cache")) == first
    assert digest(run(path, tmp_path / "three", tiny, workers=3, cache=tmp_path / "cache")) == first


def test_what_is_in_the_cache_is_not_found_again(tmp_path, tiny, small_chunks, monkeypatch):
    rows = postings(120)
    path, cache = write_csv(tmp_path / "jobs.csv", rows), tmp_path / "cache"
    run(path, tmp_path / "first", tiny, cache=cache)
    asked = []

    def counted(texts, **options):
        texts = list(texts)
        asked.extend(texts)
        return honest(texts, **options)

    honest = work.find_mentions
    monkeypatch.setattr(work, "find_mentions", counted)
    again = run(path, tmp_path / "again", tiny, cache=cache)
    assert (asked, digest(again)) == ([], digest(tmp_path / "first"))
    new = {"id": "new", "title": "Welder", "text": "We look for a welder who knows PLC programming", "town": "T"}
    run(write_csv(path, [*rows[:60], new, *rows[60:]]), tmp_path / "one", tiny, cache=cache)
    assert [text[1] for text in asked] == ["Welder"]
    asked.clear()
    other = type(tiny)("other", [skill for skill in tiny if skill.id != "r"])
    prepared = []
    monkeypatch.setattr(work, "trace_of", lambda *record, **kind: prepared.append(record))
    run(path, tmp_path / "other", tiny, taxonomy=other, cache=cache)
    assert len(asked) == len({(row["title"], row["text"]) for row in rows if row["text"]}) + 1
    assert prepared == []  # what does not depend on the taxonomy stays
    store = Store(cache)
    size = store.size()
    assert sorted(size.mentions.values()) == [len(asked), len(asked)]
    store.clear()
    assert (store.size().readings, store.size().mentions) == (0, {})
    store.close()


def worker_on(records, folder: Path, tiny, *, seconds: float = isolation.DOCUMENT_SECONDS):
    settings = Settings("posting", "en", False, tiny.to_json(), str(folder), str(folder / "cache"))
    worker = Isolated(settings, seconds=seconds)
    try:
        for chunk in cut((record, "") for record in records):
            write_places(folder, chunk)
            worker.do(chunk, lambda done: None)
    finally:
        worker.close()
    assert judge(folder, 1)[0].duplicates == []
    return read_part(folder, 0), read_places(folder, 0)["document_id"].to_pylist()


@pytest.mark.slow
def test_poison_documents_are_skipped_and_the_others_are_not(tmp_path, tiny, monkeypatch):
    (tmp_path / "sitecustomize.py").write_text(SABOTAGE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    records = [
        {"document_id": str(at), "title": f"Job {at}", "text": f"PLC programming {at}", "source": "a", "row": str(at)}
        for at in range(100)
    ]
    for at, word in ((3, "crashing"), (40, "hanging"), (77, "raising"), (99, "crashing")):
        records[at]["text"] += f" {word}"
    began = time.perf_counter()
    part, ids = worker_on(records, tmp_path / "state", tiny, seconds=4)
    assert time.perf_counter() - began < 120
    skipped = {ids[row["number"]]: row["reason"] for row in part.skipped.to_pylist()}
    assert skipped == {
        "3": "it cannot be worked on: ended the worker (SIGKILL)",
        "40": "it cannot be worked on: not done after 4 seconds",
        "77": "it cannot be worked on: ZeroDivisionError: division by zero",
        "99": "it cannot be worked on: ended the worker (SIGKILL)",
    }
    assert [ids[number] for number in part.traces["number"].to_pylist()] == [
        str(at) for at in range(100) if str(at) not in skipped
    ]
    assert len(part.mentions) == 96


def test_a_document_that_raises_an_error_is_skipped_in_a_small_run_too(tmp_path, tiny, monkeypatch):
    def prepare(record, **options):
        if record["title"] == "Technician 5":
            raise ValueError("no idea")
        return honest(record, **options)

    honest = work.prepare
    monkeypatch.setattr(work, "prepare", prepare)
    output = run(write_csv(tmp_path / "jobs.csv", postings(20)), tmp_path / "out", tiny)
    skipped = pd.read_csv(output / "skipped.csv")
    assert skipped[["row", "reason"]].values.tolist() == [[6, "it cannot be worked on: ValueError: no idea"]]


def command(path: Path, output: Path, cache: Path, *options: str) -> list[str]:
    return [
        sys.executable, "-m", "skillmatch", "extract", str(path), "-o", str(output), "--cache", str(cache), "-q",
        "--lang", "en", "--taxonomy", str(FEW_SKILLS), *options,
    ]  # fmt: skip


def ended(process: subprocess.Popen) -> None:
    """Kill a run as the system would, and wait until its workers have gone too."""
    process.kill()
    process.wait()


def kill_and_finish(path: Path, folder: Path, times: int, seconds: float, seed: int) -> None:
    """Kill a run again and again at random moments, then finish it: the bytes of a run that nobody disturbed."""
    draw = random.Random(seed)
    undisturbed = folder / "undisturbed"
    began = time.perf_counter()
    subprocess.run(command(path, undisturbed, folder / "cache-0", "--workers", "2"), check=True)
    whole = time.perf_counter() - began
    for number in range(times):
        output, cache = folder / f"out-{number}", folder / f"cache-{number + 1}"
        line = command(path, output, cache, "--workers", "2")
        process = subprocess.Popen(line)
        time.sleep(draw.uniform(0, min(whole, seconds)))
        ended(process)
        assert not (output / "manifest.json").exists() or digest(output) == digest(undisturbed)
        subprocess.run(line, check=True)
        assert digest(output) == digest(undisturbed), number


@pytest.mark.slow
def test_killed_at_a_random_moment_and_finished(tmp_path):
    kill_and_finish(write_csv(tmp_path / "jobs.csv", postings(1500)), tmp_path, 1, 6, seed=1)


@pytest.mark.slow
def test_killed_at_twenty_random_moments_of_five_thousand_documents(tmp_path):
    kill_and_finish(write_csv(tmp_path / "jobs.csv", postings(5000)), tmp_path, 20, 60, seed=2)


def test_parts_that_are_done_are_not_done_again(tmp_path, tiny, small_chunks, monkeypatch):
    path = write_csv(tmp_path / "jobs.csv", postings(200))
    expected = digest(run(path, tmp_path / "undisturbed", tiny))
    done = []

    def stops(self, chunk, **options):
        if chunk.number == 5:
            raise KeyboardInterrupt
        done.append(chunk.number)
        honest(self, chunk, **options)

    honest = work.Work.do
    monkeypatch.setattr(work.Work, "do", stops)
    output = tmp_path / "out"
    with pytest.raises(Exception, match="the same command goes on from there"):
        run(path, output, tiny)
    assert done == [0, 1, 2, 3, 4]
    with pytest.raises(InputError, match=r"holds the unfinished run of another command \(different: language\)"):
        run(path, output, tiny, language="it")
    monkeypatch.setattr(work.Work, "do", lambda self, chunk, **o: (done.append(chunk.number), honest(self, chunk, **o)))
    done.clear()
    assert digest(run(path, output, tiny)) == expected
    assert min(done) == 5
    assert not (output / ".unfinished").exists()


def test_a_chunk_whose_input_changed_meanwhile_is_done_again(tmp_path, tiny, small_chunks, monkeypatch):
    rows = postings(200)
    path = write_csv(tmp_path / "jobs.csv", rows)
    monkeypatch.setattr("skillmatch.scale.run.judge", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(Exception, match="the same command"):
        run(path, tmp_path / "out", tiny)
    monkeypatch.undo()
    monkeypatch.setattr("skillmatch.scale.chunks._SMALLEST", 17_000)
    monkeypatch.setattr("skillmatch.scale.chunks._LARGEST", 17_000)
    rows[100]["text"] = "We look for somebody who knows TIA Portal and the lathe turning"
    write_csv(path, rows)
    assert digest(run(path, tmp_path / "out", tiny)) == digest(run(path, tmp_path / "fresh", tiny))


def test_two_processes_are_not_at_work_on_one_run(tmp_path, tiny, small_chunks):
    path, output = write_csv(tmp_path / "jobs.csv", postings(50)), tmp_path / "out"
    expected = digest(run(path, tmp_path / "undisturbed", tiny))
    (output / ".unfinished").mkdir(parents=True)
    code = "import fcntl, sys; f = open(sys.argv[1], 'a'); fcntl.flock(f, fcntl.LOCK_EX); print(flush=True); input()"
    line = [sys.executable, "-c", code, str(output / ".unfinished" / "lock")]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        other.stdout.readline()
        with pytest.raises(InputError, match="another process is at work on this run"):
            run(path, output, tiny)
        assert (output / ".unfinished" / "lock").exists()  # nothing of the other's is removed
        ended(other)
    assert digest(run(path, output, tiny)) == expected


@pytest.mark.slow
def test_control_c_leaves_a_run_that_goes_on(tmp_path):
    path, output = write_csv(tmp_path / "jobs.csv", postings(3000)), tmp_path / "out"
    line = command(path, output, tmp_path / "cache", "--workers", "2")
    # A shell without job control has its background processes ignore the signal, and so would this one.
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    process = subprocess.Popen(line, stderr=subprocess.PIPE, text=True, preexec_fn=heard)  # noqa: PLW1509
    waiting = time.perf_counter() + 60
    while not list(output.glob(".unfinished/parts/*/part.json")) and time.perf_counter() < waiting:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    told = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert told == "skillmatch: interrupted; what is done is kept; the same command goes on from there\n"
    subprocess.run(line, check=True)
    assert json.loads((output / "manifest.json").read_text())["counts"]["read"] == 3000


@pytest.mark.slow
@pytest.mark.parametrize("megabytes", [0.05, 0.5])
def test_full_disk_is_told_and_the_run_goes_on_afterwards(tmp_path, megabytes):
    """A limit on the size of files stands for the full disk: writing fails half-way, whoever runs the tests."""
    path, output = write_csv(tmp_path / "jobs.csv", postings(1500)), tmp_path / "out"

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(megabytes * 1e6), int(megabytes * 1e6)))

    line = command(path, output, tmp_path / "cache", "--workers", "1")
    failed = subprocess.run(line, check=False, capture_output=True, text=True, preexec_fn=limit)
    assert failed.returncode == 3, failed.stderr
    assert failed.stderr.startswith("skillmatch: ")
    assert failed.stderr.count("\n") == 1
    assert "free space" in failed.stderr
    assert not (output / "manifest.json").exists()
    subprocess.run(line, check=True)
    assert json.loads((output / "manifest.json").read_text())["counts"]["read"] == 1500


@pytest.mark.slow
def test_several_runs_use_one_cache_at_once(tmp_path):
    path = write_csv(tmp_path / "jobs.csv", postings(400))
    runs = [
        subprocess.Popen(command(path, tmp_path / f"out-{number}", tmp_path / "cache", "--workers", "1"))
        for number in range(3)
    ]
    assert [process.wait(timeout=120) for process in runs] == [0, 0, 0]
    assert digest(tmp_path / "out-0") == digest(tmp_path / "out-1") == digest(tmp_path / "out-2")


def test_damaged_cache_is_named(tmp_path, tiny):
    path = write_csv(tmp_path / "jobs.csv", postings(20))
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "mentions.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(InputError, match=r"mentions\.sqlite: the cache cannot be used"):
        run(path, tmp_path / "out", tiny, cache=cache)
    assert not (tmp_path / "out" / ".unfinished").exists()


def test_cache_commands(tmp_path):
    path, cache = write_csv(tmp_path / "jobs.csv", postings(30)), tmp_path / "cache"
    assert run_command("cache", "info", "--cache", cache).stdout == f"{cache}: empty\n"
    assert run_command("extract", path, "-o", tmp_path / "m.csv", "--cache", cache).returncode == 0
    info = run_command("cache", "info", "--cache", cache).stdout
    assert "30 documents read" in info
    assert "29 documents with their mentions" in info
    assert run_command("cache", "clear", "--cache", cache).stdout == f"{cache}: 30 documents forgotten\n"
    assert "0 documents read" in run_command("cache", "info", "--cache", cache).stdout


def test_chunks_are_the_same_for_the_same_records_and_bounded(tmp_path):
    records = [({"text": "x" * 3000, "document_id": str(at)}, "") for at in range(3000)]
    chunks = list(cut(iter(records)))
    assert sum(chunk.size for chunk in chunks) == 3000
    assert [chunk.digest for chunk in cut(records)] == [chunk.digest for chunk in chunks]
    assert [record for chunk in chunks for record, _ in chunk.records] == [{"text": "x" * 3000}] * 3000
    assert [place[0] for chunk in chunks for place in chunk.places] == [str(at) for at in range(3000)]
    assert max(chunk.size for chunk in chunks[:12]) * 3100 <= 300_000 + 3100
    assert isinstance(chunks[0], Chunk)


@pytest.mark.slow
@pytest.mark.skipif(not (SHARED / "jobs_it.csv").exists(), reason=f"no {SHARED / 'jobs_it.csv'}")
def test_real_postings_give_what_the_whole_at_once_gives(tmp_path):
    line = ["extract", SHARED / "jobs_it.csv", "-q", "--no-cache", "--workers", "2", "-o", tmp_path / "out"]
    assert run_command(*line, seconds=300).returncode == 0
    reading = read_documents(SHARED / "jobs_it.csv", kind="posting")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "out" / "mentions"), extract(reading.documents))
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["counts"] == reading.counts


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc to look for processes in")
@pytest.mark.slow
def test_workers_end_with_the_run(tmp_path):
    path = write_csv(tmp_path / "jobs.csv", postings(3000))
    process = subprocess.Popen(command(path, tmp_path / "out", tmp_path / "cache", "--workers", "2"))
    workers: set[int] = set()
    waiting = time.perf_counter() + 60
    while len(workers) < 2 and time.perf_counter() < waiting:
        workers = children(process.pid)
        time.sleep(0.02)
    ended(process)
    waiting = time.perf_counter() + 30
    while any(map(alive, workers)) and time.perf_counter() < waiting:
        time.sleep(0.05)
    assert len(workers) == 2
    assert not any(map(alive, workers))


def children(parent: int) -> set[int]:
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1]) == parent:
                found.add(int(folder.name))
    return found


def alive(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return False


# On a cluster


@pytest.fixture
def dask():
    return pytest.importorskip("distributed", reason="Dask is not installed: pip install 'skillmatch[scale]'")


@pytest.mark.slow
def test_a_cluster_gives_the_same_bytes(tmp_path, dask):
    path = write_csv(tmp_path / "jobs.csv", postings(600))
    subprocess.run(command(path, tmp_path / "alone", tmp_path / "cache", "--workers", "1"), check=True)
    line = command(path, tmp_path / "out", tmp_path / "other", "--cluster", "local", "--workers", "2")
    subprocess.run(line, check=True)
    assert digest(tmp_path / "out") == digest(tmp_path / "alone")


@pytest.mark.slow
def test_a_worker_of_the_cluster_that_dies_is_replaced_without_loss_or_double_counting(tmp_path, dask, tiny):
    path = write_csv(tmp_path / "jobs.csv", postings(3000))
    expected = digest(run(path, tmp_path / "alone", tiny))
    with dask.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster:
        killed: list[int] = []

        def kill(done: int) -> None:
            # Once some of the work is done, a worker is killed, with what it was doing.
            if not killed:
                killed.append(next(iter(cluster.workers.values())).pid)
                os.kill(killed[0], signal.SIGKILL)

        out = run(path, tmp_path / "out", tiny, cluster=cluster.scheduler_address, progress=kill)
        assert len(killed) == 1
    assert digest(out) == expected


@pytest.mark.slow
def test_cluster_that_does_not_answer(tmp_path, dask):
    path = write_csv(tmp_path / "jobs.csv", postings(5))
    done = run_command("extract", path, "-o", tmp_path / "out", "--cluster", "tcp://127.0.0.1:1", "-q")
    assert (done.returncode, done.stderr.count("\n")) == (3, 1)
    assert "--cluster tcp://127.0.0.1:1: no scheduler answers" in done.stderr
    assert not (tmp_path / "out" / ".unfinished").exists()


@pytest.mark.slow
def test_the_demonstration_gives_the_same_bytes_with_mentions_as_codes(tmp_path, demo, monkeypatch):
    monkeypatch.setattr("skillmatch.scale.gathering._MANY", 0)
    assert run_command("demo", "-q", "-o", tmp_path / "run").returncode == 0
    found, expected = digest(tmp_path / "run"), digest(demo)
    assert found.keys() == expected.keys()
    # The record has other times, the mentions come in other row groups.
    assert [name for name in found if found[name] != expected[name]] == ["mentions.parquet", "run.json"]
    mentions = [pd.read_parquet(folder / "mentions.parquet") for folder in (tmp_path / "run", demo)]
    pd.testing.assert_frame_equal(*mentions)


def test_vocabulary_is_bounded_and_finds_the_same_beyond_the_bound(tiny, monkeypatch):
    def found(pipelines, start):
        words = [f"unheardof{at}" for at in range(start, start + 300)]
        texts = [("posting", "", f"PLC programming {word} and industrial automation", "", "en") for word in words]
        return list(find_mentions(texts, pipelines=pipelines))

    pipelines = Pipelines(tiny)
    expected = found(pipelines, 1000)
    words = len(pipelines["en"].vocab.strings)
    assert found(pipelines, 2000) == expected
    assert len(pipelines["en"].vocab.strings) == words + 300
    monkeypatch.setattr("skillmatch.mentions._MOST_WORDS", 0)
    assert found(pipelines, 3000) == expected
    assert len(pipelines["en"].vocab.strings) == words + 300


def _open_and_keep(folder, barrier, key):
    barrier.wait()
    at = time.time() // 0.02 * 0.02 + 0.04  # the barrier lets go of one after another
    while time.time() < at:
        pass
    store = Store(folder)
    store.put({key: b"value"}, {}, found_by="00")
    store.close()


def test_many_may_open_a_new_store_at_the_same_moment(tmp_path):
    """SQLite gives up at once, without waiting, when two processes turn on the write-ahead log together."""
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.test_scale"])
    barrier, rounds, many = processes.Barrier(2), 15, 2
    for number in range(rounds):
        folder = tmp_path / str(number)
        running = [processes.Process(target=_open_and_keep, args=(folder, barrier, bytes([i]))) for i in range(many)]
        for process in running:
            process.start()
        for process in running:
            process.join(60)
        assert [process.exitcode for process in running] == [0] * many
        store = Store(folder)
        assert store.size().readings == many
        store.close()
