"""Where skills stand in a sentence: the chain against brute force, training, the bundled model, its measures."""

import json
import time
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillmatch.errors import EmptyError, InputError
from skillmatch.evaluation.spans import span_differences, span_measures, tag_gold
from skillmatch.spans import SpanTagger
from skillmatch.spans.chain import LABELS, Block, Candidate, Transitions, choose, fit, forward_backward, span_candidates
from skillmatch.spans.gold import GoldSentence, bio_spans, read_gold
from skillmatch.spans.training import fit_tagger
from skillmatch.spans.vectors import word_vectors
from skillmatch.spans.words import split_words
from tests.conftest import SHARED, run_command

TOPICS = "welding milling turning soldering painting rigging casting forging".split()
MANNERS = "calm patient careful tidy".split()


def toy() -> list[GoldSentence]:
    """Knowledge after "of", skill after "be", and sentences without either."""
    sentences = []
    for number, topic in enumerate(TOPICS * 3):
        document = f"d{number % 6}"
        manner = MANNERS[number % len(MANNERS)]
        sentences += [
            GoldSentence(("Knowledge", "of", "arc", topic, "."), (), ((2, 4),), document),
            GoldSentence(("Please", "be", manner, "."), ((2, 3),), (), document),
            GoldSentence(("Our", "canteen", "serves", "lunch", "."), (), (), document),
        ]
    return sentences


@pytest.fixture(scope="module")
def trained() -> SpanTagger:
    return fit_tagger(toy(), iterations=60)


def labellings(length):
    for labels in product(range(LABELS), repeat=length):
        if all(x not in (2, 4) or (at and labels[at - 1] in (x - 1, x)) for at, x in enumerate(labels)):
            yield labels


def random_chain(seed, lengths):
    rng = np.random.default_rng(seed)
    after, start = rng.normal(size=(LABELS, LABELS)), rng.normal(size=LABELS)
    for inside in (2, 4):
        start[inside] = -1e4
        after[[x for x in range(LABELS) if x not in (inside - 1, inside)], inside] = -1e4
    return rng.normal(size=(sum(lengths), LABELS)), Transitions(after, start)


def test_probabilities_of_spans_are_those_of_all_labellings():
    lengths = np.array([3, 1, 4, 0])
    scores, transitions = random_chain(1, lengths)
    _, _, partition = forward_backward(scores, transitions, lengths)
    found = span_candidates(scores, transitions, lengths, least=0.0)
    assert found[3] == []
    offset = 0
    for number, length in enumerate(lengths[:3]):
        weights, spans = [], {}
        for labels in labellings(length):
            total = transitions.start[labels[0]] + sum(scores[offset + at, x] for at, x in enumerate(labels))
            total += sum(transitions.after[a, b] for a, b in pairwise(labels))
            weights.append(np.exp(total))
            for kind, begin in ((0, 1), (1, 3)):
                tags = ["B" if x == begin else "I" if x == begin + 1 else "O" for x in labels]
                for span in bio_spans(tags):
                    spans[*span, kind] = spans.get((*span, kind), 0.0) + weights[-1]
        assert partition[number] == pytest.approx(np.log(sum(weights)))
        assert {c[:3]: c.probability for c in found[number]} == pytest.approx(
            {key: value / sum(weights) for key, value in spans.items()}
        )
        offset += length


def test_fit_finds_a_point_where_the_likelihood_is_highest():
    rng = np.random.default_rng(2)
    lengths = np.array([4, 3, 5, 2])
    features = rng.normal(size=(14, 3))
    labels = np.array([0, 1, 2, 0, 3, 4, 0, 0, 1, 0, 3, 4, 0, 1])

    def loss(weights, transitions):
        scores = features @ weights
        _, _, partition = forward_backward(scores, transitions, lengths)
        total, offset = 0.0, 0
        for length, log_sum in zip(lengths, partition, strict=True):
            of = labels[offset : offset + length]
            total += log_sum - transitions.start[of[0]] - scores[np.arange(offset, offset + length), of].sum()
            total -= transitions.after[of[:-1], of[1:]].sum()
            offset += length
        likely = [transitions.after[transitions.after > -1e3], transitions.start[transitions.start > -1e3]]
        return total + 0.5 * ((weights**2).sum() + sum((part**2).sum() for part in likely))

    (weights,), transitions = fit([Block(features)], labels, lengths, penalty=1.0, iterations=300)
    best = loss(weights, transitions)
    for _ in range(20):
        moved = weights + rng.normal(size=weights.shape) * 0.01
        assert loss(moved, transitions) > best
        after = np.where(transitions.after > -1e3, transitions.after + rng.normal(size=(LABELS, LABELS)) * 0.01, -1e4)
        assert loss(weights, Transitions(after, transitions.start)) > best


