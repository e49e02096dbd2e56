"""Sections, strength and depth as a reader would see them, and the measuring of it."""

import json
from itertools import pairwise

import numpy as np
import pytest

from skillmatch.errors import InputError
from skillmatch.evaluation.labelled import parse_document, read_labelled
from skillmatch.evaluation.reading import evaluate_reading
from skillmatch.headings import cut_at_headings, find_headings
from skillmatch.mentions import extract
from skillmatch.pipeline import Pipelines
from skillmatch.resources import resource
from skillmatch.role_features import Passage, employer_name, features
from skillmatch.roles import MODEL_ROLES, bundled_model, read_model
from skillmatch.sections import Source, split_all, split_sections
from skillmatch.stretches import cut
from skillmatch.taxonomy import load_taxonomy
from tests.conftest import documents, run_command


@pytest.fixture(scope="module")
def pipelines():
    return Pipelines(load_taxonomy())


def roles(text, kind="posting"):
    return [section.role for section in split_sections(text, kind=kind)]


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("Requirements: a diploma. Nice to have: SCADA. We offer: lunch", "posting", ["required", "preferred", "offer"]),
        ("PREREQUISITES. A course in statics.\nTEXTBOOKS. R. Hale, Notes.", "syllabus", ["prerequisites", "reading"]),
        ("Prerequisites\nGraded homework and the textbook of Statics I", "syllabus", ["prerequisites"]),
        ("Al termine lo studente saprà:\n- progettare un impianto", "syllabus", ["outcomes"]),
        ("Requirements\n- a diploma\nWe are an equal opportunity employer and welcome all applicants regardless of race, "
         "religion, age or disability.", "posting", ["required", "other"]),
        ("Founded in 1950, we are a family business that makes pumps.\n\nSalary 30,000 euros and meal vouchers.",
         "posting", ["employer", "offer"]),
    ],
)  # fmt: skip
def test_sections(text, kind, expected):
    assert roles(text, kind) == expected


def test_sections_cover_the_text_without_gaps():
    text = "you repair pumps and we pay well " * 40
    sections = split_sections(text, kind="posting")
    assert sections[0].start == 0
    assert sections[-1].end == len(text)
    assert all(one.end == two.start for one, two in pairwise(sections))


def test_items_under_a_wish_stay_wished_for():
    wishes = ["Organising tests of vehicles, analysis and report writing.", "Design review procedures, presentations."]
    items = "\n\n".join(f"\uf0a7 {wish}" for wish in wishes)
    text = f"Responsibilities\n\n\uf0a7 Project plans.\n\nPreferred exposure to and experience with:\n\n{items}"
    assert [section.role for section in split_sections(text, kind="posting")] == ["duties", "preferred"]


def test_a_line_among_requirements_that_only_wishes_is_preferred():
    text = "Requirements\n- MIG welding\n- Knowledge of German is a plus\n- Databases (preferably Oracle)"
    assert [section.role for section in split_sections(text, kind="posting")] == ["required", "preferred", "required"]


@pytest.mark.parametrize(
    "line", ["Risposta in frequenza:", "## 9. Metodo delle forze", "| Week | Topics | Reading |", "| | | Lecture(s): |"]
)
def test_a_word_with_a_complement_is_no_heading(line):
    assert not find_headings(f"Programma\n{line}\n", kind="syllabus", start=10)


def test_headings_may_name_the_employer():
    text = "Company Description\n\nArtel Interiors is a design firm in Prato that plans and builds shops.\n\nRole Description\n\nYou maintain machines."
    assert roles(text)[:2] == ["employer", "duties"]
    headings = "About Artel Interiors\nx\nAbout the role\nx\nWhy Artel?\nx\nWhat the role demands:\n"
    assert [heading.role for heading in find_headings(headings, kind="posting")] == [
        "employer", "duties", "offer", "required",
    ]  # fmt: skip


def test_a_list_of_what_students_need_is_reading():
    text = "Students will need the following tools in the course:\n- a laptop\n- a calculator"
    assert roles(text, "syllabus") == ["reading"]


def test_what_closes_a_wording_is_no_other_word():
    text = "Outcomes\nKnowledge of TIG welding and of material requirement planning"
    found = extract(documents(text, kind="syllabus"), pipelines=Pipelines(load_taxonomy()))
    assert set(found["strength"]) == {"taught"}


