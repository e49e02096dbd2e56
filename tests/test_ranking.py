"""Ranking for named skills, and its measures: exact values and promises."""

import json
import zipfile

import numpy as np
import pandas as pd
import pytest

import skillmatch
from skillmatch.association import Associations
from skillmatch.errors import EmptyError, InputError
from skillmatch.evaluation.judged import judged_ranking, read_judged
from skillmatch.evaluation.measures import mean_interval, ndcg
from skillmatch.evaluation.occupations import occupation_ranking, read_occupations
from skillmatch.linking.index_building import build_index
from skillmatch.linking.sentences import Sentence
from skillmatch.nearness import Nearness
from skillmatch.query import SkillIndex, rank_for_skills
from skillmatch.taxonomy import load_taxonomy
from skillmatch.wording import Wording, parts_of, terms
from tests.conftest import documents, reading, run_command


def test_ndcg_is_one_for_the_best_order_and_falls_with_the_rank():
    gains = np.array([3.0, 2.0, 0.0])
    assert ndcg(np.array([3.0, 2.0, 1.0]), gains) == 1
    expected = (2 + 3 / np.log2(3)) / (3 + 2 / np.log2(3))
    assert ndcg(np.array([2.0, 3.0, 1.0]), gains) == pytest.approx(expected)
    assert ndcg(np.array([1.0]), np.array([0.0])) == 0
    assert mean_interval(np.array([0.5, 0.5])) == (0.5, 0.5, 0.5)


def test_words_are_weighted_by_section_and_rarity():
    texts = documents(
        "Welding\n\nContents:\nrobots", "Robots\n\nPrerequisites:\nwelding", "robots everywhere", kind="syllabus",
        title=["Welding", "Robots", ""],
    )  # fmt: skip
    wording = Wording(parts_of(texts), ["en"] * 3)
    weld = wording.presence[:, [wording.vocabulary["weld"]]].toarray().ravel()
    assert weld.tolist() == pytest.approx([2 / (2 + 1.2), 0, 0])  # a title counts twice, a prerequisite not at all
    idf = {word: wording.idf[at] for word, at in wording.vocabulary.items()}
    assert idf["robot"] < idf["weld"]
    share, weight = wording.share(["weld", "unheard"])
    assert weight == pytest.approx(idf["weld"] + np.log(1 + 3.5 / 0.5))
    assert share[0] == pytest.approx(weld[0] * idf["weld"] / weight)


def test_texts_lie_near_a_name_by_sentences_that_name_it_in_other_words(tiny):
    taught = "Ladder logic\nOur students wire the controllers of a line with ladder logic."
    texts = documents(taught, "Lunch is at noon.", "", "Prerequisites:\nladder logic", kind="syllabus")
    known = [
        Sentence(sentence, "en", ("PLC programming",))
        for sentence in ("Ladder logic for controllers", "Wire the controllers in ladder logic") * 20
    ]
    index = build_index(tiny, sentences=[*known, Sentence("Lunch is at noon", "en", ()), Sentence("Lunch", "en", ())])
    near = Nearness(texts, parts_of(texts), index)({"en": "PLC programming", "it": "programmazione PLC"})
    assert 0.3 < near[0] <= 1
    assert near[1:].tolist() == [0, 0, 0]  # what a course assumes does not count
    ranked = SkillIndex(texts, taxonomy=tiny, index=index).rank(["PLC programming"])
    assert ranked["document_id"].tolist() == ["s1"]


@pytest.mark.parametrize(
    ("british", "american"),
    [("optimisation", "optimization"), ("moulding", "molding"), ("analyse", "analyze"), ("modelling", "modeling")],
)
def test_british_and_american_spelling_meet(british, american):
    assert terms(british, "en") == terms(american, "en")


def test_names_unknown_to_the_taxonomy_find_their_neighbours():
    known = Associations(load_taxonomy())
    near = [known.skill_ids[at] for at, _ in known.near_skills("robots that weld")]
    assert "robotic-welding" in near
    assert known.near_skills("qwertz uiop") == []
    assert known.near_words("qwertz uiop") == {}
    assert max(known.near_words("predictive maintenance").values()) <= 1