def test_choose_is_the_best_of_all_sets_without_overlap():
    rng = np.random.default_rng(3)
    for _ in range(50):
        drawn = zip(rng.integers(0, 8, 7), rng.integers(1, 4, 7), rng.integers(0, 2, 7), rng.random(7), strict=True)
        spans = [Candidate(int(start), int(start + size), int(kind), float(p)) for start, size, kind, p in drawn]
        best = 0.0
        for taken in product([False, True], repeat=len(spans)):
            kept = [s for s, take in zip(spans, taken, strict=True) if take]
            if all(a is b or a.end <= b.start or b.end <= a.start for a in kept for b in kept):
                best = max(best, sum(s.probability - 0.3 for s in kept))
        chosen = choose(spans, threshold=0.3)
        assert sum(s.probability - 0.3 for s in chosen) == pytest.approx(best)
        assert all(a.end <= b.start for a, b in pairwise(chosen))


def test_training_learns_the_toy(trained):
    found = trained.find(["Knowledge of arc forging.", "Please be tidy.", "Our canteen serves lunch."])
    assert [[(span.text, span.kind) for span in of] for of in found] == [
        [("arc forging", "knowledge")], [("tidy", "skill")], []
    ]  # fmt: skip


def test_a_saved_model_is_the_same_model_in_the_same_bytes(trained, tmp_path):
    first = trained.save(tmp_path / "a")
    again = fit_tagger(toy(), iterations=60).save(tmp_path / "b")
    assert first.read_bytes() == again.read_bytes()
    sentences = [sentence.words for sentence in toy()]
    loaded = SpanTagger.load(tmp_path / "a")
    for mine, theirs in zip(trained.candidates(sentences), loaded.candidates(sentences), strict=True):
        assert [c[:3] for c in mine] == [c[:3] for c in theirs]
        assert [c.probability for c in mine] == pytest.approx([c.probability for c in theirs], abs=1e-6)


def test_what_is_no_model_is_told(tmp_path):
    with pytest.raises(InputError, match="skillmatch train spans"):
        SpanTagger.load(tmp_path)
    (tmp_path / "model.npz").write_bytes(b"no model")
    with pytest.raises(InputError, match="no model of spans"):
        SpanTagger.load(tmp_path)
    np.savez(tmp_path / "model.npz", header=np.array([{"format": 1}], dtype=object))
    with pytest.raises(InputError, match="no model of spans"):  # arrays of objects would be pickles
        SpanTagger.load(tmp_path)


def test_the_bundled_model_finds_what_it_should():
    sentences = [
        "Solid experience with Python, SQL and Docker (Kubernetes is a plus).",
        "You communicate clearly with customers and work independently.",
        "The company was founded in 1958 and has offices in three countries.",
    ]
    found = SpanTagger.load().find(sentences)
    assert {"Python", "SQL", "Docker", "Kubernetes"} <= {span.text for span in found[0] if span.kind == "knowledge"}
    assert any("communicate" in span.text for span in found[1] if span.kind == "skill")
    assert found[2] == []
    for sentence, spans in zip(sentences, found, strict=True):
        assert all(sentence[span.start : span.end] == span.text for span in spans)


