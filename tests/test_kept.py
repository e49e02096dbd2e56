"""Parts of earlier runs: used wherever they fit, never where they do not, and never more than there is room for."""

import errno
import json
import os
import shutil
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from skillmatch.scale import kept as kept_parts
from skillmatch.scale import work
from skillmatch.scale.chunks import cut
from skillmatch.scale.kept import Kept, KeptMentions, Mentions
from skillmatch.scale.values import unpack_text
from tests.conftest import run_command
from tests.test_scale import digest, postings, run, small_chunks, write_csv  # noqa: F401  (a fixture)
from tests.test_security import SECRETS, audit

NEW = {"id": "new", "title": "Welder", "text": "We look for a welder who knows PLC programming", "town": "T"}


@pytest.fixture
def made(monkeypatch):
    """Numbers of the chunks that are worked on."""
    numbers = []
    honest = work.Work.do
    monkeypatch.setattr(
        work.Work, "do", lambda self, chunk, **o: (numbers.append(chunk.number), honest(self, chunk, **o))
    )
    return numbers


@pytest.fixture
def once(tmp_path, tiny, small_chunks, made):  # noqa: F811
    """An input, and the bytes of its result; its parts are in the cache."""
    path = write_csv(tmp_path / "jobs.csv", postings(200))
    expected = digest(run(path, tmp_path / "first", tiny, cache=tmp_path / "cache"))
    assert len(made) > 5
    made.clear()
    return path, expected


def folders(cache: Path) -> list[Path]:
    return sorted((cache / kept_parts.FOLDER).iterdir())


def test_nothing_is_worked_on_for_an_input_that_is_known(tmp_path, tiny, once, made, monkeypatch):
    path, expected = once
    monkeypatch.setattr("skillmatch.scale.finish.count_skills", lambda tables: 1 / 0)  # counts are known too
    assert digest(run(path, tmp_path / "again", tiny, cache=tmp_path / "cache")) == expected
    assert made == []


@pytest.mark.parametrize("place", [0, 90, 200])
def test_one_new_posting_costs_a_chunk_wherever_it_stands(tmp_path, tiny, once, made, place):
    path, _ = once
    rows = postings(200)
    write_csv(path, [*rows[:place], NEW, *rows[place:]])
    known = run(path, tmp_path / "known", tiny, cache=tmp_path / "cache")
    assert 1 <= len(made) <= 3
    assert digest(known) == digest(run(path, tmp_path / "anew", tiny))
    assert pd.read_parquet(known / "documents")["row"].astype(int).is_monotonic_increasing


def test_the_same_content_under_other_ids_and_in_another_file(tmp_path, tiny, once, made):
    rows = [{**row, "id": f"other {at}"} for at, row in enumerate(postings(200))]
    path = write_csv(tmp_path / "renamed.csv", rows)
    known = run(path, tmp_path / "known", tiny, cache=tmp_path / "cache")
    assert made == []
    documents = pd.read_parquet(known / "documents")
    assert set(documents["source"]) == {"renamed.csv"}
    assert documents["document_id"].str.startswith("other ").all()
    assert digest(known) == digest(run(path, tmp_path / "anew", tiny))


@pytest.mark.slow
@pytest.mark.parametrize("option", [{"language": "it"}, {"texts": True}])
def test_other_options_make_other_parts(tmp_path, tiny, once, made, option):
    path, _ = once
    known = run(path, tmp_path / "known", tiny, cache=tmp_path / "cache", **option)
    assert len(made) > 5
    assert digest(known) == digest(run(path, tmp_path / "anew", tiny, **option))


def truncate(part: Path) -> None:
    (part / "mentions.arrow").write_bytes(b"")


def lose(part: Path) -> None:
    (part / "traces.arrow").unlink()


def garble(part: Path) -> None:
    (part / "part.json").write_text("[]")


@pytest.mark.slow
@pytest.mark.parametrize("damage", [truncate, lose, garble, shutil.rmtree])
def test_a_damaged_part_is_made_again(tmp_path, tiny, once, made, damage):
    path, expected = once
    damage(folders(tmp_path / "cache")[3])
    assert digest(run(path, tmp_path / "again", tiny, cache=tmp_path / "cache")) == expected
    assert len(made) == 1


@pytest.mark.slow
def test_damaged_mentions_are_written_anew(tmp_path, tiny, once, made):
    path, expected = once
    files = list((tmp_path / "cache").glob(f"{kept_parts.FOLDER}/*/mentions-*"))
    assert len(files) == len(folders(tmp_path / "cache"))
    for at, damage in ((0, lambda data: data[:-3]), (1, lambda data: data[:50] + b"x" + data[51:]), (2, lambda _: b"")):
        files[at].write_bytes(damage(files[at].read_bytes()))
    assert digest(run(path, tmp_path / "again", tiny, cache=tmp_path / "cache")) == expected
    assert made == []


@pytest.mark.slow
def test_a_result_that_somebody_changes_changes_nothing_kept(tmp_path, tiny, once):
    path, expected = once
    for file in (tmp_path / "first").glob("*/part-*"):
        with file.open("ab") as stream:
            stream.write(b"changed")
    assert digest(run(path, tmp_path / "again", tiny, cache=tmp_path / "cache")) == expected


@pytest.mark.slow
def test_parts_are_copied_where_the_cache_is_on_another_disk(tmp_path, tiny, once, made, monkeypatch):
    def refused(source, target):
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    path, expected = once
    monkeypatch.setattr(os, "link", refused)
    assert digest(run(path, tmp_path / "again", tiny, cache=tmp_path / "cache")) == expected
    assert made == []
    other = digest(run(path, tmp_path / "other", tiny, cache=tmp_path / "empty"))
    assert other == expected
    assert [folder.name for folder in folders(tmp_path / "empty")] == [
        folder.name for folder in folders(tmp_path / "cache")
    ]