@pytest.mark.slow
def test_depth_in_one_skill_is_told_from_names_dropped():
    deep = "PLC programming\n\nOutcomes:\n- apply PLC programming\n- test PLC programs\nContents:\n- PLC programming"
    shallow = "Seminar\n\nGuests speak about welding, robots, PLC, pumps, dyes, ships, law, history and politics."
    texts = documents(deep, shallow, "Poetry", kind="syllabus", title=["PLC programming", "Seminar", "Poetry"])
    table = rank_for_skills(["PLC programming", "SCADA"], texts).set_index("document_id")
    assert table.index[0] == "s1"
    assert table.at["s1", "score"] > 2 * table.at["s2", "score"]
    assert "s3" not in table.index


@pytest.mark.slow
def test_a_text_in_the_other_language_is_found_by_its_skills():
    texts = documents("Corso\n\nContenuti:\nsaldatura TIG", "ricamo", kind="syllabus", language="it")
    assert rank_for_skills(["TIG welding"], texts)["document_id"].tolist() == ["s1"]


@pytest.mark.slow
def test_scores_lie_between_zero_and_one_and_are_the_same_each_time():
    texts = documents("PLC programming", "TIG welding and PLC", "poems", kind="syllabus")
    index = SkillIndex(texts)
    first = index.rank(["PLC programming", "welding"])
    pd.testing.assert_frame_equal(first, SkillIndex(texts).rank(["PLC programming", "welding"]))
    assert first["score"].between(0, 1).all()
    assert index.rank(["qwertz"]).empty


@pytest.mark.slow
def test_diverse_ranking_puts_a_twin_behind_something_else():
    twin = "PLC programming of packaging machines with structured text"
    other = "Pumps of water works, their SCADA, and some PLC programming"
    texts = documents(twin, twin + " again", other, "poems", kind="syllabus")
    plain = rank_for_skills(["PLC programming"], texts)["document_id"].tolist()
    diverse = rank_for_skills(["PLC programming"], texts, diverse=True)["document_id"].tolist()
    assert sorted(plain) == sorted(diverse)
    assert {plain[0], plain[1]} == {"s1", "s2"}
    assert diverse[:2] == [plain[0], "s3"]


JUDGED = "gap_id,skills,course_id,grade\ng1,PLC programming; SCADA,s1,3\ng1,PLC programming; SCADA,s2,0\ng1,,s3,1\n"


@pytest.mark.slow
def test_judged_pairs_measure_three_methods(tmp_path):
    path = tmp_path / "judged.csv"
    path.write_text(JUDGED.replace("g1,,", "g1,PLC programming; SCADA,"), encoding="utf-8")
    courses = reading("PLC programming with SCADA", "poems", "a PLC", kind="syllabus")
    table = judged_ranking(read_judged(path), courses, taxonomy=load_taxonomy()).set_index("method")
    assert table.at["skillmatch", "ndcg10"] == 1
    assert table["pairs"].tolist() == [3, 3, 3]
    again = skillmatch.documents.Reading(
        courses.documents.iloc[:2],
        pd.DataFrame({"document_id": ["s3"], "duplicate_of": ["s1"]}),
        courses.skipped,
    )
    assert judged_ranking(read_judged(path), again, taxonomy=load_taxonomy())["pairs"].tolist() == [2, 2, 2]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gap_id,skills,grade\n", "no column 'course_id'"),
        (JUDGED.replace(",3", ",4"), "row 2: grade '4'"),
        (JUDGED.replace("s2", "s9"), "course 's9' is judged"),
        (JUDGED.replace(",3", ",0").replace(",1\n", ",0\n"), "no course has a grade above 0"),
    ],
)
def test_wrong_judgements_are_named(tmp_path, text, message):
    path = tmp_path / "judged.csv"
    path.write_text(text, encoding="utf-8")
    courses = reading("one text", "poems", "songs", kind="syllabus")
    with pytest.raises(InputError, match=message):
        judged_ranking(read_judged(path), courses, taxonomy=load_taxonomy())


