"""A run over many postings, measured: time and memory of each process, and the same again with the cache.

``python tests/bench_scale.py --postings FILE --documents 1000000 --workers 2`` makes the postings from real ones (lines
of several of them, numbers and towns changed; one in five an earlier one again with small edits), writes them as
Parquet, and runs ``skillmatch extract`` twice, in processes of its own that are watched from outside.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import threading
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
    schema = pa.schema([(name, pa.string()) for name in ("id", "title", "text", "employer", "region", "date")])
    with pq.ParquetWriter(path, schema) as writer:
        batch: list[dict[str, str]] = []
        for at, row in enumerate(rows, start=1):
            batch.append(row)
            if len(batch) == BATCH or at == number:
                writer.write_table(pa.Table.from_pylist(batch, schema=schema))
                batch = []


def watched(
    command: list[str], samples: list[tuple[float, dict[int, float]]]
) -> tuple[float, float, dict[str, float]]:
    """Seconds and CPU seconds of a command with its workers, and the peak memory in MB of each of its processes."""
    began, used = time.perf_counter(), cpu_seconds()
    process = subprocess.Popen(command)
    peaks: dict[int, float] = {}

    def watch() -> None:
        while process.poll() is None:
            now = {pid: memory(pid) for pid in {process.pid, *children(process.pid)}}
            samples.append((time.perf_counter() - began, now))
            for pid, megabytes in now.items():
                peaks[pid] = max(peaks.get(pid, 0.0), megabytes)
            time.sleep(1)

    watcher = threading.Thread(target=watch)
    watcher.start()
    code = process.wait()
    seconds = time.perf_counter() - began
    watcher.join()
    if code:
        sys.exit(f"the command ended with {code}")
    named = {"parent": peaks.pop(process.pid)} | {f"worker {at}": peak for at, peak in enumerate(peaks.values(), 1)}
    return seconds, cpu_seconds() - used, named


def cpu_seconds() -> float:
    """Of all processes that this one has waited for, and they for theirs."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


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
    if not path.exists():
        originals = [
            {"title": record.get("title", ""), "text": record["text"]}
            for source in options.postings
            for record, problem in read_records(source, kind="posting", columns={})
            if not problem and record["text"].strip()
        ]
        began = time.perf_counter()
        write(path, made_up(originals, options.documents), options.documents)
        print(f"made {options.documents:,} postings, {path.stat().st_size / 1e6:,.0f} MB, from {len(originals):,} in "
              f"{time.perf_counter() - began:.0f} s")  # fmt: skip
    cache = options.folder / "cache"
    shutil.rmtree(cache, ignore_errors=True)
    times: list[float] = []
    cpu: list[float] = []
    digests = []
    for name in ("first", "second"):
        output = options.folder / name
        shutil.rmtree(output, ignore_errors=True)
        samples: list[tuple[float, dict[int, float]]] = []
        command = [
            sys.executable, "-m", "skillmatch", "extract", str(path), "-o", str(output), "--cache", str(cache),
            "--workers", str(options.workers),
        ]  # fmt: skip
        seconds, used, peaks = watched(command, samples)
        times.append(seconds)
        cpu.append(used)
        manifest = json.loads((output / "manifest.json").read_text())
        digests.append(manifest["parts"])
        print(f"{name} run: {seconds:,.0f} s, {used:,.0f} CPU seconds, {options.documents / seconds:,.0f} documents/s, "
              f"{sum(part['mentions'] for part in manifest['parts']):,} mentions, {manifest['counts']}")  # fmt: skip
        print("  peak memory: " + ", ".join(f"{who} {peak:,.0f} MB" for who, peak in peaks.items()))
        for share in (0.1, 0.25, 0.5, 0.75, 1.0):
            at, now = samples[min(len(samples) - 1, int(share * (len(samples) - 1)))]
            print(f"  after {at:6,.0f} s: " + ", ".join(f"{value:,.0f}" for value in sorted(now.values())) + " MB")
    size = sum(file.stat().st_size for file in cache.iterdir())
    print(f"cache {size / 1e6:,.0f} MB; the second run was {times[0] / times[1]:.1f} times as fast and took "
          f"{cpu[0] / cpu[1]:.1f} times less of the processors; "
          f"same bytes: {digests[0] == digests[1]}; load {os.getloadavg()[0]:.1f}")  # fmt: skip
    if not options.keep:
        shutil.rmtree(options.folder)


if __name__ == "__main__":
    main()