def test_headings_that_follow_a_template_are_believed():
    topics = "Metodi di misura delle temperature e delle deformazioni; catene di acquisizione; introduzione ai filtri numerici."
    start = f"Obiettivi di apprendimento\nConoscenze\n{topics}\n\n"
    rest = "Prerequisiti\nFisica.\n\nProgramma\nSensori; taratura; segnali.\n\nModalità d'esame\nColloquio.\n"
    alone = split_sections(start, kind="syllabus")
    assert [section.role for section in alone] == ["outcomes", "content"]  # topics, whatever the heading says
    among_others = split_sections(start + rest, kind="syllabus")
    assert [section.role for section in among_others] == ["outcomes", "prerequisites", "content", "assessment"]


def test_text_without_punctuation_is_cut_into_windows():
    assert len(cut("word " * 200)) > 10
    assert len(cut("e.g. this, S. Rossi and 2. that are one. And two.")) == 2


def test_lines_broken_at_a_width_are_one_sentence():
    lines = ["Outcomes", "Students who have taken this course will be able to choose", "a welding process for a given joint and to write down its",
             "parameters, to judge the quality of a seam by looking at", "it, and to tell when the help of a specialist is needed."]  # fmt: skip
    assert len(cut("\n".join(lines))) == 2
    assert len(cut("\n".join([*lines, "X" * 200]))) > 4  # a list: one of its lines is longer than a page is wide


@pytest.mark.parametrize(
    ("language", "kind", "text", "expected"),
    [
        ("en", "posting", "Requirements: PLC programming or SCADA, preferably Siemens PLC.",
         {"plc-programming": "required", "scada": "required", "siemens-plc": "preferred"}),
        ("en", "posting", "Requirements: TIG welding is required, SCADA a plus.", {"tig-welding": "required", "scada": "preferred"}),
        ("en", "posting", "Requirements: TIG welding, SCADA or Python is a plus.",
         {"tig-welding": "preferred", "scada": "preferred", "python": "preferred"}),
        ("en", "posting", "Requirements: Docker (preferred) and Python.", {"docker-containers": "preferred", "python": "required"}),
        ("en", "posting", "Duties: no TIG welding is required.", {"tig-welding": "negated"}),
        ("en", "posting", "We offer: you will learn TIG welding.", {"tig-welding": "mentioned"}),
        ("it", "posting", "Requisiti: saldatura TIG; gradita la conoscenza di SCADA.", {"tig-welding": "required", "scada": "preferred"}),
        ("it", "posting", "Requisiti: non è richiesta la saldatura TIG.", {"tig-welding": "negated"}),
        ("en", "posting", "Requirements:\n- TIG welding is a plus but not required", {"tig-welding": "preferred"}),
        ("en", "posting", "Requirements:\n- (preferred) experience with Python", {"python": "preferred"}),
        ("en", "posting", "Requirements:\n- experience with Python, SCADA, Docker is a plus",
         {"python": "preferred", "scada": "preferred", "docker-containers": "preferred"}),
        ("en", "posting", "Requirements:\n- Python is a plus: SCADA and Docker too", {"scada": "preferred"}),
        ("en", "posting", "Requirements:\n- Knowledge of SCADA isn't required", {"scada": "negated"}),
        ("en", "posting", "Requirements:\n- SCADA is a plus, as is Python", {"scada": "preferred", "python": "preferred"}),
        ("en", "posting", "Requirements:\n- Python/SCADA certificates (optional)", {"python": "preferred", "scada": "preferred"}),
        ("it", "posting", "Mansioni: azienda leader nella saldatura MIG cerca chi esegua la saldatura TIG.",
         {"mig-mag-welding": "mentioned", "tig-welding": "required"}),
        ("it", "syllabus", "Il corso fornisce le basi della termodinamica.", {"thermodynamics": "taught"}),
        ("en", "syllabus", "Content: builds on thermodynamics and treats heat transfer.", {"thermodynamics": "assumed"}),
        ("en", "syllabus", "Content: PLC programming is not treated here.", {"plc-programming": "mentioned"}),
        ("it", "posting", "Requisiti: l'uso di macchine (torni, saldatura TIG) costituisce titolo molto gradito.",
         {"turning": "preferred", "tig-welding": "preferred"}),
        ("it", "posting", "Chi siamo\nAzienda leader nella saldatura MIG, cerca una persona per la saldatura TIG.",
         {"mig-mag-welding": "mentioned", "tig-welding": "required"}),
        ("it", "posting", "Mansioni\nCollabora con il reparto saldatura TIG e programma in Python.",
         {"tig-welding": "mentioned"}),
        ("en", "syllabus", "Course title: TIG welding\nRoom: 12\nTeacher: to be announced", {"tig-welding": "taught"}),
    ],
)  # fmt: skip
def test_strength_reaches_what_it_should(pipelines, language, kind, text, expected):
    found = extract(documents(text, kind=kind, language=language), pipelines=pipelines)
    read = dict(zip(found["skill_id"], found["strength"], strict=True))
    assert {skill: read.get(skill) for skill in expected} == expected


