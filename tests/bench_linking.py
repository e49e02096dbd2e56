"""Sentences/s of the linker beside a TF-IDF cosine and a sentence encoder of the size of all-MiniLM-L6-v2.

``make bench ESCO=FOLDER`` (a folder made by 'skillmatch taxonomy build'). All sides work on the same distinct
sentences in one thread, in turns; sentences/s are of CPU seconds. The encoder (only where torch and transformers are
installed) has the shape of all-MiniLM-L6-v2 but random weights, on which its speed does not depend; its tokens are
random too, one for each word and mark, which is fewer than it would have, and cutting the text is not timed.
"""

from __future__ import annotations

import argparse
import gc
import importlib.util
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from bench import fresh
from sklearn.feature_extraction.text import TfidfVectorizer
from threadpoolctl import threadpool_limits

from skillmatch.components.linker import sentences_of
from skillmatch.documents import read_documents
from skillmatch.linking.index import FILE
from skillmatch.linking.linker import Linker
from skillmatch.resources import resource as bundled
from skillmatch.taxonomy import Taxonomy, load_taxonomy

TOP = 100
SLICE = 512
#: Of each slice, as many sentences are encoded: the encoder is slow, and its speed is the same for all.
ENCODED = 128
#: Sentences that are linked to measure memory.
LINKED = 2048
_BATCH = 32
_TOKENS = 256
_VOCABULARY = 30_522
_TOKEN = re.compile(r"\w+|[^\w\s]")
_Side = Callable[[list[str]], object]


