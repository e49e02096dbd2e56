"""Static embeddings from a local folder."""

import numpy as np
import pytest

from skillmatch.errors import InputError
from skillmatch.linking.semantic import SemanticVectors
from skillmatch.taxonomy import Skill, Taxonomy


def test_a_name_that_is_no_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match="no folder"):
        SemanticVectors(tmp_path / "publisher" / "model")


def test_a_sentence_lies_nearest_to_the_skill_of_like_words(tmp_path):
    model2vec = pytest.importorskip("model2vec", reason="model2vec is not installed")
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    tokenizer = Tokenizer(WordLevel({"[UNK]": 0, "welding": 1, "torch": 2, "sales": 3}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    vectors = np.array([[0, 0], [1, 0], [0.9, 0.1], [0, 1]], dtype=np.float32)
    model2vec.StaticModel(vectors, tokenizer).save_pretrained(tmp_path)
    semantic = SemanticVectors(tmp_path)
    skills = [Skill(at, {"en": at}, kind="skill", group="g") for at in ("sales", "welding")]
    found = semantic.skills(Taxonomy("tiny", skills), ["sales", "welding"], "en")
    assert (semantic.encode(["torch"]) @ found.T).argmax() == 1
