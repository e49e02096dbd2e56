"""The linker's fast ways beside plain ones: a loop over pairs, names and windows, and scikit-learn's own trees."""

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from skillmatch.linking import gate as gate_module
from skillmatch.linking.candidates import alias_factors, best
from skillmatch.linking.encoder import unit, unit_rows
from skillmatch.linking.features import FEATURES, FeatureMaker
from skillmatch.linking.forest import Ensemble, Forest
from skillmatch.linking.gate import Gate
from skillmatch.linking.index_building import build_index
from skillmatch.linking.reranker import log_odds
from skillmatch.linking.sentences import Sentence
from skillmatch.taxonomy import Skill, Taxonomy

WORDS = (
    "weld steel frame robot program controller logic read drawing customer phone sheet budget plan pump valve"
).split()


def sentence(random, most):
    return " ".join(random.choice(WORDS, size=random.integers(1, most)))


@pytest.fixture(scope="module")
def index():
    random = np.random.default_rng(0)
    skills = [
        Skill(f"s{at}", {"en": f"{sentence(random, 4)} {at}"}, kind="skill", group="g",
              definitions={"en": sentence(random, 9)} if at % 3 else {})
        for at in range(150)
    ]  # fmt: skip
    labels = [skill.label("en") for skill in skills[:100]]
    examples = [Sentence(sentence(random, 12), "en", (str(random.choice(labels)),)) for _ in range(200)]
    return build_index(Taxonomy("tiny", skills), sentences=examples)


def below(values, at):
    """How many come before: higher ones, and equal ones further to the front."""
    return np.log1p(sum(v > values[at] or (v == values[at] and other < at) for other, v in enumerate(values)))


def plain_features(index, text, skills):
    """Features of the candidates of one sentence (word numbers), one after the other."""
    distinct = sorted(set(text))
    weights, scaled_examples = index.vocabulary.weights, unit_rows(index.examples)
    query = unit((weights[distinct] @ index.words[distinct])[None, :] / np.linalg.norm(weights[distinct]))[0]
    weighted = [weights[at] * index.words[at] for at in text]

    def windows(size):
        size = min(size, len(text))
        return unit(np.array([sum(weighted[at : at + size]) for at in range(len(text) - size + 1)]))

    rows = []
    for skill in skills:
        names = []
        for name in range(index.name_starts[skill], index.name_starts[skill + 1]):
            words = index.names[[name]].indices
            hits = [at for at in words if at in distinct]
            mass = weights[words].sum()
            matched = weights[hits].sum() if hits else 0.0
            names.append((matched, matched / max(mass, 1e-6), len(hits) / max(index.name_length[name], 1), mass,
                          alias_factors(index)[name]))  # fmt: skip
        matched, coverage, share, mass, factor = map(np.array, zip(*names, strict=True))
        examples = range(index.example_starts[skill], index.example_starts[skill + 1])
        likeness = [index.example_vectors[at] @ query for at in examples]
        norm = np.linalg.norm(weights[distinct])
        shared = [scaled_examples[[at]].toarray()[0][distinct] @ weights[distinct] / norm for at in examples]
        vector = index.skill_vectors[skill]
        single = np.sort(windows(1) @ vector)
        rows.append({
            "vector": vector @ query, "label_vector": index.label_vectors[skill] @ query,
            "description_vector": index.description_vectors[skill] @ query,
            "example_vector": max(likeness, default=-0.2), "example_mean": np.mean(likeness) if likeness else -0.2,
            "examples": np.log1p(len(likeness)), "example_words": max(shared, default=0),
            "name": (matched * coverage * factor).max(), "coverage": coverage.max(), "words_covered": share.max(),
            "names_mostly": (share >= 0.6).sum(), "names_whole": (share >= 1 - 1e-6).sum(),
            "whole_mass": np.where(share >= 1 - 1e-6, mass, 0).max(), "label": matched[0] * coverage[0],
            "label_coverage": coverage[0], "label_words": share[0], "label_missing": mass[0] - matched[0],
            "label_mass": mass[0], "names": np.log1p(len(names)), "word": single[-1], "words_top": single[-3:].mean(),
            "window_3": (windows(3) @ vector).max(), "window_6": (windows(6) @ vector).max(), "length": len(text),
            "mass": weights[distinct].sum(), "occupations": index.traits[skill, 0], "reuse": index.traits[skill, 1],
            "knowledge": index.traits[skill, 2],
        })  # fmt: skip
    column = {name: np.array([row[name] for row in rows], dtype=np.float32) for name in rows[0]}
    powers = np.exp((column["vector"] - column["vector"].max()) / 0.1)
    column |= {
        "best_vector": np.full(len(rows), column["vector"].max()), "vector_share": powers / powers.sum(),
        "example_words_relative": column["example_words"] / max(column["example_words"].max(), 1e-6),
        "name_relative": column["name"] / max(column["name"].max(), 1e-6),
    }  # fmt: skip
    column |= {f"{name}_below_best": column[name] - column[name].max() for name in ("vector", "window_3", "window_6")}
    return column