def test_neither_batches_nor_order_change_what_is_found():
    tagger = SpanTagger.load()
    sentences = ["Knowledge of Java and Spring Boot", "", "   ", "You plan and run tests", "Free fruit!"] * 450
    found = tagger.find(sentences)
    assert len(found) == len(sentences)
    assert found[:5] == tagger.find(sentences[:5]) == found[1800:1805]
    assert found[1] == found[2] == []
    documents = [number // 5 for number in range(len(sentences))]
    together = tagger.find(sentences, documents=documents)
    assert together[:5] == together[1000:1005] == tagger.find(sentences[:5], documents=documents[:5])


@given(st.lists(st.text(max_size=80), max_size=5))
def test_any_text_is_tagged_within_its_bounds(texts):
    for text, spans in zip(texts, SpanTagger.load().find(texts, threshold=0.01), strict=True):
        assert all(text[span.start : span.end] == span.text and span.text for span in spans)
        assert all(a.end <= b.start for a, b in pairwise(spans))


@given(st.text(max_size=200))
def test_words_stand_where_they_are_said_to(text):
    places = split_words(text)
    assert all(text[place.start : place.end] == place.word for place in places)
    assert "".join(place.word for place in places) == "".join(text.replace(",", " ").split())


def test_a_model_holds_words_but_no_sentences():
    vocabulary = SpanTagger.load().vocabulary
    texts = [*vocabulary.attributes, *vocabulary.stems, *vocabulary.shapes, *vocabulary.vector_words]
    assert len(texts) > 5_000
    assert max(len(text.split()) for text in texts) <= 2  # an attribute is its name and one word


def test_vectors_put_words_of_the_same_neighbours_together():
    sentences = [("we", "use", topic, "daily", "here") for topic in TOPICS] * 4
    sentences += [("be", manner, "and", name) for manner in MANNERS for name in ("ann", "bob", "cy", "di", "ed")]
    words, vectors = word_vectors(sentences)
    near = vectors.astype(float) @ vectors[words.index("ann")].astype(float)
    assert near[words.index("bob")] > near[words.index("daily")]


GOLD = [
    GoldSentence(("a", "b", "c", "d"), ((0, 2),), ((3, 4),), "x"),
    GoldSentence(("a", "b", "c", "d"), ((0, 4),), ((1, 2),), "y"),
    GoldSentence(("a", "b"), (), (), "z"),
]
FOUND = [[Candidate(0, 2, 0, 1.0), Candidate(2, 4, 1, 1.0)], [Candidate(1, 2, 0, 1.0)], [Candidate(0, 1, 0, 1.0)]]


def test_measures_are_counted_as_they_are_defined():
    table = span_measures(GOLD, FOUND).set_index(["spans", "measure"])
    counted = table[["precision", "recall", "found", "marked"]].to_dict("index")
    assert counted["merged", "exact"] == {"precision": 50.0, "recall": 50.0, "found": 4, "marked": 4}
    assert counted["merged", "overlap"] == {"precision": 75.0, "recall": 100.0, "found": 4, "marked": 4}
    assert counted["skill", "exact"]["precision"] == pytest.approx(100 / 3)
    assert counted["skill", "overlap"]["precision"] == pytest.approx(200 / 3)
    assert counted["skill", "overlap"]["recall"] == 100.0
    assert counted["knowledge", "exact"]["recall"] == 0.0
    assert counted["typed", "exact"] == {"precision": 25.0, "recall": 25.0, "found": 4, "marked": 4}
    assert table.loc[("merged", "exact"), "f1_low"] <= 50 <= table.loc[("merged", "exact"), "f1_high"]
    with pytest.raises(EmptyError):
        span_measures(GOLD[2:], [[]])


def test_differences_are_named():
    table = span_differences(GOLD, FOUND)
    found = {(row.difference, row.kind): row.times for row in table.itertuples()}
    assert found == {
        ("begins too early", "knowledge"): 1,
        ("knowledge as skill", "skill"): 1,
        ("nothing marked there", "skill"): 1,
    }


def test_gold_files_are_read_and_wrong_rows_told(tmp_path):
    file = tmp_path / "gold.jsonl"
    row = {"idx": 3, "source": "tech", "tokens": ["knows", "C"], "tags_skill": ["O", "O"], "tags_knowledge": ["O", "B"]}
    file.write_text(json.dumps(row) + "\n\n", encoding="utf-8")
    assert read_gold(file) == [GoldSentence(("knows", "C"), (), ((1, 2),), "tech 3")]
    result = run_command("evaluate", "spans", "--gold", file, "--format", "csv")
    assert result.stdout.startswith("spans,measure,precision"), result.stderr
    file.write_text(json.dumps(row | {"tags_skill": ["O"]}), encoding="utf-8")
    result = run_command("evaluate", "spans", "--gold", file)
    assert (result.returncode, "gold.jsonl, row 1: 2 tokens" in result.stderr) == (3, True)
    with pytest.raises(InputError, match="cannot be read"):
        read_gold(tmp_path / "none.jsonl")


@pytest.mark.slow
def test_train_writes_a_model_that_evaluate_takes(tmp_path):
    rows = []
    for sentence in toy():
        tags = {}
        for kind in ("skill", "knowledge"):
            of_kind = ["O"] * len(sentence.words)
            for start, end in getattr(sentence, kind):
                of_kind[start:end] = ["B"] + ["I"] * (end - start - 1)
            tags[f"tags_{kind}"] = of_kind
        rows.append(json.dumps({"idx": sentence.document, "source": "toy", "tokens": sentence.words, **tags}))
    (tmp_path / "skillspan_train.jsonl").write_text("\n".join(rows), encoding="utf-8")
    result = run_command("train", "spans", "--gold", tmp_path, "-o", tmp_path / "models")
    assert result.returncode == 0, result.stderr
    result = run_command(
        "evaluate", "spans", "--gold", tmp_path / "skillspan_train.jsonl", "--model", tmp_path / "models" / "spans",
        "--format", "json",
    )  # fmt: skip
    merged = json.loads(result.stdout)[0]
    assert (merged["spans"], merged["measure"], merged["f1"]) == ("merged", "exact", 100.0)


def test_the_bundled_model_reaches_its_figures_on_real_postings():
    file = SHARED / "labelled" / "skillspan_dev.jsonl"
    if not file.is_file():
        pytest.skip(f"{file} is not there")
    gold = read_gold(file)
    table = span_measures(gold, tag_gold(SpanTagger.load(), gold)).set_index(["spans", "measure"])
    assert table.loc[("merged", "exact"), "f1"] > 45
    assert table.loc[("merged", "overlap"), "f1"] > 70


@pytest.mark.slow
def test_a_megabyte_in_one_sentence_takes_seconds():
    began = time.process_time()
    found = SpanTagger.load().find(["knowledge of java and " * 45_000])
    assert len(found[0]) == 45_000
    assert time.process_time() - began < 40
