"""The statistical linker, on a taxonomy of four skills and a dozen sentences."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import HistGradientBoostingClassifier

from skillmatch.errors import InputError, TaxonomyError
from skillmatch.evaluation.linking import Linked, confusions, ranking_measures, set_measures
from skillmatch.linking.calibration import CandidatePairs, calibrate, language_scales
from skillmatch.linking.features import FEATURES, FeatureMaker
from skillmatch.linking.forest import Ensemble
from skillmatch.linking.gate import Gate, held_out_scale
from skillmatch.linking.gold import read_annotations
from skillmatch.linking.index import LinkIndex
from skillmatch.linking.index_building import build_index
from skillmatch.linking.linker import Link, Linker
from skillmatch.linking.reranker import COEFFICIENTS, Reranker, calibrated
from skillmatch.linking.sentences import Sentence, training_sentences
from skillmatch.pipeline import Pipelines, load
from skillmatch.taxonomy import Skill, Taxonomy
from tests.conftest import run_command

SENTENCES = [
    Sentence("Join parts with the torch and read the weld symbols", "en", ("welding",)),
    Sentence("You join steel frames by torch", "en", ("welding",)),
    Sentence("Ladder logic on Siemens controllers", "en", ("PLC programming",)),
    Sentence("You write ladder logic and test controllers on the line", "en", ("PLC programming",)),
    Sentence("Scrivi la logica ladder dei controllori", "it", ("PLC programming",)),
    Sentence("Keep customers happy on the phone", "en", ("talk to customers",)),
    Sentence("Answer the phone and keep customers informed", "en", ("talk to customers", "spreadsheets")),
    Sentence("Our canteen is open on the first floor", "en", ()),
]


@pytest.fixture(scope="module")
def taxonomy():
    labels = {"weld": "welding", "plc": "PLC programming", "talk": "talk to customers", "sheet": "spreadsheets"}
    return Taxonomy(
        "tiny", [Skill(skill_id, {"en": label}, kind="skill", group="g") for skill_id, label in labels.items()]
    )


@pytest.fixture(scope="module")
def index(taxonomy):
    return build_index(taxonomy, sentences=SENTENCES)


def trees(seed, leaves):
    """An ensemble to which a skill is as likely as its vector is near."""
    random = np.random.default_rng(seed)
    features = random.random((2_000, len(FEATURES)), dtype=np.float32)
    right = random.random(2_000) < features[:, FEATURES.index("vector")]
    model = HistGradientBoostingClassifier(max_iter=10, max_leaf_nodes=leaves, random_state=seed)
    return Ensemble.of(model.fit(features, right))


@pytest.fixture(scope="module")
def linker(taxonomy, index):
    gate = Gate({"canteen": -2.0}, 0.5)
    calibration = {"trees": 1.0, "intercept": 0.5, "gate": 0.1, "gate_intercept": 6.0}
    return Linker(taxonomy, index=index, reranker=Reranker({"general": trees(0, 8)}, gate, calibration, 0.6))


def test_an_index_is_the_same_again_and_after_a_file(taxonomy, index, tmp_path):
    index.save(tmp_path / "a.npz")
    read = LinkIndex.load(tmp_path / "a.npz")
    again = build_index(taxonomy, sentences=SENTENCES)
    for other in (read, again):
        assert other.skill_ids == index.skill_ids
        np.testing.assert_array_equal(other.words, index.words)
        np.testing.assert_array_equal(other.skill_vectors, index.skill_vectors)
        np.testing.assert_array_equal(other.examples.toarray(), index.examples.toarray())
    (tmp_path / "b.npz").write_bytes(b"not an archive")
    with pytest.raises(TaxonomyError, match=r"b\.npz"):
        LinkIndex.load(tmp_path / "b.npz")


def test_features_of_a_name_that_stands_in_the_sentence(index):
    found = FeatureMaker(index)([index.vocabulary.numbers("ladder logic on controllers", "en"), []])
    assert found.features.shape == (len(found.sentence), len(FEATURES))
    assert set(found.sentence) == {0}  # a sentence without known words has no candidates
    of = dict(zip(found.skill.tolist(), found.features, strict=True))
    plc = of[index.skill_ids.index("plc")]
    assert plc[FEATURES.index("length")] == 3
    assert plc[FEATURES.index("vector_rank")] == 0
    assert plc[FEATURES.index("examples")] == pytest.approx(np.log1p(3))
    assert plc[FEATURES.index("example_words")] > of[index.skill_ids.index("plc")][FEATURES.index("name")]


def test_rank_orders_and_repeats(linker):
    first, empty, again, italian = linker.rank(
        ["You program ladder logic", "", "You program ladder logic"]
    ) + linker.rank(["logica ladder dei controllori"], language="it")
    assert first == again
    assert empty == []
    assert first[0].skill_id == italian[0].skill_id == "plc"
    assert [row.probability for row in first] == sorted((row.probability for row in first), reverse=True)
    with pytest.raises(InputError, match="'de'"):
        linker.rank(["x"], language="de")


def test_span_supports_the_skill(linker):
    sentence = "We are looking for somebody who writes ladder logic."
    start, end = linker.span(sentence, "plc")
    assert "ladder logic" in sentence[start:end]
    assert linker.span("xyzzy", "plc") == (0, 0)


def test_linked_spans_keep_their_probability(taxonomy, linker):
    nlp = load(taxonomy, linker=linker)
    doc = nlp("Requirements:\nLadder logic on Siemens controllers\nWelding")
    found = {span.kb_id_: span for span in doc.spans["skills"]}
    assert found["plc"]._.strength == "required"
    assert 0.6 <= found["plc"]._.probability < 1
    assert found["weld"]._.probability == 0.92  # by its name
    assert Pipelines(taxonomy).fingerprint != Pipelines(taxonomy, linker=linker).fingerprint


def test_a_sentence_is_linked_once(taxonomy, linker, monkeypatch):
    asked = []

    def link(texts, *, language):
        asked.extend(texts)
        return Linker.link(linker, texts, language=language)

    monkeypatch.setattr(linker, "link", link)
    nlp = load(taxonomy, linker=linker)
    first, *others = nlp.pipe([f"Ladder logic on Siemens controllers\nNumber {at}." for at in range(70)])
    found = [[(span.kb_id_, span._.probability) for span in doc.spans["skills"]] for doc in (first, *others)]
    assert found[0] and all(row == found[0] for row in found)
    assert len(asked) == len(set(asked)) == 71
    nlp("Ladder logic on Siemens controllers")
    assert len(asked) == 71


def test_gate_tells_boilerplate(tmp_path):
    sentences = ["you will weld frames", "you will program robots", "we offer a canteen", "we offer free parking"] * 5
    gate = Gate.fit(sentences, [True, True, False, False] * 5, [1.0] * 20)
    skill, none = gate.scores(["you will weld robots", "we offer parking"])
    assert skill > 0 > none
    gate.save(tmp_path / "gate.npz")
    np.testing.assert_allclose(Gate.load(tmp_path / "gate.npz").scores(sentences), gate.scores(sentences), atol=1e-5)


def test_gate_knows_an_inflected_word_by_its_beginning():
    sentences = ["saldare telai", "programmare robot", "offriamo mensa", "sede di Schio"] * 5
    gate = Gate.fit(sentences, [True, True, False, False] * 5, [1.0] * 20)
    inflected, none = gate.scores(["saldatura", "gita"])
    assert inflected > none + 0.1


def test_a_gate_is_not_trusted_beyond_what_unseen_sentences_show():
    random = np.random.default_rng(4)
    said = random.random(400) < 0.2
    words = [f"{'weld' if skill else 'canteen'} {random.choice(list('abcdefgh'))}" for skill in said]
    mistaken = said ^ (random.random(400) < 0.25)
    slope, intercept = held_out_scale(words, said.tolist(), [1.0] * 400, [True] * 400, seed=0)
    lower, _ = held_out_scale(words, mistaken.tolist(), [1.0] * 400, [True] * 400, seed=0)
    assert 0 < lower < slope
    skill, none = Gate.fit(words, said.tolist(), [1.0] * 400).scores(["weld a", "canteen a"])
    assert slope * skill + intercept > 2 > -2 > slope * none + intercept


def test_a_changed_model_is_refused(tmp_path):
    model = Reranker.load()
    model.save(tmp_path)
    features = np.random.default_rng(0).random((50, len(FEATURES)), dtype=np.float32)
    gate = np.zeros(50, dtype=np.float32)
    np.testing.assert_array_equal(Reranker.load(tmp_path).scores(features, gate), model.scores(features, gate))
    file = tmp_path / "general.npz"
    file.write_bytes(file.read_bytes() + b" ")
    with pytest.raises(InputError, match=r"general\.npz"):
        Reranker.load(tmp_path)
    record = json.loads((tmp_path / "model.json").read_text("utf-8"))
    (tmp_path / "model.json").write_text(json.dumps(record | {"features": ["other"]}), "utf-8")
    with pytest.raises(InputError, match="other features"):
        Reranker.load(tmp_path)
    (tmp_path / "model.json").write_text(json.dumps(record | {"calibration": {"trees": 1.0}}), "utf-8")
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(InputError, match="intercept"):
        Reranker.load(tmp_path)


def logistic(x):
    return 1 / (1 + np.exp(-np.asarray(x, dtype=float)))


def test_a_probability_is_that_of_the_sentence_times_that_of_the_skill():
    calibration = {"trees": 2.0, "intercept": 0.5, "gate": 0.7, "gate_intercept": -0.2, "languages": {"it": [1.2, 0.9]}}
    said, gate = np.array([-3.0, 0.0, 4.0, 12.0]), np.array([5.0, -4.0, 0.0, 12.0])
    for language, scaled in (("en", said), ("it", 1.2 * said + 0.9)):
        found = logistic(calibrated(said, gate, calibration, language=language))
        np.testing.assert_allclose(found, logistic(2 * scaled + 0.5) * logistic(0.7 * gate - 0.2), rtol=1e-6)
    found = logistic(calibrated(said, gate, calibration | {"gates": {"it": [1.5, -1.0]}}, language="it"))
    np.testing.assert_allclose(found, logistic(2 * (1.2 * said + 0.9) + 0.5) * logistic(1.5 * gate - 1.0), rtol=1e-6)
    assert np.isfinite(calibrated(np.array([-12.0]), np.array([-500.0]), calibration)).all()


def drawn_pairs(random, sentences, candidates):
    """Candidates whose chance to be right is known, with their scores; half of the sentences speak of nothing."""
    sentence = np.repeat(np.arange(sentences), candidates)
    gate = np.where(sentence % 2, 3.0, -3.0) + random.normal(size=sentences)[sentence]
    scores = random.normal(-2, 2, len(sentence))
    right = random.random(len(sentence)) < logistic(1.3 * scores + 0.4) * logistic(gate)
    return CandidatePairs(np.zeros((len(sentence), 1)), right, sentence, gate), scores


def test_calibration_finds_the_coefficients_and_keeps_silent():
    pairs, scores = drawn_pairs(np.random.default_rng(1), 3000, 10)
    calibration, threshold = calibrate(pairs, scores, np.ones(len(scores)), {"it": (1.0, 0.0)})
    assert calibration["languages"] == {"it": (1.0, 0.0)}
    assert [calibration[name] for name in COEFFICIENTS] == pytest.approx([1.3, 0.4, 1.0, 0.0], abs=0.2)
    probability = logistic(calibrated(scores, pairs.gate, calibration))
    speaking = np.isin(np.arange(3000), pairs.sentence[pairs.right])
    firing = np.isin(np.arange(3000), pairs.sentence[probability >= threshold])
    assert firing[~speaking].mean() <= 0.095


def test_scores_of_a_language_are_brought_to_the_scale_of_english():
    random = np.random.default_rng(2)
    pairs, scores = drawn_pairs(random, 6000, 10)
    right = random.random(len(scores)) < logistic(scores)
    spoken = np.where(random.random(6000) < 0.5, "it", "en")[pairs.sentence]
    seen = np.where(spoken == "it", (scores - 0.8) / 1.25, scores)
    pairs = CandidatePairs(pairs.features, right, pairs.sentence, pairs.gate)
    slope, offset = language_scales(pairs, seen, spoken)["it"]
    assert (slope, offset) == (pytest.approx(1.25, abs=0.1), pytest.approx(0.8, abs=0.1))


def test_measures_of_known_answers():
    def link(skill_id, probability):
        return Link(skill_id, skill_id, 0.0, probability)

    linked = Linked(
        [frozenset({"a", "b"}), frozenset({"c"}), frozenset()],
        [[link("a", 0.9), link("x", 0.8), link("b", 0.1)], [link("y", 0.2), link("c", 0.1)], [link("z", 0.7)]],
        [],
    )
    ranking = ranking_measures(linked).set_index("measure")["value"]
    assert ranking["MRR"] == pytest.approx((1 + 0.5) / 2)
    assert ranking["RP@1"] == pytest.approx(50)
    assert ranking["RP@5"] == pytest.approx(100)
    sets = set_measures(linked, threshold=0.5).set_index("measure")["value"]
    assert sets["precision"] == pytest.approx(100 / 3)
    assert sets["recall"] == pytest.approx(100 / 3)
    assert sets["fires without a skill"] == 100
    assert confusions(linked, threshold=0.5).values.tolist() == [
        ["missed", "b", 1, "x"], ["missed", "c", 1, ""], ["wrong", "x", 1, ""], ["wrong", "z", 1, ""],
    ]  # fmt: skip


def test_annotations_need_their_columns(tmp_path):
    (tmp_path / "a.csv").write_text("sentence,span,label\nweld it,weld,welding\nhello,,LABEL NOT PRESENT\n", "utf-8")
    assert [tuple(row) for row in read_annotations(tmp_path / "a.csv")] == [
        ("weld it", "en", ("welding",)), ("hello", "en", ()),
    ]  # fmt: skip
    (tmp_path / "b.csv").write_text("text\nx\n", "utf-8")
    with pytest.raises(InputError, match="label, sentence"):
        read_annotations(tmp_path / "b.csv")


def test_the_sentences_of_the_project_are_whole():
    sentences = training_sentences()
    assert len({(row.text, row.language) for row in sentences}) > 0.999 * len(sentences)
    assert all(row.text.strip() for row in sentences)
    assert len({label for row in sentences for label in row.labels}) > 3_000


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(max_size=200), max_size=5), st.sampled_from(["en", "it"]))
def test_any_text_is_ranked(linker, texts, language):
    assert len(linker.rank(texts, language=language)) == len(texts)


@pytest.mark.slow
def test_link_prints_a_line_for_each_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("SKILLMATCH_CACHE", str(tmp_path))
    (tmp_path / "t.csv").write_text("id,label_en\nweld,welding\nplc,PLC programming\n", "utf-8")
    (tmp_path / "s.txt").write_text("You program PLCs\n\nTIG welding\n", "utf-8")
    result = run_command("link", tmp_path / "s.txt", "--taxonomy", tmp_path / "t.csv", "--top", "1")
    assert result.returncode == 0, result.stderr
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["sentence"] for row in rows] == ["You program PLCs", "", "TIG welding"]
    assert [[skill["id"] for skill in row["skills"]] for row in rows] == [["plc"], [], ["weld"]]
