"""Static embeddings from a local folder, as further evidence of the linker."""

import json
import shutil
import socket
import sys

import numpy as np
import pytest

from skillmatch.errors import InputError
from skillmatch.linking.features import FeatureMaker
from skillmatch.linking.gate import Gate
from skillmatch.linking.index_building import build_index
from skillmatch.linking.linker import Linker
from skillmatch.linking.reranker import Reranker
from skillmatch.linking.semantic import WEIGHT, SemanticScores, SemanticStage, SemanticVectors
from skillmatch.pipeline import Pipelines
from skillmatch.scale.work import Settings, Work
from skillmatch.taxonomy import Skill, Taxonomy
from tests.conftest import run_command
from tests.test_linking import SENTENCES, trees

WORDS = {"[UNK]": 0, "welding": 1, "electrode": 2, "customers": 3, "canteen": 4}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A model that knows what an electrode is for, which the sentences of the tests do not say."""
    return model(tmp_path_factory.mktemp("model2vec"), [[0, 0, 0], [1, 0, 0], [0.9, 0.1, 0], [0, 1, 0], [0, 0, 1]])


def model(path, vectors):
    """A model2vec model of `WORDS`, as model2vec saves it."""
    model2vec = pytest.importorskip("model2vec", reason="model2vec is not installed")
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    tokenizer = Tokenizer(WordLevel(WORDS, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    model2vec.StaticModel(np.array(vectors, dtype=np.float32), tokenizer).save_pretrained(path)
    return path


@pytest.fixture
def no_network(monkeypatch):
    """Notes who asks for the network, and refuses."""
    asked = []

    def refuse(*arguments, **options):
        asked.append(arguments)
        raise OSError("no network")

    for owner, name in ((socket, "getaddrinfo"), (socket, "create_connection"), (socket.socket, "connect")):
        monkeypatch.setattr(owner, name, refuse)
    return asked


@pytest.fixture(scope="module")
def parts():
    labels = {"weld": "welding", "plc": "PLC programming", "talk": "talk to customers", "sheet": "spreadsheets"}
    taxonomy = Taxonomy(
        "tiny", [Skill(skill_id, {"en": label}, kind="skill", group="g") for skill_id, label in labels.items()]
    )
    calibration = {"trees": 1.0, "intercept": 0.5, "gate": 0.1, "gate_intercept": 6.0}
    reranker = Reranker({"general": trees(0, 8)}, Gate({"canteen": -2.0}, 0.5), calibration, 0.6)
    return {"taxonomy": taxonomy, "index": build_index(taxonomy, sentences=SENTENCES), "reranker": reranker}


def test_a_name_that_is_no_folder_is_refused(tmp_path, monkeypatch, no_network):
    monkeypatch.chdir(tmp_path)
    for name in ("publisher/model", "model", tmp_path / "publisher" / "model"):
        with pytest.raises(InputError, match="no such folder"):
            SemanticVectors(name)
    (tmp_path / "sentences.txt").write_text("Welding\n")
    result = run_command("link", tmp_path / "sentences.txt", "--semantic", "publisher/model")
    assert result.returncode == 3
    assert "name a folder with a model2vec model" in result.stderr
    assert no_network == []


def test_without_model2vec_the_remedy_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "model2vec", None)
    with pytest.raises(InputError, match=r"pip install 'skillmatch\[semantic\]'"):
        SemanticVectors(tmp_path)


@pytest.mark.parametrize("broken", ["model.safetensors", "tokenizer.json", "config.json", "README.md"])
@pytest.mark.parametrize("how", ["missing", "empty", "cut", "folder"])
def test_a_damaged_model_is_refused_or_read_without_a_look_at_the_network(folder, tmp_path, broken, how, no_network):
    copy = tmp_path / "model"
    shutil.copytree(folder, copy)
    file = copy / broken
    content = file.read_bytes()
    file.unlink()
    if how == "folder":
        file.mkdir()
    elif how != "missing":
        file.write_bytes(content[: len(content) // 2 if how == "cut" else 0])
    if broken == "README.md" and how != "folder":  # nothing that is needed
        assert SemanticVectors(copy).encode(["welding"]).tolist() == [[1, 0, 0]]
    else:
        with pytest.raises(InputError, match="no readable model2vec model"):
            SemanticVectors(copy)
    assert no_network == []


def test_vectors_that_are_not_numbers_are_refused(tmp_path):
    with pytest.raises(InputError, match="not numbers"):
        SemanticVectors(model(tmp_path, [[0.0], [1.0], [float("nan")], [1.0], [1.0]]))


def test_a_sentence_lies_nearest_to_the_skill_of_like_words(folder, parts):
    stage = SemanticStage(SemanticVectors(folder), parts["taxonomy"], ["talk", "weld"])
    scores = stage(["electrode", "canteen"], "en")
    assert scores.skills.shape == (32, 3)
    assert scores.skills[:2].tolist() == [[0, 1, 0], [1, 0, 0]]
    sentences, skills = scores.nearest()
    assert list(zip(sentences.tolist(), skills.tolist(), strict=True)) == [(0, 1), (0, 0)]  # nothing is near a canteen


def test_skills_read_in_parts_are_the_same(folder, parts, monkeypatch):
    def vectors():
        return SemanticStage(SemanticVectors(folder), parts["taxonomy"], parts["index"].skill_ids)([""], "en").skills

    whole = vectors()
    monkeypatch.setattr("skillmatch.linking.semantic._SKILLS_AT_ONCE", 3)
    np.testing.assert_array_equal(vectors(), whole)


def test_what_is_added_is_the_distance_from_the_mean_candidate():
    scores = SemanticScores(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[0.5, 0.2], [0.1, 0.2], [0.0, 0.2]]))
    added = scores.agreement(np.array([0, 0, 1]), np.array([0, 1, 2]))
    assert added == pytest.approx([WEIGHT * 0.2, -WEIGHT * 0.2, 0])


def test_a_word_that_no_text_of_the_taxonomy_has_proposes_a_skill(folder, parts):
    plain, semantic = Linker(**parts), Linker(**parts, semantic=SemanticVectors(folder))
    assert plain.rank(["electrode"]) == [[]]
    assert [link.skill_id for link in semantic.rank(["electrode"])[0]] == ["weld", "talk"]
    both = ["Keep customers away from the torch", "electrode"]
    before, after = ({link.skill_id: link.score for link in linker.rank(both)[0]} for linker in (plain, semantic))
    assert after["talk"] - after["weld"] > before["talk"] - before["weld"]
    assert semantic.rank(both) == [semantic.rank([sentence])[0] for sentence in both]


def test_where_no_word_is_known_nothing_changes(tmp_path, parts):
    plain, semantic = Linker(**parts), Linker(**parts, semantic=SemanticVectors(model(tmp_path, np.zeros((5, 2)))))
    texts = [sentence.text for sentence in SENTENCES]
    assert semantic.rank(texts) == plain.rank(texts)


def test_features_of_a_sentence_without_known_words_are_not_left_over_from_elsewhere(parts, monkeypatch):
    def features(left_over):
        maker = FeatureMaker(parts["index"])
        with monkeypatch.context() as patch:
            patch.setattr(np, "empty", lambda shape, dtype=float, **more: np.full(shape, left_over, dtype, **more))
            return maker([[], [0, 1]], (np.array([0]), np.array([2]))).features

    first, second = features(0), features(7)
    assert len(first)
    np.testing.assert_array_equal(first, second)


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """A small taxonomy with an index learned from the sentences of the tests, since all of them take half a minute."""
    monkeypatch.setenv("SKILLMATCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("skillmatch.linking.index_building.training_sentences", lambda: SENTENCES)
    file = tmp_path / "tiny.csv"
    file.write_text("id,label_en\nweld,welding\nplc,PLC programming\ntalk,talk to customers\nsheet,spreadsheets\n")
    return file


def test_without_the_option_nothing_of_it_is_loaded_and_the_bytes_are_the_same(folder, tmp_path, monkeypatch, tiny):
    (tmp_path / "sentences.txt").write_text("Welding of frames with an electrode\nTalk to customers\n")

    def link(*more):
        result = run_command("link", tmp_path / "sentences.txt", "--taxonomy", tiny, *more)
        assert result.returncode == 0, result.stderr
        return result.stdout

    plain = link()
    semantic = link("--semantic", folder)
    assert semantic != plain
    assert link("--semantic", folder) == semantic
    assert [json.loads(line)["sentence"] for line in semantic.splitlines()] == [
        json.loads(line)["sentence"] for line in plain.splitlines()
    ]
    for module in ("model2vec", "tokenizers", "safetensors"):
        monkeypatch.setitem(sys.modules, module, None)
    assert link() == plain


def test_results_with_other_vectors_are_kept_apart(folder, tmp_path, parts):
    other = model(tmp_path, [[0, 0], [1, 0], [0, 1], [1, 1], [1, 1]])
    linkers = [Linker(**parts), *(Linker(**parts, semantic=SemanticVectors(at)) for at in (folder, folder, other))]
    plain, one, again, two = (Pipelines(parts["taxonomy"], linker=linker).fingerprint for linker in linkers)
    assert one == again
    assert len({plain, one, two}) == 3


def test_extraction_links_with_them(folder, tmp_path, tiny, monkeypatch):
    monkeypatch.setattr(Linker, "threshold", 0.0)
    posting = tmp_path / "posting.txt"
    posting.write_text("Join steel frames by torch with an electrode.\nYou write ladder logic.\n")

    def extract(*more):
        options = ["--taxonomy", tiny, "--cache", tmp_path / "c", "--format", "csv"]
        result = run_command("extract", posting, *options, *more)
        assert result.returncode == 0, result.stderr
        return result.stdout

    plain = extract("--link")
    semantic = extract("--link", "--semantic", folder)
    assert "weld" in plain
    assert semantic != plain
    assert extract("--link") == plain
    refused = run_command("extract", posting, "--semantic", folder)
    assert refused.returncode == 3
    assert "add --link" in refused.stderr


def test_other_processes_link_with_them_too(folder, tmp_path, parts):
    parts["index"].save(tmp_path / "linking.npz")
    here = Pipelines(parts["taxonomy"], linker=Linker(**parts, semantic=SemanticVectors(folder)))
    settings = Settings(
        "posting", "en", False, parts["taxonomy"].to_json(), str(tmp_path), str(tmp_path),
        linking=str(tmp_path / "linking.npz"), semantic=str(folder),
    )  # fmt: skip
    there = Work(settings)
    there.close()
    assert there.pipelines.fingerprint == here.fingerprint
    assert there.pipelines.linker.rank(["electrode"])[0]