@pytest.mark.parametrize(
    ("language", "kind", "text", "skill", "level"),
    [
        ("en", "posting", "Requirements:\n5+ years of PLC programming", "plc-programming", 4),
        ("en", "posting", "Requirements:\nPython (advanced)", "python", 4),
        ("en", "posting", "Requirements:\nbasic knowledge of PLC programming", "plc-programming", 2),
        ("it", "posting", "Requisiti:\nottima conoscenza di Python", "python", 4),
        ("it", "posting", "Requisiti:\nalmeno tre anni di esperienza nella saldatura TIG", "tig-welding", 3),
        ("en", "syllabus", "Students will be able to:\n- design a PLC programming exercise", "plc-programming", 6),
        ("it", "posting", "Requisiti:\nExcel avanzato, saldatura TIG", "tig-welding", None),
        ("en", "posting", "Duties:\nWe are looking for a CNC machining operator.", "cnc-machining", None),
        ("en", "syllabus", "Content:\nExplain PLC programming with examples.", "plc-programming", 2),
        ("it", "syllabus", "Contenuti:\nProgettazione, saldatura TIG", "tig-welding", None),
        ("en", "posting", "Requirements:\ngood knowledge of control systems (e.g. PLC programming)", "plc-programming", 3),
        ("en", "posting", "Requirements:\nGood knowledge of the usual tools of our trade and of\nPLC programming",
         "plc-programming", 3),
        ("en", "posting", "Duties:\n- design and maintain PLC programming", "plc-programming", 6),
        ("en", "posting", "Requirements:\ninnovative TIG welding", "tig-welding", None),
        ("en", "syllabus", "Content:\nIn the lab we compare TIG welding and riveting.", "tig-welding", 4),
        ("it", "syllabus", "Contenuti:\nSi analizzano gli errori nella saldatura TIG.", "tig-welding", 4),
        ("it", "syllabus", "Contenuti:\nSi presentano la saldatura TIG e le prove.", "tig-welding", None),
        ("en", "syllabus", "Content:\nTIG welding and riveting are compared.", "tig-welding", 4),
        ("en", "syllabus", "Content:\nBuild PLC programming skills in the lab.", "plc-programming", 6),
        ("en", "syllabus", "Content:\nDesign patterns, PLC programming, safety", "plc-programming", None),
        ("en", "syllabus", "Content:\nIn the lab: compare TIG welding and riveting.", "tig-welding", 4),
        ("en", "syllabus", "Content:\nExplores how to design PLC programming exercises.", "plc-programming", 6),
        ("en", "posting", "Nobody needs TIG welding: no TIG welding required", "tig-welding", None),
        ("it", "syllabus", "Obiettivi\nPortare la conoscenza dell'inglese al livello B2.", "english-language", 3),
        ("it", "posting", "Requisiti\nOttima conoscenza dell'inglese, tedesco A2.", "english-language", 4),
        ("en", "syllabus", "Content:\nSurvey of processes that build parts: TIG welding, riveting.", "tig-welding", None),
        ("en", "posting", "Requirements\nGood knowledge of:\n\n- Python\n- TIG welding", "tig-welding", 3),
        ("en", "posting", "Requirements\n\nGood knowledge of:\n  \n  * Python\n  * TIG welding", "tig-welding", 3),
        ("en", "syllabus", "Content:\nDesign & print a TIG welding fixture.", "tig-welding", 6),
        ("it", "syllabus", "Contenuti:\nCome progettare un robot per la saldatura TIG.", "tig-welding", 6),
        ("en", "posting", "Requirements:\nexpert in Python.knowledge of TIG welding;teamwork", "tig-welding", 2),
        ("en", "posting", "Requirements\nAn understanding of TIG welding and expert knowledge of Python", "tig-welding", 2),
        ("en", "posting", "Requirements\nExtensive knowledge and understanding of Python", "python", 4),
        ("en", "posting", "Requirements\nExperience (2+ years) with Python", "python", 3),
        ("en", "posting", "Requirements\nProficiency in TIG welding fundamentals", "tig-welding", 4),
        ("it", "syllabus", "Obiettivi formativi\nFornire le conoscenze di base di chimica, analisi dei rischi e "
         "saldatura TIG.\n\nContenuti\nLeghe.", "tig-welding", 2),
        ("en", "syllabus", "Outcomes\nBuild and test basic robots for TIG welding.", "tig-welding", 6),
        ("en", "syllabus", "Outcomes\nThe student knows the laws of heat and can simulate TIG welding.", "tig-welding", 3),
        ("en", "syllabus", "Content:\nWeekly exercises use Octave and Python.", "python", 3),
        ("en", "syllabus", "Content:\nA short excursion into TIG welding. Riveting.", "tig-welding", 2),
        ("it", "syllabus", "Contenuti:\nRivettatura; saldatura TIG (cenni); incollaggio", "tig-welding", 2),
        ("it", "syllabus", "Contenuti:\nLa saldatura TIG viene soltanto introdotta.", "tig-welding", 2),
    ],
)  # fmt: skip
def test_depth(pipelines, language, kind, text, skill, level):
    found = extract(documents(text, kind=kind, language=language), pipelines=pipelines)
    levels = found.loc[found["skill_id"] == skill, "level"]
    assert len(levels)
    assert (None if levels.isna().any() else int(levels.iloc[0])) == level


