"""A run over many postings, measured: time and memory of each process, and the same again with the cache.

``python tests/bench_scale.py --postings FILE --documents 1000000 --workers 2`` makes the postings from real ones (lines
of several of them, numbers and towns changed; one in five an earlier one again with small edits), writes them as
Parquet, and runs ``skillmatch extract`` three times, in processes of its own that are watched from outside: without
anything known, again, and with one new posting put in front. It tells how it stands at every 50,000 documents. Where it
is interrupted, the same command goes on: with the run it was at, whose seconds so far are added.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from skillmatch.documents.records import read_records

TOWNS = "Pistoia Prato Lucca Pisa Firenze Arezzo Siena Livorno Massa Carrara Empoli Pontedera".split()
NUMBER = re.compile(r"\d+")
BATCH = 5_000
REPOSTED = 0.2
SCHEMA = pa.schema([(name, pa.string()) for name in ("id", "title", "text", "employer", "region", "date")])
TOLD_EVERY = 50_000  # documents
TICKS = os.sysconf("SC_CLK_TCK")


def made_up(originals: list[dict[str, str]], number: int, seed: int = 0):
    """Postings in the length of the originals: lines of three of them, numbers drawn anew; reposts of recent ones."""
    draw = random.Random(seed)
    recent: list[dict[str, str]] = []
    for at in range(number):
        if recent and draw.random() < REPOSTED:
            old = draw.choice(recent)
            text = old["text"] + f"\nRef. {at}, {draw.choice(TOWNS)}"
            row = {**old, "text": text}
        else:
            parts = [draw.choice(originals) for _ in range(3)]
            lines = [line for part in parts for line in re.split(r"(?<=[.\n]) ?", part["text"]) if line.strip()]
            size, text = len(parts[0]["text"]), ""
            draw.shuffle(lines)
            while lines and len(text) < size:
                text += NUMBER.sub(lambda _: str(draw.randrange(100)), lines.pop()) + "\n"
            row = {"title": parts[0]["title"], "employer": f"Firm {draw.randrange(5000)}", "text": text}
        row = {**row, "id": f"p{at}", "region": draw.choice(TOWNS), "date": f"2025-{draw.randrange(1, 13):02d}-01"}
        recent = [*recent[-2000:], row] if at % 50 == 0 else recent
        yield row


def write(path: Path, rows, number: int) -> None:
    with pq.ParquetWriter(path, SCHEMA) as writer:
        batch: list[dict[str, str]] = []
        for at, row in enumerate(rows, start=1):
            batch.append(row)
            if len(batch) == BATCH or at == number:
                writer.write_table(pa.Table.from_pylist(batch, schema=SCHEMA))
                batch = []


def with_one_in_front(path: Path, target: Path) -> None:
    row = {"id": "new", "title": "Welder", "text": "We need a welder who knows PLC programming.", "employer": "Acme"}
    with pq.ParquetFile(path) as table, pq.ParquetWriter(target, SCHEMA) as writer:
        writer.write_table(pa.Table.from_pylist([row], schema=SCHEMA))
        for batch in table.iter_batches(batch_size=BATCH):
            writer.write_batch(batch)


class Watch:
    """A command with its workers: seconds, CPU seconds and peak memory of each process, as far as they are known."""

    def __init__(self, name: str, command: list[str], output: Path, before: dict) -> None:
        self.name, self.output, self.before = name, output, before
        self.began = time.perf_counter()
        self.cpu: dict[int, float] = {}
        self.peaks: dict[int, float] = {}
        self.counted: dict[str, int] = {}  # documents of the parts that are done
        self.process = subprocess.Popen(command)

    def run(self, record: Path) -> dict:
        told = 0
        while self.process.poll() is None:
            self.look()
            done = self.documents() if time.perf_counter() - self.began > 5 else 0
            if done // TOLD_EVERY > told:
                told = done // TOLD_EVERY
                self.tell(f"  {self.name}, {done:,} documents")
                record.write_text(json.dumps(self.result()))
            time.sleep(0.2 if time.perf_counter() - self.began < 60 else 1)
        if self.process.returncode:
            sys.exit(f"the command ended with {self.process.returncode}; the same command goes on")
        return {**self.result(), "finished": True}

    def look(self) -> None:
        parent = self.process.pid
        for pid in {parent, *children(parent)}:
            self.cpu[pid] = max(self.cpu.get(pid, 0.0), cpu_seconds(pid))
            self.peaks[pid] = max(self.peaks.get(pid, 0.0), memory(pid))

    def documents(self) -> int:
        for part in self.output.glob(".unfinished/parts/*/part.json"):
            if part.parent.name not in self.counted:
                with suppress(OSError, ValueError):
                    self.counted[part.parent.name] = json.loads(part.read_text())["documents"]
        return sum(self.counted.values())

    def result(self) -> dict:
        parent = self.process.pid
        workers = {pid: value for pid, value in self.cpu.items() if pid != parent}
        result = {
            "seconds": time.perf_counter() - self.began, "parent": self.cpu.get(parent, 0.0),
            "workers": sum(workers.values()),
        }  # fmt: skip
        return {name: value + self.before.get(name, 0.0) for name, value in result.items()} | {
            "memory": [round(self.peaks.get(parent, 0)), *(round(self.peaks[pid]) for pid in workers)]
        }

    def tell(self, what: str) -> None:
        now, parent = self.result(), self.process.pid
        alive = [parent, *sorted(children(parent))]
        print(f"{what}: {now['seconds']:,.0f} s, CPU seconds {now['parent']:,.0f} + {now['workers']:,.0f} of workers;"
              f" memory now {', '.join(f'{memory(pid):,.0f}' for pid in alive)} MB", flush=True)  # fmt: skip


def cpu_seconds(pid: int) -> float:
    """User and system seconds of a process, without those of the processes that it started."""
    with suppress(OSError, ValueError, IndexError):
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS
    return 0.0


def memory(pid: int) -> float:
    """Resident memory of a process in MB without pages of files, which the system may drop at any time."""
    with suppress(OSError, ValueError, StopIteration):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("RssAnon")).split()[1]) / 1024
    return 0.0


def children(pid: int) -> set[int]:
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError):
            if int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1]) == pid:
                found.add(int(folder.name))
    return found


def on_disk(folder: Path) -> float:
    """MB of all files below a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def measured(name: str, path: Path, options: argparse.Namespace) -> dict:
    """One run, or what is known of it from an earlier start of this program."""
    output, record = options.folder / name, options.folder / f"{name}.json"
    known = json.loads(record.read_text()) if record.exists() else {}
    if not known.get("finished"):
        command = [
            sys.executable, "-m", "skillmatch", "extract", str(path), "-o", str(output),
            "--cache", str(options.folder / "cache"), "--workers", str(options.workers), "-q",
        ]  # fmt: skip
        known = Watch(name, command, output, known).run(record)
        known["cache"] = on_disk(options.folder / "cache"), on_disk(options.folder / "cache" / "parts")
        record.write_text(json.dumps(known))
    manifest = json.loads((output / "manifest.json").read_text())
    counts, cpu = manifest["counts"], known["parent"] + known["workers"]
    read = counts["read"]
    assert read == counts["processed"] + counts["duplicates"] + counts["skipped"], counts
    parent, *workers = known["memory"]
    print(f"{name} run: {known['seconds']:,.1f} s, {cpu:,.1f} CPU seconds (parent {known['parent']:,.1f}, "
          f"{known['parent'] / cpu:.0%} of them), {read / known['seconds']:,.0f} documents/s")  # fmt: skip
    mentions = sum(part["mentions"] for part in manifest["parts"])
    print(f"  {counts}, {mentions:,} mentions, {len(manifest['parts'])} parts")
    print(f"  peak memory: parent {parent:,} MB, workers {', '.join(f'{peak:,}' for peak in workers) or 'none'} MB")
    print(f"  on disk: output {on_disk(output):,.0f} MB, cache {known['cache'][0]:,.0f} MB (of them whole parts "
          f"{known['cache'][1]:,.0f} MB); load {os.getloadavg()[0]:.1f}", flush=True)  # fmt: skip
    return {**known, "cpu": cpu, "parts": manifest["parts"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--postings", type=Path, action="append", required=True, help="real postings to make them from")
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=Path("/tmp/skillmatch-scale"))
    parser.add_argument("--keep", action="store_true", help="keep the folder afterwards")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    path = options.folder / f"postings-{options.documents}.parquet"
    more = options.folder / f"postings-{options.documents}-and-one.parquet"
    if not more.exists():
        originals = [
            {"title": record.get("title", ""), "text": record["text"]}
            for source in options.postings
            for record, problem in read_records(source, kind="posting", columns={})
            if not problem and record["text"].strip()
        ]
        began = time.perf_counter()
        write(path, made_up(originals, options.documents), options.documents)
        aside = more.with_suffix(".part")
        with_one_in_front(path, aside)
        aside.rename(more)
        print(f"made {options.documents:,} postings, {path.stat().st_size / 1e6:,.0f} MB, from {len(originals):,} in "
              f"{time.perf_counter() - began:.0f} s", flush=True)  # fmt: skip
    first, second, third = (
        measured(name, source, options) for name, source in (("first", path), ("second", path), ("third", more))
    )
    for name, run in (("second run", second), ("third run, with one new posting in front,", third)):
        print(f"the {name} was {first['seconds'] / run['seconds']:.1f} times as fast and took "
              f"{first['cpu'] / run['cpu']:.1f} times less of the processors")  # fmt: skip
    print(f"same bytes in first and second: {first['parts'] == second['parts']}")
    if not options.keep:
        shutil.rmtree(options.folder)


if __name__ == "__main__":
    main()
