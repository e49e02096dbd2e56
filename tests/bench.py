"""Documents/s, MB/s, start-up time and peak memory, beside a bare spaCy PhraseMatcher over the same phrases.

Run by ``make bench``. Absolute figures depend on the machine; the ratios come from one run. Each side is timed on
texts it has not seen: sides take turns on slices of the corpus and then change slices, best of the rounds.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import deque
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import spacy
from spacy.matcher import PhraseMatcher

import skillmatch
from skillmatch.documents import read_documents
from skillmatch.linking.linker import Linker
from skillmatch.mentions import extract
from skillmatch.pipeline import Pipelines
from skillmatch.resources import resource as bundled
from skillmatch.scale.run import Options, run_extraction
from skillmatch.taxonomy import load_taxonomy

ROUNDS = 5


def corpus(paths: list[Path], size: int, characters: int) -> list[str]:
    """``size`` English texts of at most ``characters``, cut from the postings given (repeated as far as needed)."""
    documents = read_documents(paths, kind="posting", language="en").documents["text"]
    pieces = [text[at : at + characters] for text in documents for at in range(0, len(text), characters)]
    pieces = [piece for piece in pieces if len(piece) > characters // 3]
    return (pieces * (size // len(pieces) + 1))[:size]


def esco_labels(package: Path) -> list[str]:
    """Preferred and alternative labels of the skills in an ESCO CSV package (English)."""
    with zipfile.ZipFile(package) as archive:
        name = next(name for name in archive.namelist() if Path(name).name in ("skills_en.csv", "skills.csv"))
        with archive.open(name) as stream:
            rows = list(csv.DictReader(io.TextIOWrapper(stream, encoding="utf-8-sig")))
    keys = {key.lower(): key for key in rows[0]}
    labels = {row[keys["preferredlabel"]] for row in rows}
    return sorted(labels | {label for row in rows for label in row[keys["altlabels"]].split("\n") if label.strip()})


def phrase_matcher(names: list[str]) -> Callable[[str], object]:
    """The yardstick: tokenizer and PhraseMatcher on lower-case words, nothing else."""
    nlp = spacy.blank("en")
    matcher = PhraseMatcher(nlp.vocab, attr="LOWER")
    matcher.add("skill", list(nlp.tokenizer.pipe(names)))
    return lambda text: matcher(nlp.make_doc(text), as_spans=True)


def with_linking(folder: Path, documents: pd.DataFrame) -> Callable[[], object]:
    """The pipeline with the taxonomy of a folder, linking too; sentences of the round before are forgotten."""
    taxonomy = load_taxonomy(folder)
    linker = Linker(taxonomy)
    pipelines = Pipelines(taxonomy, linker=linker)

    def run() -> object:
        pipelines["en"].get_pipe("skillmatch_linker").use(linker)
        return extract(documents, pipelines=pipelines)

    return run


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def fresh(command: str) -> tuple[float, float]:
    """Seconds and peak MB of a new Python process that runs a command."""
    # Not getrusage: its peak is handed down by the process that starts this one.
    peak = "next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM'))"
    code = f"{command}\nprint(int({peak}) / 1024)"
    began = time.perf_counter()
    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    return time.perf_counter() - began, float(out.split()[-1])


def rate_of_workers(texts: list[str], workers: int) -> float:
    """Documents/s of a run without a cache in so many processes, from when all have started to the last document."""
    done: list[tuple[float, int]] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "jobs.jsonl")
        rows = (json.dumps({"id": str(at), "text": f"{text} {at}"}) for at, text in enumerate(texts))
        path.write_text("\n".join(rows), encoding="utf-8")
        options = Options("posting", Pipelines(load_taxonomy()), {}, language="en")
        run_extraction(
            [path], options, state=Path(folder, "state"), cache=None, workers=workers,
            progress=lambda number: done.append((time.perf_counter(), number)),
        )  # fmt: skip
    started = sorted(done)[2 * workers :]
    return sum(number for _, number in started[1:]) / (started[-1][0] - started[0][0])


def cost_of_reading(pipelines: Pipelines, texts: list[str]) -> dict[str, float]:
    """CPU seconds of all steps, of tokenizer and matcher alone, and of the sections by themselves; best of the rounds.

    The sections are timed on Docs that are there already: left out of the pipeline, they would change what the steps
    behind them have to do.
    """
    nlp = pipelines["en"]
    splitter = nlp.get_pipe("skillmatch_sections")
    best = dict.fromkeys(("all", "matcher", "sections"), float("inf"))
    for round_number in range(ROUNDS):
        for name in sorted(best, reverse=bool(round_number % 2)):
            off = ["skillmatch_sections", "skillmatch_context"] if name == "matcher" else []
            with nlp.select_pipes(disable=off):
                docs = list(map(nlp.make_doc, texts)) if name == "sections" else []
                began = time.process_time()
                if docs:
                    deque(splitter.pipe(docs), maxlen=0)
                else:
                    deque(nlp.pipe(texts, batch_size=500), maxlen=0)
                best[name] = min(best[name], time.process_time() - began)
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postings", type=Path, action="append", help="default: the bundled demonstration")
    parser.add_argument("--size", type=int, default=2000, help="documents")
    parser.add_argument("--characters", type=int, default=1500, help="of a document, at most")
    parser.add_argument("--linked", type=Path, help="also with linking, to this folder made by 'taxonomy build'")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="the best of them counts")
    parser.add_argument("--esco", type=Path, help="ESCO CSV package (zip) whose labels the PhraseMatcher looks for")
    options = parser.parse_args()
    texts = corpus(options.postings or [bundled("corpora", "demo", "postings.csv")], options.size, options.characters)
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    taxonomy = load_taxonomy()
    names = (
        esco_labels(options.esco)
        if options.esco
        else sorted({alias.text for skill in taxonomy for alias in skill.names("en")})
    )
    yardstick = phrase_matcher(names)
    pipelines = Pipelines(taxonomy)
    documents = pd.DataFrame(
        {"document_id": range(len(texts)), "kind": "posting", "title": "", "text": texts, "language": "en"}
    )
    sides = {
        "PhraseMatcher": lambda: [yardstick(text) for text in texts],
        "skillmatch": lambda: extract(documents, pipelines=pipelines),
    }
    if options.linked:
        sides["with linking"] = with_linking(options.linked, documents)
    best = dict.fromkeys(sides, float("inf"))
    for round_number in range(options.rounds):
        for name in sorted(sides, reverse=bool(round_number % 2)):
            best[name] = min(best[name], seconds(sides[name]))
    print(f"skillmatch {skillmatch.__version__}, spaCy {spacy.__version__}, {len(taxonomy)} skills")
    mean = 1e6 * megabytes / len(texts)
    print(f"{len(texts)} documents of {mean:.0f} bytes on the mean, best of {options.rounds} rounds")
    for name, taken in best.items():
        print(f"{name:<14} {len(texts) / taken:8.0f} documents/s {megabytes / taken:7.2f} MB/s")
    print(f"ratio          {best['PhraseMatcher'] / best['skillmatch']:8.2f} of the PhraseMatcher's documents/s, "
          f"which looks for {len(names)} {'ESCO labels' if options.esco else 'names of the taxonomy'}")  # fmt: skip
    cost = cost_of_reading(pipelines, texts)
    print(f"reading        {cost['matcher'] / cost['all']:8.2f} of the documents/s of tokenizer and matcher alone, "
          f"{1 - cost['sections'] / cost['all']:.2f} of those of all steps but sections")  # fmt: skip
    if options.linked:
        print(f"ratio          {best['PhraseMatcher'] / best['with linking']:8.2f} of the PhraseMatcher's documents/s "
              f"with linking to {options.linked.name}")  # fmt: skip
    one, two = (max(rate_of_workers(texts * 2, workers) for _ in range(2)) for workers in (1, 2))
    print(f"with reading, cleaning, comparing: one worker {one:.0f} documents/s, two {two:.0f}, ratio {two / one:.2f}")
    help_time, _ = fresh(
        "import subprocess, sys; subprocess.run([sys.executable, '-m', 'skillmatch', '--help'], stdout=-3)"
    )
    load_time, load_memory = fresh("import skillmatch; skillmatch.load('manufacturing', lang='en')")
    print(f"skillmatch --help {help_time:.2f} s; import and load {load_time:.2f} s, {load_memory:.0f} MB")
    print(f"peak memory of this run {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
