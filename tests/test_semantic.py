"""Static embeddings from a local folder, as further evidence of the linker."""

import socket

import numpy as np
import pytest

from skillmatch.errors import InputError
from skillmatch.linking.gate import Gate
from skillmatch.linking.index import build_index
from skillmatch.linking.linker import Linker
from skillmatch.linking.reranker import Reranker
from skillmatch.linking.semantic import WEIGHT, SemanticScores, SemanticStage, SemanticVectors
from skillmatch.taxonomy import Skill, Taxonomy
from tests.conftest import run_command
from tests.test_linking import SENTENCES, trees

WORDS = {"[UNK]": 0, "welding": 1, "electrode": 2, "customers": 3, "canteen": 4}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A model that knows what an electrode is for, which the sentences of the tests do not say."""
    model2vec = pytest.importorskip("model2vec", reason="model2vec is not installed")
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    tokenizer = Tokenizer(WordLevel(WORDS, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    vectors = np.array([[0, 0, 0], [1, 0, 0], [0.9, 0.1, 0], [0, 1, 0], [0, 0, 1]], dtype=np.float32)
    path = tmp_path_factory.mktemp("model2vec")
    model2vec.StaticModel(vectors, tokenizer).save_pretrained(path)
    return path


@pytest.fixture(scope="module")
def parts():
    labels = {"weld": "welding", "plc": "PLC programming", "talk": "talk to customers", "sheet": "spreadsheets"}
    taxonomy = Taxonomy(
        "tiny", [Skill(skill_id, {"en": label}, kind="skill", group="g") for skill_id, label in labels.items()]
    )
    calibration = {"trees": 1.0, "intercept": 0.5, "gate": 0.1, "gate_intercept": 6.0}
    reranker = Reranker({"general": trees(0, 8)}, Gate({"canteen": -2.0}, 0.5), calibration, 0.6)
    return {"taxonomy": taxonomy, "index": build_index(taxonomy, sentences=SENTENCES), "reranker": reranker}


def test_a_name_that_is_no_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match="no folder"):
        SemanticVectors(tmp_path / "publisher" / "model")
    (tmp_path / "sentences.txt").write_text("Welding\n")
    result = run_command("link", tmp_path / "sentences.txt", "--semantic", tmp_path)
    assert result.returncode == 3
    assert "name a folder on this machine" in result.stderr


def test_half_a_model_is_refused_without_a_look_at_the_network(folder, tmp_path, monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    (tmp_path / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes())
    with pytest.raises(InputError, match="no readable model"):
        SemanticVectors(tmp_path)
    assert SemanticVectors(folder).encode(["welding"]).tolist() == [[1, 0, 0]]


def test_a_sentence_lies_nearest_to_the_skill_of_like_words(folder, parts):
    stage = SemanticStage(SemanticVectors(folder), parts["taxonomy"], ["talk", "weld"])
    scores = stage(["electrode", "canteen"], "en")
    assert scores.cosine[:, :2].argmax(axis=1)[0] == 1
    sentences, skills = scores.nearest()
    assert list(zip(sentences.tolist(), skills.tolist(), strict=True)) == [(0, 1), (0, 0)]  # nothing is near a canteen


def test_what_is_added_is_the_distance_from_the_mean_candidate():
    scores = SemanticScores(np.array([[0.5, 0.1, 0.0], [0.2, 0.2, 0.2]]))
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
