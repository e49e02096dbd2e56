"""Employers, regions, time, pairs, bundles, what-if and comparison: exact values and statistical promises."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

import skillmatch
from skillmatch.analysis import Analysis
from skillmatch.auditing import keep_where
from skillmatch.breakdowns import compute_breakdown
from skillmatch.bundles import best_bundle, choose_bundle, frontier, parse_prerequisites
from skillmatch.comparison import compare_gaps
from skillmatch.demand import effective_number, posting_weights, wilson_interval
from skillmatch.errors import EmptyError, InputError
from skillmatch.pairs import craft_digital_pairs
from skillmatch.polarisation import compute_polarisation
from skillmatch.ranking import diverse_order
from skillmatch.runs import load_run
from skillmatch.selection import diverse_ranking, keep_postings, keep_same
from skillmatch.technologies import group_matrix
from skillmatch.trends import compute_months, compute_trends, parse_months
from skillmatch.whatif import moved_gaps, what_if
from tests.conftest import documents, reading


def courses(*credits, ids=None):
    ids = ids or [f"c{number}" for number in range(len(credits))]
    return pd.DataFrame({"document_id": ids, "title": ids, "ects": credits})


def best_by_trying(coverage, weight, credits, budget):
    """The most that any set within the budget closes, by trying them all."""
    best = 0.0
    for size in range(len(credits) + 1):
        for chosen in map(list, itertools.combinations(range(len(credits)), size)):
            if credits[chosen].sum() <= budget:
                best = max(best, weight @ (1 - np.prod(1 - coverage[chosen], axis=0)) / weight.sum())
    return best


def random_problem(rng):
    n, m = rng.integers(2, 10), rng.integers(1, 8)
    coverage = rng.random((n, m)) * (rng.random((n, m)) < 0.5)
    return coverage, rng.random(m) + 1e-3, rng.integers(1, 7, n), int(rng.integers(3, 16))


@pytest.mark.slow
def test_bundles_are_optimal_on_300_random_problems():
    rng = np.random.default_rng(7)
    for _ in range(300):
        coverage, weight, credits, budget = random_problem(rng)
        bundle = choose_bundle(courses(*credits), sparse.csr_array(coverage), weight, credits=budget)
        best = best_by_trying(coverage, weight, credits, budget)
        assert bundle.closed == pytest.approx(best, abs=1e-9)
        assert bundle.bound == pytest.approx(best, abs=1e-5)
        assert bundle.credits <= budget


def test_bundles_are_optimal_on_a_few_random_problems():
    rng = np.random.default_rng(8)
    for _ in range(25):
        coverage, weight, credits, budget = random_problem(rng)
        bundle = choose_bundle(courses(*credits), sparse.csr_array(coverage), weight, credits=budget)
        assert bundle.closed == pytest.approx(best_by_trying(coverage, weight, credits, budget), abs=1e-9)


@pytest.mark.slow
def test_a_large_bundle_is_within_one_per_cent_of_the_bound_in_30_seconds():
    rng = np.random.default_rng(0)
    n, m = 2000, 3000
    popular = 1 / np.arange(1, m + 1) ** 0.7
    popular /= popular.sum()
    taught = (rng.random(n * 10) * 0.7, (rng.integers(0, n, n * 10), rng.choice(m, n * 10, p=popular)))
    coverage = sparse.coo_array(taught, shape=(n, m)).tocsr()
    coverage.data = np.minimum(coverage.data, 0.95)
    table = courses(*rng.integers(1, 10, n))
    bundle = choose_bundle(table, coverage, popular * rng.random(m), credits=12, time_limit=28)
    assert bundle.distance < 0.01


def test_bundles_obey_what_must_be_in_and_what_must_not():
    coverage, weight = sparse.csr_array(np.diag([0.9, 0.5, 0.4])), np.ones(3)
    table = courses(6, 6, 6)

    def chosen(**options):
        return set(choose_bundle(table, coverage, weight, credits=12, **options).table["course_id"])

    assert chosen() == {"c0", "c1"}
    assert chosen(must=["c2"]) == {"c0", "c2"}
    assert chosen(exclude=["c0"]) == {"c1", "c2"}
    assert chosen(prerequisites={"c0": [["c2"]]}) == {"c0", "c2"}
    assert chosen(prerequisites={"c0": [["c2", "c1"]]}) == {"c0", "c1"}
    assert chosen(prerequisites={"c0": [["elsewhere"]]}) == {"c0", "c1"}
    with pytest.raises(InputError, match="'c9'"):
        chosen(must=["c9"])
    with pytest.raises(InputError, match="more than 12 credits"):
        chosen(must=["c0", "c1", "c2"])
    with pytest.raises(EmptyError, match="no course names its credits"):
        choose_bundle(courses("", "x"), coverage[:2], weight, credits=12)


def test_a_bundle_says_what_each_course_adds():
    coverage = sparse.csr_array(np.array([[0.5, 0.0], [0.5, 0.0], [0.0, 0.4]]))
    bundle = choose_bundle(courses(1, 1, 1), coverage, np.array([1.0, 1.0]), credits=3)
    assert bundle.table["adds"].tolist() == pytest.approx([0.25, 0.2, 0.125])
    assert bundle.table["closed_so_far"].iloc[-1] == pytest.approx(bundle.closed)


def test_prerequisites_are_read_from_codes():
    table = pd.DataFrame({"document_id": ["A1", "B2", "C3"], "prerequisites": ["none", "A1 and C3", "A1/B2, maths"]})
    assert parse_prerequisites(table) == {"B2": [["A1"], ["C3"]], "C3": [["A1", "B2"]]}


def test_one_employer_weighs_at_most_a_twentieth():
    postings = pd.DataFrame({"employer": ["Big S.p.A."] * 500 + ["big s.p.a. "] * 100 + [f"e{i}" for i in range(400)]})
    weights = posting_weights(postings)
    assert weights[:600].sum() == pytest.approx(50)
    assert (weights[600:] == 1).all()
    assert effective_number(np.ones(7)) == pytest.approx(7)
    assert effective_number(weights) < 1000


def test_intervals_cover_what_they_promise():
    rng = np.random.default_rng(3)
    covered = []
    for share, n in itertools.product((0.03, 0.05, 0.1, 0.2, 0.4, 0.6), (60, 150, 500, 2000)):
        low, high = wilson_interval(rng.binomial(n, share, 4000) / n, n)
        covered.append(((low <= share) & (share <= high)).mean())
    assert min(covered) >= 0.93
    assert max(covered) <= 0.975  # counts are whole: a small n cannot hit 95 % exactly
    assert np.mean(covered) == pytest.approx(0.95, abs=0.01)


def draws(rng, shares, months):
    """Postings of random months that ask for skills with these probabilities, given by month."""
    month = rng.integers(1, months + 1, 400)
    asked = (rng.random((400, shares.shape[1])) < shares[month - 1]) * 0.95
    names = pd.DataFrame({"skill_id": [f"s{i}" for i in range(shares.shape[1])], "label": "", "group": ""})
    return sparse.csr_array(asked), pd.Series([f"2026-{m:02d}" for m in month]), names


@pytest.mark.slow
def test_false_discoveries_among_trends_are_held():
    rng = np.random.default_rng(1)
    false, found = [], []
    for _ in range(40):
        base = rng.uniform(0.05, 0.3, 200)
        slope = np.where(np.arange(200) < 40, 3.0, 0.0)
        odds = base / (1 - base) * np.exp(np.outer((np.arange(12) - 5.5) / 12, slope))
        asked, months, names = draws(rng, odds / (1 + odds), 12)
        trends = compute_trends(asked, months, skills=names)
        discovered = trends.loc[trends["trend"] != "", "skill_id"].str[1:].astype(int)
        false.append((discovered >= 40).mean() if len(discovered) else 0.0)
        found.append((discovered < 40).sum() / 40)
    assert np.mean(false) <= 0.11
    assert np.mean(found) > 0.9


def test_a_rising_skill_is_emerging_and_a_steady_one_is_not():
    shares = np.column_stack([np.linspace(0.05, 0.8, 12), np.full(12, 0.3), np.linspace(0.8, 0.05, 12)])
    asked, months, names = draws(np.random.default_rng(2), shares, 12)
    trends = compute_trends(asked, months, skills=names).set_index("skill_id")
    assert trends["trend"].to_dict() == {"s0": "emerging", "s1": "", "s2": "fading"}
    assert trends.at["s0", "change"] > 1 > trends.at["s2", "change"]
    table = compute_months(asked, months, skills=names)
    assert table["month"].nunique() == 12
    assert table.groupby("month")["of"].first().sum() == 400


def test_dates_are_read_as_people_write_them():
    dates = pd.Series(["2026-03-01", "2026-03-01T10:00:00Z", "31/12/2025", "", "yesterday", "2025-13-40"])
    assert parse_months(dates).tolist() == ["2026-03", "2026-03", "2025-12", "", "", ""]


def test_breakdown_by_region(tiny):
    asked = np.zeros((60, 5))
    asked[:30, 1] = 1.0  # all of Pistoia asks for PLC programming
    asked[30:33, 1] = 1.0
    asked[:, 3] = 1.0  # everybody asks for lathe turning
    postings = pd.DataFrame({"region": ["Pistoia"] * 30 + ["Prato"] * 29 + [""]})
    table = compute_breakdown(sparse.csr_array(asked), postings, by=["region"], taxonomy=tiny)
    rows = table.set_index(["value", "skill_id"])
    here = rows.loc[("Pistoia", "plc")]
    assert (here["postings"], here["of"], here["small"], here["distinct"]) == (30, 30, False, True)
    assert here["share"] == 1
    assert here["quotient_low"] > 1
    assert here["shrunk"] == pytest.approx((30 + 20 * 33 / 60) / 50)
    assert not rows.loc[("Pistoia", "turning"), "distinct"]
    assert rows.loc[("Prato", "plc"), "small"]
    with pytest.raises(InputError, match="--by town"):
        compute_breakdown(sparse.csr_array(asked), postings, by=["town"], taxonomy=tiny)


def test_groups_are_asked_for_when_any_of_their_skills_is(tiny):
    groups = group_matrix(sparse.csr_array(np.array([[0.5, 0.5, 0, 0, 0]])), tiny).toarray()[0]
    assert groups[list(tiny.groups).index("automation")] == pytest.approx(0.75)


def test_craft_meets_digital(tiny):
    asked = np.zeros((40, 5))
    asked[:6, [1, 3]] = 1.0  # six postings ask for PLC programming (digital) and turning (craft)
    coverage = sparse.csr_array(np.array([[0, 0.5, 0, 0.4, 0], [0, 0.9, 0, 0.0, 0]]))
    table = craft_digital_pairs(sparse.csr_array(asked), coverage, courses(1, 1), taxonomy=tiny)
    (row,) = table.to_dict("records")
    assert (row["craft_id"], row["digital_id"], row["postings"], row["taught_by"]) == ("turning", "plc", 6, "c0")
    assert row["expected"] == pytest.approx(0.9)
    assert row["q"] < 1e-5


def test_polarisation_by_the_depth_of_verbs(tiny):
    rows = [("p1", "plc", 6, "required"), ("p2", "plc", 3, "required"), ("p3", "plc", None, "required"),
            ("p4", "plc", 6, "negated"), ("p1", "turning", 3, "required")]  # fmt: skip
    mentions = pd.DataFrame(rows, columns=["document_id", "skill_id", "level", "strength"]).astype({"level": "Int8"})
    table = compute_polarisation(mentions, taxonomy=tiny).set_index("kind")
    assert table.loc["digital", ["all_mentions", "mentions", "postings", "share"]].tolist() == [3, 2, 2, 0.5]
    assert table.loc["craft", "share"] == 0


@pytest.fixture
def small(tiny) -> Analysis:
    return skillmatch.audit(
        reading("PLC programming", "PLC programming and R", "lathe turning", "R"),
        reading("Contents:\nlathe turning", "Contents:\nR", kind="syllabus", programme=["A", "A"]),
        catalogue=reading(
            "Contents:\nPLC programming", "Contents:\nR", kind="syllabus", document_id=["k1", "k2"], ects=["3", "6"]
        ),
        taxonomy=tiny,
    )


def test_the_best_bundle_of_an_audit(small):
    bundle = best_bundle(small, "A", credits=3)
    assert bundle.table["course_id"].tolist() == ["k1"]
    assert frontier(small, "A", budgets=[3, 9])["courses"].tolist() == [1, 2]


def test_only_texts_that_share_sector_and_region(tiny):
    result = skillmatch.audit(
        reading("PLC programming", sector=["Rail"], region=["Pistoia"]),
        reading("Contents:\nR", kind="syllabus"),
        catalogue=reading(
            "PLC programming",
            "PLC programming",
            kind="syllabus",
            document_id=["near", "far"],
            sector=["rail", "yachts"],
        ),
        taxonomy=tiny,
    )
    assert keep_same(result, ["sector"]).ranking["curriculum_id"].tolist() == ["near"]
    with pytest.raises(InputError, match="--same region"):
        keep_same(result, ["region"])


def test_only_postings_with_a_value(tiny):
    result = skillmatch.audit(
        reading("PLC programming", "lathe turning", "R", sector=["Rail", "yachts", "rail "], tier=["1", "1", "2"]),
        reading("Contents:\nR", kind="syllabus"),
        taxonomy=tiny,
    )
    assert keep_postings(result, {"sector": ["rail"]}).demand["skill_id"].tolist() == ["plc", "r"]
    both = keep_postings(result, {"sector": ["RAIL", "yachts"], "tier": ["1"]})
    assert both.jobs["document_id"].tolist() == ["p1", "p2"]
    kept = keep_where(result, {"sector": ["rail"]})
    assert kept.counts["postings"] == {"read": 3, "processed": 2, "duplicates": 0, "skipped": 1}
    assert kept.skipped["reason"].tolist() == ["left out: not sector=rail"]
    assert kept.mentions["document_id"].tolist() == ["p1", "p3", "s1"]
    with pytest.raises(InputError, match="no posting has sector=leather"):
        keep_where(result, {"sector": ["leather"]})
    with pytest.raises(InputError, match=r"--where town: .* \(found: sector, tier\)"):
        keep_postings(result, {"town": ["x"]})


def test_gaps_by_sector_are_shrunk_and_marked(tiny):
    result = skillmatch.audit(
        reading(*["PLC programming"] * 6, *["lathe turning"] * 4, sector=["rail"] * 6 + ["yachts"] * 4),
        reading("Contents:\nR", kind="syllabus"),
        taxonomy=tiny,
    )
    (row,) = result.local_gaps[result.local_gaps["value"] == "rail"].to_dict("records")
    share, whole = 0.92, 0.92 * 6 / 10
    assert (row["skill_id"], row["postings"], row["of"], row["small"]) == ("plc", 6, 6, True)
    assert row["demand"] == pytest.approx((share * 6 + whole * 20) / 26, abs=1e-6)
    assert row["gap"] == pytest.approx(row["demand"] * (1 - row["supply"] * row["depth"]))
    low, high = wilson_interval(np.array(share), 6)
    assert row["gap_low"] == pytest.approx((low * 6 + whole * 20) / 26, abs=1e-6)
    assert row["gap_high"] == pytest.approx((high * 6 + whole * 20) / 26, abs=1e-6)


def test_a_diverse_ranking_adds_with_each_pick(tiny):
    result = skillmatch.audit(
        reading("PLC programming and R"),
        reading("Contents:\nlathe turning", kind="syllabus"),
        catalogue=reading(
            "PLC programming\nContents:\nPLC programming", "Contents:\nPLC programming", "Contents:\nR",
            kind="syllabus", document_id=["k1", "k2", "k3"],
        ),
        taxonomy=tiny,
    )  # fmt: skip
    table = diverse_ranking(result, most=3)
    assert table["curriculum_id"].tolist() == ["k1", "k3", "k2"]
    assert table["pick"].tolist() == [1, 2, 3]
    assert table["adds"].is_monotonic_decreasing
    assert table["adds"].iloc[0] == pytest.approx(table["closes"].iloc[0])
    assert diverse_ranking(result, most=1)["curriculum_id"].tolist() == ["k1"]


def test_greedy_picks_close_what_they_promise():
    rng = np.random.default_rng(5)
    for _ in range(20):
        coverage, weight, _, _ = random_problem(rng)
        picked, adds = diverse_order(sparse.csr_array(coverage), weight, most=3)
        closed = weight @ (1 - np.prod(1 - coverage[picked], axis=0)) / weight.sum()
        best = best_by_trying(coverage, weight, np.ones(len(coverage)), 3)
        assert adds.sum() == pytest.approx(closed)
        assert closed >= (1 - 1 / np.e) * best - 1e-9


def test_what_if_a_course_is_dropped_rewritten_or_added(small):
    dropped = what_if(small, drop=["s1"])
    moved = moved_gaps(small, dropped)
    assert moved["skill_id"].tolist() == ["turning"]
    assert (moved["change"] > 0).all()
    rewritten = what_if(small, add=documents("Contents:\nPLC programming", kind="syllabus", document_id=["s2"]))
    changes = moved_gaps(small, rewritten).set_index("skill_id")["change"]
    assert changes["plc"] < 0 < changes["r"]
    assert len(rewritten.courses) == len(small.courses)
    added = what_if(small, add=documents("Contents:\nPLC", kind="syllabus", document_id=["new"]), programme="A")
    assert moved_gaps(small, added)["skill_id"].tolist() == ["plc"]
    with pytest.raises(InputError, match="no course 'zz'"):
        what_if(small, drop=["zz"])


def test_a_written_audit_can_be_asked_again(small, tmp_path):
    skillmatch.write_audit(small, tmp_path, run={"options": {}})
    with pytest.raises(InputError, match="made with version"):
        load_run(tmp_path)  # the taxonomy of the test is not the bundled one
    with pytest.raises(InputError, match="no audit in it"):
        load_run(tmp_path / "nowhere")


def gaps(**share):
    n = 200
    rows = []
    for skill, (demand, supply) in share.items():
        low, high = wilson_interval(np.array(demand), n)
        rows.append(("", skill, skill, "g", demand, float(low), float(high), supply, 1.0, demand * (1 - supply)))
    columns = ["programme", "skill_id", "label", "group", "demand", "low", "high", "supply", "depth", "gap"]
    return pd.DataFrame(rows, columns=columns)


def test_comparison_tells_change_from_noise():
    before = gaps(same=(0.3, 0.0), rising=(0.1, 0.0), wobble=(0.30, 0.0), now_taught=(0.4, 0.0))
    after = gaps(same=(0.3, 0.0), rising=(0.4, 0.0), wobble=(0.33, 0.0), now_taught=(0.4, 0.8))
    verdicts = compare_gaps(before, after).set_index("skill_id")["verdict"].to_dict()
    assert verdicts == {"same": "", "rising": "opened", "wobble": "", "now_taught": "closed"}


@pytest.mark.slow
def test_ranking_recovers_planted_gaps_better_than_raw_text(tmp_path):
    from skillmatch.evaluation.ranking import planted_recovery
    from skillmatch.taxonomy import load_taxonomy
    from tests.conftest import SHARED

    if not SHARED.exists():
        pytest.skip("the real courses are not beside the project (../shared/data)")
    real = skillmatch.read_documents(SHARED / "courses_en_mit.csv", kind="syllabus").documents
    table = planted_recovery(real, taxonomy=load_taxonomy(), programme="course", trials=60).set_index("method")
    ours = table.loc["skillmatch"]
    for other in ("TF-IDF of texts", "BM25 of texts"):
        assert ours["ndcg10"] > 1.15 * table.loc[other, "ndcg10"]
        assert ours["ndcg10_low"] > table.loc[other, "ndcg10_high"]