def test_features_of_a_batch_are_those_of_each_pair(index):
    random = np.random.default_rng(1)
    texts = [index.vocabulary.numbers(sentence(random, 15), "en") for _ in range(25)]
    texts[3] = []
    found = FeatureMaker(index)(texts)
    assert len(found.sentence) > 500
    for row, text in enumerate(texts):
        mine = found.sentence == row
        if not text:
            assert not mine.any()
            continue
        table = dict(zip(FEATURES, found.features[mine].T, strict=True))
        plain = plain_features(index, text, found.skill[mine].tolist())
        ranks = {"vector_rank": "vector", "name_rank": "name", "example_words_rank": "example_words"}
        assert set(plain) | set(ranks) == set(FEATURES)
        for name, values in plain.items():
            np.testing.assert_allclose(table[name], values, atol=2e-5, err_msg=name)
        for name, of in ranks.items():
            np.testing.assert_allclose(table[name], [below(table[of], at) for at in range(mine.sum())], atol=1e-6)


def test_the_nearest_are_those_of_a_full_sort():
    scores = np.random.default_rng(2).standard_normal((30, 640)).astype(np.float32)
    scores[7] = -1  # nothing positive
    scores[8, 5:] = -1  # fewer than asked for
    for count in (1, 5, 40):
        rows, columns = best(scores, count)
        for row in range(30):
            order = np.argsort(-scores[row], kind="stable")[:count]
            assert columns[rows == row].tolist() == [at for at in order.tolist() if scores[row, at] > 0]


@pytest.mark.parametrize("leaves", [7, 15, 31, 60])
def test_a_forest_says_what_its_ensembles_say(leaves):
    random = np.random.default_rng(leaves)
    features = random.random((6_000, 9), dtype=np.float32)
    features[:, 3] = features[:, 3].round(1)  # many equal values
    right = random.random(6_000) < features[:, 0] * features[:, 3]
    options = {"min_samples_leaf": 5, "learning_rate": 0.1}
    ensembles = [
        HistGradientBoostingClassifier(max_iter=trees, max_leaf_nodes=leaves, random_state=trees, **options).fit(
            features, right
        )
        for trees in (12, 5)
    ]
    # Values that are thresholds themselves, as near as float32 comes.
    nodes = np.concatenate([rounds[0].nodes for ensemble in ensembles for rounds in ensemble._predictors])
    for node in nodes[nodes["is_leaf"] == 0][:300]:
        features[random.integers(len(features)), node["feature_idx"]] = node["num_threshold"]
    said = Forest([Ensemble.of(ensemble) for ensemble in ensembles])(features)
    for at, ensemble in enumerate(ensembles):
        np.testing.assert_allclose(said[:, at], log_odds(ensemble.predict_proba(features)[:, 1]), atol=1e-6)


def test_a_forest_of_too_large_trees_is_refused():
    features = np.random.default_rng(0).random((3_000, 3), dtype=np.float32)
    model = HistGradientBoostingClassifier(max_iter=1, max_leaf_nodes=100, min_samples_leaf=2)
    with pytest.raises(ValueError, match="leaves; at most 64"):
        Forest([Ensemble.of(model.fit(features, features[:, 0] > features[:, 1] * features[:, 2]))])


@pytest.mark.parametrize("change", ["feature", "left", "right", "first"])
def test_arrays_that_are_no_trees_are_refused(tmp_path, change):
    random = np.random.default_rng(0).random((200, 3), dtype=np.float32)
    made = Ensemble.of(HistGradientBoostingClassifier(max_iter=2).fit(random, random[:, 0] > random[:, 1]))
    made.save(tmp_path / "trees.npz")
    for read, column in zip(Ensemble.load(tmp_path / "trees.npz", 3), made, strict=True):
        np.testing.assert_array_equal(read, column)
    values = getattr(made, change).copy()
    values[0] = 99 if change in ("feature", "right") else -1
    made._replace(**{change: values}).save(tmp_path / "trees.npz")
    with pytest.raises(ValueError, match=r"no trees|leads out"):
        Ensemble.load(tmp_path / "trees.npz", 3)


def test_a_gate_sums_the_weights_of_its_features():
    weights = {"we": 0.5, "offer": -1.0, "we offer": -2.0, "< we": 0.25, "#short": 0.125, "#number": 1.5, "< >": 3.0}
    texts = ["We offer 3 pumps", "we offer, we offer", "", "You weld large frames in our shop"]
    names = [list(gate_module._names(text)) for text in texts]
    plain = [0.75 + 3.0 * sum(weights.get(name, 0.0) for name in row) / len(row) ** 0.5 for row in names]
    np.testing.assert_allclose(Gate(weights, 0.75).scores(texts), plain, rtol=1e-6)
    assert len(set(plain)) == len(texts)
