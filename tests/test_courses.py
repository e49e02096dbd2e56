"""Course books parted into courses, and the facts that a syllabus states."""

from pathlib import Path

import pandas as pd
import pytest

from skillmatch.bundles import parse_prerequisites
from skillmatch.documents import read_documents
from skillmatch.documents.coursebooks import split_book
from skillmatch.documents.facts import (
    HOURS_OF_TEACHING_PER_ECTS,
    HOURS_OF_WORK_PER_ECTS,
    course_facts,
    stated_title,
)
from skillmatch.documents.prerequisites import needed_courses
from skillmatch.mentions import extract
from skillmatch.pipeline import Pipelines
from skillmatch.taxonomy import load_taxonomy
from tests.conftest import SHARED
from tests.samples import Line, paint_pdf

real = pytest.mark.skipif(not SHARED.exists(), reason="the real data is not beside the project (../shared/data)")

COURSES = [
    ("ME 301", "Robotics", "robot programming and kinematics", "EE 110 or EE 111", "6"),
    ("ME 302", "Welding technology", "TIG welding and the testing of welds", "ME 210", "9"),
    ("ME 303", "Automation", "PLC programming with ladder logic", "ME 301; EE 110", "6"),
]


def sheets(layout: str) -> str:
    return "\n\n".join(layout.format(*course) for course in COURSES)


CODED = "{0} {1}\nCredits: {4} ECTS\n\nPrerequisites\n{3}\n\nContents\n{2}\n\nAssessment\na written test"
LABELLED = "Course title: {1}\nCourse code: {0}\nPrerequisites: {3}\n\nContents\n{2}\n\nAssessment\na written test"
HEADED = "{1}\nfor the third year\n\nPrerequisites\n{3}\n\nContents\n{2}\n\nAssessment\na written test"
ITALIAN = "Insegnamento\n{1}\nCFU\n{4}\n\nPrerequisiti\n{3}\n\nProgramma\n{2}\n\nModalità di verifica\nprova scritta"


@pytest.mark.parametrize("layout", [CODED, LABELLED, HEADED, ITALIAN])
def test_a_course_book_is_parted_into_its_courses(tmp_path, layout):
    front = "Faculty of Engineering\nDegree programme: Mechanical Engineering (LM-33)\nAcademic year 2024/2025"
    (tmp_path / "book.txt").write_text(f"{front}\n\n{sheets(layout)}\n", encoding="utf-8")
    reading = read_documents(tmp_path / "book.txt", kind="syllabus", language="en")
    documents = reading.documents
    titles = [f"{course[0]} {course[1]}" if layout == CODED else course[1] for course in COURSES]
    assert documents["title"].tolist() == titles
    assert documents["row"].tolist() == ["course 1", "course 2", "course 3"]
    for text, (_, title, contents, needs, _) in zip(documents["text"], COURSES, strict=True):
        assert title in text
        assert contents in text
        assert needs in text
        assert not any(other[2] in text for other in COURSES if other[1] != title)
    assert set(documents["academic_year"]) == {"2024/2025"}
    assert set(documents["eqf"]) == {"7"}
    assert set(documents["programme_stated"]) == {"Mechanical Engineering (LM-33)"}
    assert "programme" not in documents
    assert reading.skipped["reason"].tolist() == ["what stands before the first course of a course book"]
    assert reading.counts == {"read": 4, "processed": 3, "duplicates": 0, "skipped": 1}
    if layout in (CODED, LABELLED):
        assert documents["document_id"].tolist() == ["book:ME301", "book:ME302", "book:ME303"]
        assert parse_prerequisites(documents) == {"book:ME303": [["book:ME301"]]}