@pytest.mark.slow
def test_a_document_that_failed_is_tried_again(tmp_path, tiny, small_chunks, made, monkeypatch):  # noqa: F811
    def prepare(record, **options):
        if record["title"] == "Technician 50":
            raise ValueError("no idea")
        return honest(record, **options)

    path = write_csv(tmp_path / "jobs.csv", postings(200))
    honest = work.prepare
    with monkeypatch.context() as patched:
        patched.setattr(work, "prepare", prepare)
        failed = run(path, tmp_path / "failed", tiny, cache=tmp_path / "cache")
    assert "no idea" in (failed / "skipped.csv").read_text()
    made.clear()
    again = run(path, tmp_path / "again", tiny, cache=tmp_path / "cache")
    assert len(made) == 1
    assert digest(again) == digest(run(path, tmp_path / "anew", tiny))


@pytest.mark.slow
def test_what_is_kept_has_a_bound_and_the_longest_unused_goes_first(tmp_path, tiny, once, monkeypatch):
    cache = tmp_path / "cache"
    old = {folder.name: sum(file.stat().st_size for file in folder.iterdir()) for folder in folders(cache)}
    for age, name in enumerate(sorted(old)):
        os.utime(cache / kept_parts.FOLDER / name, (1e9 + age, 1e9 + age))
    bound = sum(old.values()) + 1
    monkeypatch.setattr(kept_parts, "_MOST_BYTES", bound)
    other = write_csv(tmp_path / "other.csv", postings(40, seed=1))
    run(other, tmp_path / "other", tiny, cache=cache)
    now = {folder.name for folder in folders(cache)}
    assert now - old.keys()
    gone = sorted(old.keys() - now)
    assert gone == sorted(old)[: len(gone)] != []
    # Where the run itself needs more than there may be, what fits is kept, and the bytes are the same.
    monkeypatch.setattr(kept_parts, "_MOST_BYTES", 60_000)
    large = write_csv(tmp_path / "large.csv", postings(300, seed=2))
    known = run(large, tmp_path / "large", tiny, cache=cache)
    assert 0 < len(folders(cache)) < 12
    assert digest(run(large, tmp_path / "large again", tiny, cache=cache)) == digest(known)


@pytest.mark.slow
def test_without_a_cache_nothing_is_kept(tmp_path, tiny, once, monkeypatch):
    path, expected = once
    monkeypatch.setattr(Kept, "take", lambda *_: 1 / 0)
    assert digest(run(path, tmp_path / "again", tiny)) == expected


@pytest.mark.slow
def test_mentions_under_other_ids_are_others(tmp_path):
    counts = pd.DataFrame({"documents": [1], "mentions": [2]}, index=pd.Index(["plc"], dtype="str", name="skill_id"))
    KeptMentions(tmp_path, ["a", "b"], [1]).write(Mentions(b"parquet", 2, counts))
    found = KeptMentions(tmp_path, ["a", "b"], [1]).read()
    assert found is not None
    assert found[:2] == (b"parquet", 2)
    pd.testing.assert_frame_equal(found.counts, counts)
    assert KeptMentions(tmp_path, ["a", "c"], [1]).read() is None
    assert KeptMentions(tmp_path, ["a", "b"], []).read() is None


@pytest.mark.slow
def test_commands_count_and_clear_what_is_kept(tmp_path):
    path, cache = write_csv(tmp_path / "jobs.csv", postings(30)), tmp_path / "cache"
    assert run_command("extract", path, "-o", tmp_path / "m.csv", "--cache", cache).returncode == 0
    assert "1 parts of inputs that are known as a whole" in run_command("cache", "info", "--cache", cache).stdout
    run_command("cache", "clear", "--cache", cache)
    assert "0.0 MB, 0 parts" in run_command("cache", "info", "--cache", cache).stdout
    assert not (cache / kept_parts.FOLDER).exists()


@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("--mask-names",)])
def test_what_is_kept_of_parts_is_masked(tmp_path, options):
    audit(tmp_path, "--cache", str(tmp_path / "cache"), *options)
    said = ""
    for folder in folders(tmp_path / "cache"):
        for file in folder.glob("*.arrow"):
            with pa.memory_map(str(file)) as source:
                for row in pa.ipc.open_file(source).read_all().to_pylist():
                    said += str(row) + (unpack_text(row["text"]) if isinstance(row.get("text"), bytes) else "")
        for file in folder.glob("mentions-*"):
            data = file.read_bytes()
            said += str(pq.read_table(pa.BufferReader(data[data.index(b"PAR1") :])).to_pylist())
        assert json.loads((folder / "part.json").read_text())["poison"] == 0
    assert "PLC programming" in said
    secrets = [*SECRETS, "Anna Verdi", "Ada Neri"] if options else SECRETS
    assert not [secret for secret in secrets if secret in said]


@pytest.mark.slow
def test_borders_of_chunks_come_back_behind_a_row_that_is_new():
    def content(rows):
        return [chunk.digest for chunk in cut(({"text": row["text"] * 20, "row": str(at)}, "") for at, row in rows)]

    rows = postings(3000)
    before, after = content(enumerate(rows)), content(enumerate([NEW, *rows]))
    assert len(before) > 30
    assert len(set(after) - set(before)) <= 4
    sizes = [chunk.size for chunk in cut(({"text": row["text"] * 20}, "") for row in rows)]
    assert sum(sizes) == 3000