def test_labels_are_parsed_and_split_by_number():
    bundled = read_labelled(resource("corpora", "reading"))
    assert len(bundled) == 200
    assert {document.part for document in bundled} == {"tuning", "test"}
    known = {skill.id for skill in load_taxonomy()}
    for document in bundled:
        for mention in document.mentions:
            assert set(mention.skills) <= known, document.document_id
            assert document.text[mention.start : mention.end].strip()


@pytest.mark.parametrize("body", ["[[hobby]]x", "no section", "[[duties]]{{x|tig|wanted|}}", "[[duties]]{{x|tig"])
def test_broken_labels_are_refused(body):
    with pytest.raises(InputError, match="en-posting-001"):
        parse_document("x.txt", "en-posting-001 | title=a", body)


def test_figures_count_what_they_say(tiny):
    text = "[[required]]Requirements:\n{{PLC programming|plc|required|}} and {{welding|tig|required|}}"
    document = parse_document("x.txt", "en-posting-001 | title=Fitter", text)
    values = reading_figures(document, tiny)
    assert values["mention precision"] == 1
    assert values["mention recall"] == 0.5
    assert values["strength accuracy"] == 1
    assert values["sections"] == 1
    assert "mention precision" not in reading_figures(document, tiny, least=0.99)


def reading_figures(document, taxonomy, **options):
    figures = evaluate_reading([document], pipelines=Pipelines(taxonomy), **options).figures
    return figures[figures["kind"] == "posting"].groupby("figure")["value"].first()


def test_the_command_prints_figures(tmp_path):
    file = tmp_path / "x.txt"
    file.write_text(
        "#doc en-posting-002 | title=Fitter\n[[required]]Requirements: {{TIG welding|tig-welding|required|}}", "utf-8"
    )
    result = run_command("evaluate", "reading", file, "--format", "json")
    assert result.returncode == 0, result.stderr
    rows = json.loads(result.stdout)
    assert {"mention precision", "mention recall", "sections"} <= {row["figure"] for row in rows}