def test_a_course_book_as_pdf(tmp_path):
    pages: list[list[Line]] = []
    for code, title, contents, needs, ects in COURSES:
        texts = [(16, title), (10, f"Course code: {code}"), (10, f"Credits: {ects} ECTS"), (13, "Prerequisites"),
                 (10, needs), (13, "Contents"), (10, contents), (13, "Assessment"), (10, "a written test")]  # fmt: skip
        pages.append([(40, 780 - 20 * n, size, False, text) for n, (size, text) in enumerate(texts)])
    (tmp_path / "book.pdf").write_bytes(paint_pdf(*pages))
    documents = read_documents(tmp_path / "book.pdf", kind="syllabus").documents
    assert documents[["document_id", "title", "ects", "prerequisites"]].values.tolist() == [
        ["book:ME301", "Robotics", "6", "EE110 or EE111"],
        ["book:ME302", "Welding technology", "9", "ME210"],
        ["book:ME303", "Automation", "6", "ME301; EE110"],
    ]


@pytest.mark.parametrize(
    "text",
    [
        CODED.format(*COURSES[0]),
        # The modules of one course
        "ME 301 Robotics\n\n" + "\n\n".join(
            f"Module {n}\n\nContents\n{topic}\n\nAssessment\na test" for n, topic in enumerate(["PLC", "SCADA", "ROS"])
        ),
        # One course in two languages
        "Insegnamento: Robotica\nCodice: ME301\n\nProgramma\nrobot\n\nPrerequisiti\nnessuno\n\nBibliografia\ntesto\n\n"
        "Course title: Robotics\nCode: ME301\n\nProgramma\nrobots\n\nPrerequisiti\nnone\n\nBibliografia\nbook",
        # Courses named as prerequisites, with their codes
        "Robotics\n\nPrerequisites\nME 210 Mechanics of machines\nME 220 Electric drives\n\nContents\nrobots\n\n"
        "Assessment\na test\n\nContents of the laboratory\nPLC",
        "Requirements of the job\n\nContents\na\n\nContents\nb\n\nContents\nc",
    ],
)  # fmt: skip
def test_a_single_syllabus_is_never_parted(text):
    assert split_book(text) is None


@real
def test_no_real_syllabus_is_parted():
    reading = read_documents(SHARED / "syllabi", kind="syllabus")
    assert len(reading.documents) > 35
    assert not reading.documents["row"].str.startswith("course").any()


# Facts


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        (
            "Robotics (ME 301)\nCredits: 6 ECTS\nLevel: Master's degree\nYear of study: 2nd\nLanguage of instruction: "
            "English\nAcademic year: 2024/25",
            {"code": "ME301", "ects": "6", "year": "2", "academic_year": "2024/25", "eqf": "7",
             "teaching_language": "en"},
        ),
        (
            "Insegnamento\nRobotica industriale\nCodice insegnamento\nB012345\nCFU\n9\nAnno di corso\nI\nLingua di "
            "insegnamento\nitaliano\nCorso di laurea magistrale: Ingegneria meccanica (LM-33)",
            {"code": "B012345", "ects": "9", "year": "1", "eqf": "7", "teaching_language": "it",
             "programme_stated": "Ingegneria meccanica (LM-33)"},
        ),
        ("Saldatura\nLaurea triennale in Meccanica, II anno\nIl corso prevede 48 ore di lezione.",
         {"ects": "6", "year": "2", "eqf": "6"}),
        ("Welding\nStudent workload: 150 hours", {"ects": "6"}),
        ("Welding\n6 CFU\nThe module of 3 CFU is shared; it has 48 hours of lectures.", {}),
        ("Robotics\nThis is a 3 credit course. Fall 2018, room AULA 101. Dr. A. Bianchi, Ph.D., ROOM 12.", {}),
        ("Corso di ISO 9001\nSSD: IIND-03/A, classe LM-33", {"eqf": "7"}),
        ("Saldatura\nIl corso è tenuto in inglese.", {"teaching_language": "en"}),
    ],
)  # fmt: skip
def test_facts_are_those_that_the_text_states(text, facts):
    assert course_facts(text) == facts


def test_hours_become_credits_by_the_documented_measure():
    assert (HOURS_OF_WORK_PER_ECTS, HOURS_OF_TEACHING_PER_ECTS) == (25, 8)
    assert course_facts("Ore di lezione: 60")["ects"] == "7.5"


