"""Demand, supply, gaps and ranking: exact values on tiny inputs."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

import skillmatch
from skillmatch.background import Background, count_background, read_background, write_background
from skillmatch.bundles import best_bundle
from skillmatch.demand import any_of, compute_demand, specificity, wilson_interval
from skillmatch.depth import asked_levels, deepest_levels, depth_credit, median_level, with_depth
from skillmatch.errors import InputError
from skillmatch.gaps import compute_gaps
from skillmatch.query import rank_for_skills, resolve_skills
from skillmatch.ranking import CurriculumRanker, rank_curricula, resample
from skillmatch.supply import compute_supply, coverage_matrix, programme_coverage, with_relatives
from tests.conftest import documents, reading


def mentions(*rows):
    """(document, skill, probability, section, strength, level) -> mentions table."""
    columns = ["document_id", "skill_id", "probability", "section", "strength", "level"]
    return pd.DataFrame(rows, columns=columns).astype({"level": "Int8", "probability": float})


def test_mentions_of_one_posting_add_up_as_probabilities():
    matrix = any_of(["a", "a"], ["s", "s"], weights=[0.5, 0.5], row_ids=["a"], column_ids=["s"])
    assert matrix.toarray() == pytest.approx(np.array([[0.75]]))


def test_demand_counts_postings_without_mentions_too(tiny):
    found = mentions(
        ("1", "plc", 0.9, "required", "required", None),
        ("2", "plc", 0.9, "", "preferred", None),
        ("3", "plc", 0.9, "", "negated", None),
    )
    demand = compute_demand(found, ["1", "2", "3", "4"], taxonomy=tiny)
    row = demand.iloc[0]
    assert (row["skill_id"], row["postings"]) == ("plc", 2)
    assert row["share"] == pytest.approx((0.9 + 0.45) / 4)
    low, high = wilson_interval(np.array(row["share"]), 4)
    assert (row["low"], row["high"]) == (low, high)
    assert row["specificity"] == pytest.approx(math.log(5 / 3) / math.log(5))
    assert row["weight"] == pytest.approx(row["share"] * row["specificity"])


def test_wilson_interval_of_zero_and_one():
    low, high = wilson_interval(np.array([0.0, 1.0]), 10)
    assert low[0] == 0.0
    assert high[0] == pytest.approx(0.2775, abs=1e-4)
    assert high[1] == pytest.approx(1.0)


@settings(max_examples=100, derandomize=True)
@given(st.floats(0, 1), st.integers(1, 10**6))
def test_wilson_interval_holds_the_share(share, n):
    low, high = wilson_interval(np.array(share), n)
    assert 0 <= low <= share + 1e-12
    assert share - 1e-12 <= high <= 1


def test_specificity_goes_from_one_to_a_tenth():
    assert specificity(np.array([0, 9, 99]), 99).tolist() == pytest.approx([1.0, 0.5, 0.1])


def test_supply_by_section_and_strength_with_its_level(tiny):
    found = mentions(
        ("c1", "plc", 1.0, "outcomes", "taught", 6),
        ("c1", "plc", 1.0, "content", "taught", None),
        ("c2", "plc", 1.0, "prerequisites", "assumed", 3),
        ("c3", "plc", 1.0, "content", "taught", 1),
    )
    supply = compute_supply(found, ["c1", "c2", "c3"], taxonomy=tiny)
    assert supply["course_id"].tolist() == ["c1", "c3"]
    assert supply["coverage"].tolist() == pytest.approx([1 - (1 - 0.6) * (1 - 0.45), 0.45])
    assert supply["level"].tolist() == [6, 1]
    assert supply["mentions"].tolist() == [2, 1]


def test_demand_states_its_levels(tiny):
    found = mentions(
        ("1", "plc", 1.0, "", "required", 3),
        ("1", "plc", 1.0, "", "required", 6),  # the deepest of a posting counts
        ("2", "plc", 1.0, "", "required", 2),
        ("3", "plc", 1.0, "", "required", None),
        ("4", "plc", 1.0, "", "preferred", 5),
        ("5", "plc", 1.0, "", "negated", 1),
    )
    demand = compute_demand(found, list("12345"), taxonomy=tiny)
    assert demand.at[0, "asked_level"] == 5  # of 2.5 postings, 1 asks for 6 and 0.5 for 5: half of those that state one
    assert demand.at[0, "stated"] == pytest.approx(2.5 / 3.5)
    silent = compute_demand(mentions(("1", "plc", 1.0, "", "required", None)), ["1"], taxonomy=tiny)
    assert silent["asked_level"].isna().all()


def test_teaching_less_deeply_than_asked_keeps_part_of_its_credit(tiny):
    asked = sparse.csr_array(np.array([[0, 1.0, 0, 1.0, 0], [0, 1.0, 0, 1.0, 0]]))
    postings = mentions(("1", "plc", 1.0, "", "required", 3), ("2", "plc", 1.0, "", "required", 6))
    shares = asked_levels(asked, deepest_levels(postings, ["1", "2"], list(tiny.skills)), np.ones(2))
    assert shares[1].tolist() == [0, 0, 0, 0.5, 0, 0, 0.5]
    assert shares[3].tolist() == [1, 0, 0, 0, 0, 0, 0]
    assert median_level(shares)[1] == 6
    coverage = sparse.csr_array(np.full((3, 5), 0.5))
    courses = mentions(("a", "plc", 1.0, "", "taught", 1), ("a", "turning", 1.0, "", "taught", 1),
                       ("b", "plc", 1.0, "", "taught", 6))  # fmt: skip
    met = with_depth(coverage, deepest_levels(courses, ["a", "b", "c"], list(tiny.skills)), shares).toarray()
    assert met[:, 1].tolist() == pytest.approx([0.5 * (0.7 + 0.7 / 1.2) / 2, 0.5, 0.5 * (1 + 1 / 1.2) / 2])
    assert met[:, 3].tolist() == pytest.approx([0.5 * 0.7, 0.5, 0.5])  # asked without a verb: as "apply"
    assert met[:, 4].tolist() == pytest.approx([0.5, 0.5, 0.5])


@pytest.mark.parametrize("asked", range(7))
def test_deeper_teaching_never_earns_less(asked):
    earned = [depth_credit(asked, taught) for taught in range(1, 7)]
    assert earned == sorted(earned)
    assert earned[-1] == 1.0


def test_relatives_earn_partial_credit_once(tiny):
    own = sparse.csr_array(np.array([[0.0, 0.8, 0.0, 0.0, 0.0]]))  # teaches PLC programming
    both = with_relatives(own, tiny).toarray()[0]
    assert both.tolist() == pytest.approx([0.4, 0.8, 0.2, 0.0, 0.0])  # half up, a quarter down


def test_many_courses_do_not_turn_partial_credit_into_full(tiny):
    own = sparse.csr_array(np.tile([0.0, 0.0, 0.9, 0.0, 0.0], (50, 1)))
    assert programme_coverage(own, tiny)[1] == pytest.approx(0.5)


def test_courses_together_cover_more_than_each(tiny):
    own = sparse.csr_array(np.array([[0, 0.5, 0, 0, 0], [0, 0.5, 0, 0, 0]]))
    assert programme_coverage(own, tiny)[1] == pytest.approx(0.75)


def test_gap_is_demand_not_met(tiny):
    demand = compute_demand(mentions(("1", "plc", 1.0, "", "required", None)), ["1", "2"], taxonomy=tiny)
    (gap,) = compute_gaps(demand, np.array([0, 0.25, 0, 0, 0]), taxonomy=tiny).to_dict("records")
    assert gap["gap"] == pytest.approx(0.5 * 0.75, abs=1e-8)
    assert gap["priority"] == pytest.approx(gap["low"] * 0.75 * demand.at[0, "specificity"])
    assert (gap["depth"], gap["depth_gap"]) == (1, 0)


def test_a_gap_in_depth_is_a_smaller_gap(tiny):
    demand = compute_demand(mentions(("1", "plc", 1.0, "", "required", 3)), ["1", "2"], taxonomy=tiny)
    breadth, met, levels = np.array([0, 0.4, 0, 0, 0]), np.array([0, 0.28, 0, 0, 0]), np.array([0, 1, 0, 0, 0])
    (gap,) = compute_gaps(demand, breadth, taxonomy=tiny, met=met, levels=levels).to_dict("records")
    assert (gap["asked_level"], gap["taught_level"]) == (3, 1)
    assert gap["depth"] == pytest.approx(0.7)
    assert gap["gap"] == pytest.approx(0.5 * (1 - 0.28), abs=1e-8)
    assert gap["depth_gap"] == pytest.approx(0.5 * 0.12, abs=1e-8)


def test_depth_moves_gaps_ranks_and_bundles_alike(tiny):
    texts = "Learning outcomes:\n- List the rules of PLC programming", "Learning outcomes:\n- Apply PLC programming"
    result = skillmatch.audit(
        reading("Requirements:\n- Apply PLC programming"),
        reading("Learning outcomes:\n- List the rules of PLC programming", kind="syllabus", document_id=["own"]),
        catalogue=reading(*texts, kind="syllabus", document_id=["shallow", "deep"], ects=["3", "3"]),
        taxonomy=tiny,
    )
    gap = result.gaps.iloc[0]
    assert (gap["asked_level"], gap["taught_level"]) == (3, 1)
    assert gap["depth"] == pytest.approx(0.7)
    ranking = result.ranking.set_index("curriculum_id")["closes"]
    assert ranking["shallow"] == pytest.approx(0.7 * ranking["deep"])
    assert best_bundle(result, "", credits=3).table["course_id"].tolist() == ["deep"]


def test_ranking_prefers_the_course_that_teaches_what_is_missing():
    curricula = pd.DataFrame({"document_id": ["a", "b", "c"], "title": ["A", "B", "C"]})
    coverage = sparse.csr_array(np.array([[0.9, 0.0], [0.2, 0.0], [0.0, 0.9]]))
    table = rank_curricula(curricula, coverage, np.array([1.0, 0.0]), labels=["wanted", "other"])
    assert table["curriculum_id"].tolist() == ["a", "b"]  # c closes nothing
    assert table["closes"].tolist() == pytest.approx([0.9, 0.2])
    assert table["top_skills"].tolist() == ["wanted", "wanted"]


def test_rank_intervals_are_wide_for_ties_and_narrow_for_leaders():
    curricula = pd.DataFrame({"document_id": list("abc"), "title": list("ABC")})
    coverage = sparse.csr_array(np.array([[0.9, 0.9], [0.9, 0.0], [0.0, 0.9]]))
    asked = sparse.csr_array(np.repeat([[1.0, 0.0], [0.0, 1.0]], 20, axis=0))
    table = rank_curricula(
        curricula, coverage, np.array([0.5, 0.5]), labels=["x", "y"], resampled_targets=resample(asked)
    )
    by_id = table.set_index("curriculum_id")
    assert (by_id.at["a", "rank_low"], by_id.at["a", "rank_high"]) == (1, 1)
    assert (by_id.at["b", "rank_low"], by_id.at["b", "rank_high"]) == (2, 3)


def test_resampling_is_the_same_each_time_and_centred():
    asked = sparse.csr_array(np.array([[1.0], [0.0], [0.0], [0.0]]))
    one, other = resample(asked, seed=3), resample(asked, seed=3)
    assert (one == other).all()
    assert resample(asked, resamples=4000).mean() == pytest.approx(0.25, abs=0.02)


def test_a_course_in_depth_scores_above_one_that_drops_the_name():
    coverage = np.array([[0.9, 0.0], [0.1, 0.0]])
    deep, shallow = CurriculumRanker().fit(coverage).transform([[1.0, 0.0]])[0]
    assert deep > 2 * shallow


def test_background_round_trip(tmp_path):
    background = count_background(mentions(("1", "plc", 1, "", "", None), ("2", "plc", 1, "", "", None)), 5)
    write_background(background, tmp_path / "b.csv")
    again = read_background(tmp_path / "b.csv")
    assert (again.size, again.documents.to_dict()) == (5, {"plc": 2})
    (tmp_path / "no.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="no background file"):
        read_background(tmp_path / "no.csv")


def test_audit_with_programmes_and_catalogue(tiny):
    result = skillmatch.audit(
        reading("PLC programming", "PLC programming and R", "nothing"),
        reading("Contents:\nlathe turning", "Contents:\nR", kind="syllabus", programme=["A", "B"]),
        catalogue=reading("Contents:\nPLC programming", kind="syllabus", document_id=["k1"], ects=["3"]),
        taxonomy=tiny,
        background=Background(pd.Series(dtype="int64"), 100),
    )
    assert result.programmes == ["A", "B"]
    assert result.counts["postings"] == {"read": 3, "processed": 3, "duplicates": 0, "skipped": 0}
    best = result.ranking.groupby("programme").first()
    assert best["curriculum_id"].to_dict() == {"A": "k1", "B": "k1"}
    assert best["ects"].to_dict() == {"A": "3", "B": "3"}
    gaps = result.gaps.set_index(["programme", "skill_id"])["supply"]
    assert gaps["A", "r"] == 0
    assert gaps["B", "r"] > 0.3


def test_audit_without_programmes_ranks_the_courses_themselves(tiny):
    result = skillmatch.audit(
        reading("PLC programming"), reading("lathe turning", "PLC programming", kind="syllabus"), taxonomy=tiny
    )
    assert result.ranking["curriculum_id"].tolist() == ["s2"]


def test_ids_of_postings_and_courses_do_not_collide(tiny):
    result = skillmatch.audit(
        reading("PLC", document_id=["1"]), reading("PLC", kind="syllabus", document_id=["1"]), taxonomy=tiny
    )
    assert sorted(result.mentions["document_id"]) == ["1", "syllabus:1"]


def test_an_unknown_programme_column_is_named(tiny):
    with pytest.raises(InputError, match="--programme degree"):
        skillmatch.audit(reading("PLC"), reading("PLC", kind="syllabus"), taxonomy=tiny, programme="degree")


@pytest.mark.slow
def test_texts_are_ranked_for_named_skills_and_unknown_words(tiny):
    texts = documents("PLC programming and PLC", "blockchain for leather", "cooking", kind="syllabus")
    assert resolve_skills(["plc", "blockchain"], taxonomy=tiny) == {"plc": "plc", "blockchain": None}
    table = rank_for_skills(["programmazione PLC", "blockchain"], texts, taxonomy=tiny)
    assert sorted(table["document_id"]) == ["s1", "s2"]
    assert table.set_index("document_id")["top_skills"].to_dict() == {"s1": "programmazione PLC", "s2": "blockchain"}


def test_coverage_matrix_leaves_out_what_is_assumed(tiny):
    found = mentions(("c", "plc", 1.0, "", "assumed", None))
    assert coverage_matrix(found, ["c"], list(tiny.skills)).nnz == 0