@pytest.mark.parametrize("kind", MODEL_ROLES)
def test_models_hold_plain_arrays(kind):
    path = resource("models", "sections", f"{kind}.npz")
    with np.load(path, allow_pickle=False) as arrays:
        assert all(array.dtype != object for array in arrays.values())
    assert read_model(path).roles == MODEL_ROLES[kind]


@pytest.mark.slow
def test_the_models_are_what_training_makes(tmp_path):
    result = run_command("train", "sections", "-o", tmp_path)
    assert result.returncode == 0, result.stderr
    for kind in MODEL_ROLES:
        made, kept = (
            read_model(tmp_path / "sections" / f"{kind}.npz"),
            read_model(resource("models", "sections", f"{kind}.npz")),
        )
        assert made.vocabulary == kept.vocabulary
        np.testing.assert_allclose(made.weights, kept.weights, atol=2e-2)


_ODD = [
    "•\n-\n***\n12 anni di esperienza\n…",
    "Ｆｕｌｌ ｗｉｄｔｈ, ﬁne: ½ of 2 €/h? Straße, naïve",
    "x" * 400 + "\n" + "la " * 500,
    "Requisiti es.\n1) laurea\n\n\n2) capacità di lavorare in gruppo: è un plus",
    "ΟΔΟΣ: a\u0301 b\x00c \u200bd",
]


@pytest.mark.parametrize("kind", MODEL_ROLES)
def test_sums_of_weights_are_those_of_the_named_features(kind):
    model = bundled_model(kind)
    texts = [
        (document.text, document.employer) for document in read_labelled(resource("corpora", "reading"), part="tuning")
    ]
    texts += [(text.lower(), "") for text, _ in texts[:30]] + [(" ".join(text.split()), "") for text, _ in texts[:30]]
    passages = [
        Passage(text, cut_at_headings(text, kind=kind)[0], employer_name(employer))
        for text, employer in texts + [(text, "") for text in _ODD]
    ]
    named = [row for passage in passages for row in features(passage, kind)]
    expected = [
        model.weights[[model.vocabulary[name] for name in row if name in model.vocabulary]].sum(0) for row in named
    ]
    assert any("<employer>" in row for row in named) and any("^<verb>" in row for row in named)
    np.testing.assert_allclose(model.scorer.sums(passages), expected, atol=1e-5)


@pytest.mark.parametrize("kind", MODEL_ROLES)
def test_documents_have_the_same_sections_together_as_alone(kind):
    documents = [d for d in read_labelled(resource("corpora", "reading"), part="tuning") if d.kind == kind][:40]
    sources = [Source(d.text, d.text.split("\n")[0], d.employer) for d in documents] + [
        Source(text) for text in ("", *_ODD)
    ]
    alone = [split_sections(text, kind=kind, title=title, employer=employer) for text, title, employer in sources]
    assert split_all(sources, kind=kind) == alone
    assert split_all([], kind=kind) == []


def test_kinds_may_alternate_in_one_stream(pipelines):
    texts = [("Prerequisites\nstatics", "syllabus"), ("Requirements\nPLC programming", "posting")] * 3

    def docs():
        for text, kind in texts:
            doc = pipelines["en"].make_doc(text)
            doc._.kind = kind
            yield doc

    together = [doc.user_data["sections"] for doc in pipelines["en"].pipe(docs(), batch_size=4)]
    alone = [pipelines["en"](doc).user_data["sections"] for doc in docs()]
    assert together == alone and together[0] != together[1]


def test_what_is_known_of_words_starts_anew_beyond_a_limit(monkeypatch):
    model = bundled_model("posting")
    passages = [
        Passage(text, cut_at_headings(text, kind="posting")[0]) for text in ("You weld pipes", "We offer a canteen")
    ]
    expected = model.scorer.sums(passages)
    monkeypatch.setattr("skillmatch.role_scores._MOST_WORDS", 2)
    for passage, row in zip(passages * 2, [*expected, *expected], strict=True):
        new = Passage(passage.text + " qqzx", passage.stretches)
        model.scorer.sums([Passage("zzqx", [*cut("zzqx")]), new])
        np.testing.assert_array_equal(model.scorer.sums([passage])[0], row)