def distinct_sentences(paths: list[Path], size: int) -> list[str]:
    """At most ``size`` English sentences, spread over the documents."""
    texts = read_documents(paths, kind="posting", language="en").documents["text"]
    found = list(dict.fromkeys(text[start:end] for text in texts for start, end in sentences_of(text)))
    return found[:: max(1, len(found) // size)][:size]


def tf_idf(taxonomy: Taxonomy) -> _Side:
    """The hundred names nearest to each sentence by the cosine of their words."""
    names = [name.text for skill in taxonomy for name in skill.names("en")]
    vectorizer = TfidfVectorizer(sublinear_tf=True, dtype=np.float32)
    table = vectorizer.fit_transform(names).T.tocsr()

    def rank(sentences: list[str]) -> list[np.ndarray]:
        scores = vectorizer.transform(sentences) @ table
        found = []
        for first, last in zip(scores.indptr[:-1], scores.indptr[1:], strict=True):
            values = scores.data[first:last]
            best = np.argpartition(values, -TOP)[-TOP:] if len(values) > TOP else np.arange(len(values))
            found.append(scores.indices[first:last][best[np.argsort(-values[best])]])
        return found

    return rank


def encoder(skills: int) -> _Side:
    """BERT with six layers of 384 and mean pooling, then the cosine with a vector for each skill."""
    import torch
    from transformers import BertConfig, BertModel

    torch.set_num_threads(1)
    torch.manual_seed(0)
    shape = {"hidden_size": 384, "num_hidden_layers": 6, "num_attention_heads": 12, "intermediate_size": 1536}
    model = BertModel(BertConfig(vocab_size=_VOCABULARY, **shape), add_pooling_layer=False).eval()
    vectors = torch.nn.functional.normalize(torch.randn(skills, 384))

    def rank(sentences: list[str]) -> list[object]:
        found: list[object] = []
        with torch.inference_mode():
            for start in range(0, len(sentences), _BATCH):
                sizes = [min(len(_TOKEN.findall(text)) + 2, _TOKENS) for text in sentences[start : start + _BATCH]]
                mask = torch.arange(max(sizes))[None, :] < torch.tensor(sizes)[:, None]
                states = model(torch.randint(0, _VOCABULARY, mask.shape), attention_mask=mask.long()).last_hidden_state
                pooled = (states * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True)
                scores = torch.nn.functional.normalize(pooled) @ vectors.T
                found += scores.topk(min(TOP, skills)).indices
        return found

    return rank


def cpu_seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def compare(options: argparse.Namespace) -> None:
    """Time all sides and print what they take."""
    sentences = distinct_sentences(
        options.postings or [bundled("corpora", "demo", "postings.csv")], options.size + SLICE
    )
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "taxonomy")
        shutil.copytree(options.taxonomy, copy, ignore=shutil.ignore_patterns(FILE))
        build = (
            "from skillmatch.linking.linker import Linker; from skillmatch.taxonomy import load_taxonomy\n"
            f"linker = Linker(load_taxonomy({str(copy)!r}))"
        )
        build_time, build_memory = fresh(build)
        size = (copy / FILE).stat().st_size / 1e6
        load_time, _ = fresh(build)
        lines = Path(folder, "sentences.txt")
        lines.write_text("\n".join(sentences[:LINKED]), encoding="utf-8")
        texts = f"open({str(lines)!r}, encoding='utf-8').read().split('\\n')"
        _, memory = fresh(f"{build}\nlinker.rank({texts}, top={TOP})")
        taxonomy = load_taxonomy(copy)
        linker = Linker(taxonomy)
    sides: dict[str, _Side] = {
        "linker": lambda texts: linker.rank(texts, top=TOP),
        "TF-IDF cosine": tf_idf(taxonomy),
    }
    if importlib.util.find_spec("torch") and importlib.util.find_spec("transformers"):
        sides["encoder"] = encoder(len(taxonomy.skills))
    gc.freeze()  # as the command does
    taken, done = dict.fromkeys(sides, 0.0), dict.fromkeys(sides, 0)
    for start in range(0, len(sentences), SLICE):
        for name in sorted(sides, reverse=bool(start // SLICE % 2)):
            texts = sentences[start : start + SLICE]
            texts = texts[:: len(texts) // ENCODED][:ENCODED] if name == "encoder" and len(texts) > ENCODED else texts
            seconds = cpu_seconds(lambda side=sides[name], texts=texts: side(texts))
            if start:  # the first slice warms up
                taken[name] += seconds
                done[name] += len(texts)
    rate = {name: done[name] / taken[name] for name in sides}
    letters = sum(map(len, sentences)) / len(sentences)
    print(f"{len(taxonomy.skills)} skills; distinct sentences of {letters:.0f} characters on the mean; one thread")
    for name in sides:
        print(f"{name:<14} {rate[name]:8.0f} sentences per CPU-second ({done[name]} sentences)")
    print(f"the linker at {rate['linker'] / rate['TF-IDF cosine']:.2f} of the TF-IDF cosine")
    if "encoder" in sides:
        print(f"the linker at {rate['linker'] / rate['encoder']:.1f} times the encoder: the shape of all-MiniLM-L6-v2, "
              "random weights, random tokens, cutting the text not timed")  # fmt: skip
    else:
        print("encoder: skipped, torch and transformers are not installed")
    print(f"index built in {build_time:.1f} s (all of the process), peak {build_memory:.0f} MB, {size:.0f} MB on disk; "
          f"loaded in {load_time:.1f} s; {len(sentences[:LINKED])} sentences linked: peak {memory:.0f} MB"
          f"{' with torch, which spaCy loads where it is installed' if 'encoder' in sides else ''}")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--taxonomy", type=Path, help="folder made by 'skillmatch taxonomy build'; without it: nothing")
    parser.add_argument("--postings", type=Path, action="append", help="default: the bundled demonstration")
    parser.add_argument("--size", type=int, default=4096, help="distinct sentences, at most")
    options = parser.parse_args()
    if options.taxonomy is None:
        print("linking: skipped, no taxonomy given (make bench ESCO=FOLDER, built with 'taxonomy build')")
        return
    if not options.taxonomy.is_dir():
        sys.exit(f"--taxonomy {options.taxonomy}: no such folder; build it with 'skillmatch taxonomy build'")
    with threadpool_limits(limits=1):
        compare(options)


if __name__ == "__main__":
    main()
