"""Ten thousand odd documents and a thousand odd tables: nothing crashes or hangs, every one is accounted for."""

import csv
import io
import json
import random
import time
from pathlib import Path

import pandas as pd
import pytest

from skillmatch.documents import Reading, read_documents
from skillmatch.errors import EmptyError, SkillmatchError
from skillmatch.mentions import extract
from skillmatch.pipeline import Pipelines
from skillmatch.scale.run import Options, run_extraction
from skillmatch.taxonomy import Taxonomy

#: Nothing may take longer (of the processor, since a test may share it with others).
SECONDS = 5
PIECES = [
    "PLC programming", "TIG welding", "lathe turning", "R", "We look for ", "Si richiede ", "Requirements:\n",
    "Offriamo\n", "&amp;", "&lt;b&gt;", "<p>", "</li>", "<script>", "\\- ", "**", "__", "](http://x)", "[", "- ", "• ",
    "\t", "\r\n", "\n\n", "\x00", "\ud800", "\u202e", "\ufeff", "\u200b", "é", "ß", "日本語", "🔧", "ﬁ",
    "0573 123456", "a@b.example", "=1+1", '"', "'", ",", ";", "|", ".", ":", "(", ")", "{", "}", "%s", "{{ x }}",
    "-1e309", "NaN", "null", "../../x", "\\u0000", "  ",
]  # fmt: skip


def odd_text(draw: random.Random) -> str:
    """A text of pieces that readers stumble over, now and then very long or of one piece alone."""
    kind = draw.random()
    if kind < 0.02:
        return draw.choice(PIECES) * draw.randrange(20_000)
    if kind < 0.05:
        return "".join(chr(draw.randrange(1, 0x3000)) for _ in range(draw.randrange(500)))
    return draw.choice(["", " ", "\n"]).join(draw.choices(PIECES, k=draw.randrange(60)))


def odd_bytes(draw: random.Random, data: bytes) -> bytes:
    """The bytes with some of them changed, cut off or doubled."""
    data = bytearray(data)
    for _ in range(draw.randrange(6)):
        at, kind = draw.randrange(len(data) + 1), draw.randrange(3)
        if kind == 0:
            data[at : at + draw.randrange(4)] = draw.randbytes(draw.randrange(5))
        elif kind == 1:
            del data[at : at + draw.randrange(40)]
        else:
            data[at:at] = data[at : at + draw.randrange(200)]
    return bytes(data)


def odd_table(draw: random.Random, folder: Path) -> Path:
    """A file that calls itself a table."""
    rows = [
        {"id": draw.choice(["1", "", "x", odd_text(draw)[:20]]), "title": odd_text(draw)[:80], "text": odd_text(draw)}
        for _ in range(draw.randrange(1, 8))
    ]
    suffix = draw.choice([".csv", ".tsv", ".jsonl", ".json", ".parquet"])
    if suffix in (".csv", ".tsv"):
        stream = io.StringIO()
        writer = csv.DictWriter(stream, list(rows[0]), delimiter="," if suffix == ".csv" else "\t")
        writer.writeheader()
        writer.writerows(rows)
        data = stream.getvalue().encode(draw.choice(["utf-8", "utf-8-sig", "utf-16", "latin-1"]), errors="replace")
    elif suffix == ".jsonl":
        data = "\n".join(map(json.dumps, rows)).encode()
    elif suffix == ".json":
        data = json.dumps(draw.choice([rows, {"jobs": rows}, rows[0], [rows], 1])).encode()
    else:
        whole = [{name: text.encode(errors="replace").decode() for name, text in row.items()} for row in rows]
        data = pd.DataFrame(whole).to_parquet()
    path = folder / f"table{suffix}"
    path.write_bytes(odd_bytes(draw, data) if draw.random() < 0.7 else data)
    return path


def accounted(reading: Reading) -> int:
    counts = reading.counts
    assert counts["read"] == counts["processed"] + counts["duplicates"] + counts["skipped"]
    return counts["read"]


def run_documents(number: int, folder: Path, taxonomy: Taxonomy, seed: int) -> None:
    draw = random.Random(seed)
    rows = [{"id": str(at), "title": odd_text(draw)[:100], "text": odd_text(draw)} for at in range(number)]
    path = folder / "odd.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    latest, slowest = time.perf_counter(), 0.0

    def tell(done: int) -> None:
        nonlocal latest, slowest
        now = time.perf_counter()
        latest, slowest = now, max(slowest, now - latest)

    options = Options("posting", Pipelines(taxonomy), {})
    found = run_extraction([path], options, state=folder / "state", cache=None, workers=1, progress=tell)
    counts = found.counts
    assert counts["read"] == number == counts["processed"] + counts["duplicates"] + counts["skipped"]
    assert not found.skipped["reason"].str.contains("cannot be worked on").any()
    # Told after every 64 documents at the latest; the first time also after the start of the worker.
    assert slowest < 2 * SECONDS + 20


def run_tables(number: int, folder: Path, taxonomy: Taxonomy, seed: int) -> None:
    draw = random.Random(seed)
    pipelines = Pipelines(taxonomy)
    read = refused = 0
    for _ in range(number):
        path = odd_table(draw, folder)
        began = time.process_time()
        try:
            reading = read_documents(path, kind="posting", language=draw.choice(["en", "it", None]))
            read += accounted(reading) > 0
            mentions = extract(reading.documents, pipelines=pipelines)
            assert set(mentions["document_id"]) <= set(reading.documents["document_id"])
        except EmptyError:
            refused += 1
        except SkillmatchError as error:
            assert "\n" not in str(error)
            refused += 1
        assert time.process_time() - began < SECONDS, path.read_bytes()[:2000]
        path.unlink()
    assert read + refused == number
    assert read > number / 4  # else they are too odd to say anything


@pytest.mark.slow
def test_some_odd_documents(tmp_path, tiny):
    run_documents(150, tmp_path, tiny, seed=1)


def test_some_odd_tables(tmp_path, tiny):
    run_tables(60, tmp_path, tiny, seed=2)


@pytest.mark.slow
def test_ten_thousand_odd_documents(tmp_path, tiny):
    run_documents(10_000, tmp_path, tiny, seed=3)


@pytest.mark.slow
def test_a_thousand_odd_tables(tmp_path, tiny):
    run_tables(1000, tmp_path, tiny, seed=4)