def test_a_column_goes_before_the_text(tmp_path):
    (tmp_path / "a.csv").write_text("id,title,text,ects\nA,Robotics,Credits: 6 ECTS. Prereq: A1 and ME 201.,\n")
    document = read_documents(tmp_path / "a.csv", kind="syllabus").documents.iloc[0]
    assert (document["ects"], document["prerequisites"]) == ("", "ME201")
    assert document["facts_from_text"] == "prerequisites"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("SYLLABUS\nCourse title: Robotics", "Robotics"),
        ("Insegnamento\nRobotica industriale\nCFU\n6", "Robotica industriale"),
        ("Course title and number: ME 301, Robotics", "Robotics"),
        ("Robots and their programs", ""),
    ],
)
def test_stated_titles(text, title):
    assert stated_title(text) == title


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Prerequisite: 2.001", "2.001"),
        ("Prereq: 18.03 and (2.001 or 2.01); coreq: 2.005", "18.03; 2.001 or 2.01"),
        ("Requires ME 210, ME 220, or consent of the teacher.", "ME210 or ME220"),
        ("Requires ME 210, ME 220 and ME 230.", "ME210; ME220; ME230"),
        ("Students should have taken ECSE-2610. They work with ME 330 groups.", "ECSE-2610"),
        ("Propedeuticità: ING101 e ING102", "ING101; ING102"),
        ("Prerequisites\n- Circuits (EE 110 or EE 111)\n- Calculus (Math 210)\n\nContents\nas in EE 400",
         "EE110 or EE111; Math210"),
        ("Knowledge of C is a prerequisite. Combined with ME 210 it counts twice.", ""),
        ("No prerequisites. Recommended prerequisite: ME 210.", ""),
        ("Prerequisites: Python 3.10, ISO 9001, chapter 12.10", ""),
    ],
)  # fmt: skip
def test_prerequisites_by_code(text, codes):
    assert needed_courses(text) == codes


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Covers TIG welding. Prerequisite: PLC programming."),
        ("en", "Covers TIG welding. Prereq: PLC programming and 2.001."),
        ("en", "Covers TIG welding. Requires knowledge of PLC programming."),
        ("en", "Covers TIG welding. Students should have taken a course in PLC programming."),
        ("it", "Il corso tratta la saldatura TIG. Propedeuticità: programmazione PLC."),
        ("it", "Il corso tratta la saldatura TIG.\n\nPropedeuticità\nprogrammazione PLC"),
    ],
)
def test_prerequisites_are_assumed_and_not_taught(tmp_path, language, text):
    Path(tmp_path, "a.txt").write_text(f"Corso A\n\n{text}", encoding="utf-8")
    documents = read_documents(tmp_path / "a.txt", kind="syllabus", language=language).documents
    mentions = extract(documents, pipelines=Pipelines(load_taxonomy("manufacturing")))
    assert dict(zip(mentions["skill_id"], mentions["strength"], strict=True)) == {
        "tig-welding": "taught", "plc-programming": "assumed",
    }  # fmt: skip


@real
@pytest.mark.slow
def test_prerequisites_of_a_real_catalogue_are_never_taught():
    courses = read_documents(SHARED / "courses_en_mit.csv", kind="syllabus").documents
    raw = pd.read_csv(SHARED / "courses_en_mit.csv", dtype=str, keep_default_na=False)
    stated = dict(zip(raw["number"], raw["prereqs"], strict=True))
    courses = courses[courses["document_id"].map(stated.get).fillna("").ne("")]
    assert len(courses) > 2_000
    mentions = extract(courses, pipelines=Pipelines(load_taxonomy("manufacturing")))
    texts = dict(zip(courses["document_id"], courses["text"], strict=True))
    place = [texts[document].find("\n\nPrerequisites:\n") for document in mentions["document_id"]]
    within = mentions[(pd.Series(place, index=mentions.index) >= 0) & (mentions["start"] >= place)]
    assert len(within) > 100
    assert set(within["strength"]) <= {"assumed", "mentioned"}
    assert (within["strength"] == "assumed").mean() > 0.9
    assert "content" not in set(within["section"])