def package(folder, skills, relation="essential"):
    """A tiny package in ESCO's form."""
    folder.mkdir()
    (folder / "occupations_en.csv").write_text(
        "conceptUri,preferredLabel,description\no1,automation technician,Programs machines.\n", encoding="utf-8"
    )
    rows = "".join(f"o1,{relation},knowledge,{uri}\n" for uri in skills)
    (folder / "occupationSkillRelations.csv").write_text(
        "occupationUri,relationType,skillType,skillUri\n" + rows, encoding="utf-8"
    )
    return folder


@pytest.mark.slow
def test_occupations_from_a_folder_and_from_a_zip(tmp_path):
    taxonomy = load_taxonomy()
    skills = [skill for skill in taxonomy if skill.uri][:8]
    folder = package(tmp_path / "esco", [skill.uri for skill in skills])
    with zipfile.ZipFile(tmp_path / "esco.zip", "w") as archive:
        for file in folder.iterdir():
            archive.write(file, f"deep/{file.name}")
    known = read_occupations(folder)
    pd.testing.assert_frame_equal(known, read_occupations(tmp_path / "esco.zip"))
    assert known["skill_uri"].tolist() == [skill.uri for skill in skills]
    text = "Contents:\n" + "\n".join(f"- {skill.label('en')}" for skill in skills)
    courses = documents(text, "poems", "songs", kind="syllabus")
    table = occupation_ranking(courses, known, taxonomy=taxonomy).set_index(["relevance", "method"])
    assert table.loc[("held-out skills", "skillmatch"), ["occupations", "ndcg10"]].tolist() == [1, 1.0]
    with pytest.raises(EmptyError):
        occupation_ranking(documents("poems", kind="syllabus"), known, taxonomy=taxonomy)
    assert read_occupations(package(tmp_path / "other", ["x"], "optional")).empty
    with pytest.raises(InputError, match="no ESCO package"):
        read_occupations(tmp_path / "nowhere")


@pytest.mark.slow
def test_measures_and_filters_on_the_command_line(tmp_path):
    (tmp_path / "courses.csv").write_text(
        "code,title,contents,cfu\ns1,Control,PLC programming and SCADA,6\ns2,Verse,poems,6\ns3,Twin,a PLC,6\n",
        encoding="utf-8",
    )
    (tmp_path / "judged.csv").write_text(JUDGED.replace("g1,,", "g1,PLC programming; SCADA,"), encoding="utf-8")
    measure = ("evaluate", "ranking", "--corpus", tmp_path / "courses.csv", "--format", "json")
    result = run_command(*measure, "--judged", tmp_path / "judged.csv")
    assert json.loads(result.stdout)[0]["ndcg10"] == 1
    both = run_command(*measure, "--judged", "a", "--occupations", "b")
    assert (both.returncode, "give one of them" in both.stderr) == (3, True)
    (tmp_path / "postings.csv").write_text(
        "id,title,description,sector\n1,A,PLC programming,Rail\n2,B,TIG welding,yachts\n", encoding="utf-8"
    )
    inputs = ("--postings", tmp_path / "postings.csv", "--syllabi", tmp_path / "courses.csv", "--format", "json")
    gaps = json.loads(run_command("gaps", *inputs, "--where", "sector=rail").stdout)
    assert [gap["skill_id"] for gap in gaps] == ["plc-programming"]
    assert gaps[0]["demand"] > 0.9
    picked = json.loads(run_command("rank", *inputs, "--diverse").stdout)
    assert sorted(row["curriculum_id"] for row in picked) == ["s1", "s3"]
    assert [row["pick"] for row in picked] == [1, 2]
    assert picked[0]["adds"] > picked[1]["adds"] > 0
    wrong = run_command("gaps", *inputs, "--where", "sector")
    assert "write --where COLUMN=VALUE" in wrong.stderr
