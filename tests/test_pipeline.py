"""What is found in texts, where, and with which strength."""

import pandas as pd
import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st

import skillmatch
from skillmatch.errors import InputError
from skillmatch.mentions import MENTION_COLUMNS, extract
from skillmatch.pipeline import Pipelines
from skillmatch.taxonomy import Alias, Skill, Taxonomy
from tests.conftest import documents


@pytest.fixture(scope="module")
def nlp():
    return {language: skillmatch.load("manufacturing", lang=language) for language in ("en", "it")}


def found(nlp, text):
    doc = nlp(text)
    return [(span.text, span.kb_id_) for span in doc.spans["skills"]]


@pytest.mark.parametrize(
    ("language", "text", "skill_id"),
    [
        ("en", "programming of the PLCs", "plc-programming"),
        ("en", "we use scada daily", "scada"),
        ("en", "Preventive-maintenance plans", "preventive-maintenance"),
        ("it", "programmazione dei PLC", "plc-programming"),
        ("it", "esperto dell'automazione industriale", "industrial-automation"),
        ("it", "esperto dell’automazione industriale", "industrial-automation"),
        ("it", "conoscenza delle macchine utensili", "machine-tools"),
        ("it", "uso di machine learning in produzione", "machine-learning"),
        ("it", "manutenzioni preventive degli impianti", "preventive-maintenance"),
    ],
)
def test_names_are_found_in_their_other_forms(nlp, language, text, skill_id):
    assert skill_id in [skill for _, skill in found(nlp[language], text)]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "go to the office and draw a base line"),
        ("en", "a line of text, based on the process"),
        ("it", "ogni mese sei in sede per la prova"),
        ("it", "il saldo del conto"),
    ],
)
def test_ordinary_words_are_no_skills(nlp, language, text):
    assert found(nlp[language], text) == []


def test_the_longest_name_wins(tiny):
    nlp = skillmatch.load(tiny)
    assert found(nlp, "PLC programming with TIA Portal") == [("PLC programming", "plc"), ("TIA Portal", "tia")]


def test_of_names_that_run_into_each_other_the_narrower_skill_wins(nlp):
    assert found(nlp["it"], "attività di manutenzione correttiva") == [
        ("manutenzione correttiva", "corrective-maintenance")
    ]


def test_italian_capitals_behind_a_hyphen(nlp):
    assert found(nlp["it"], "FRAMEWORK BACK-END") == [("BACK-END", "backend-development")]


@pytest.mark.parametrize(
    "text", ["A mark of C or better in the course", "A = 80, B = 70, C = 60", "MATH 308 or STAT 210"]
)
def test_marks_and_codes_of_courses_are_no_skills(text):
    assert extract(documents(text, kind="syllabus")).empty


@pytest.mark.parametrize("text", ["Salary range: PHP 40,000 - PHP 80,000", "30,000-40,000 php a month"])
def test_a_currency_is_no_programming_language(nlp, text):
    assert found(nlp["en"], text) == []


@pytest.mark.parametrize(
    ("text", "skills"),
    [
        ("C#/.NET", ["csharp", "dotnet"]),
        ("Node.js/React", ["nodejs", "react"]),
        ("[PLC](https://www.plc.it/scada/plc)", ["plc-programming"]),
        ("|PLC|SCADA|", ["plc-programming", "scada"]),
    ],
)
def test_signs_between_names_and_addresses(nlp, text, skills):
    assert [skill for _, skill in found(nlp["en"], text)] == skills


def test_prepositions_in_a_text_in_capitals(nlp):
    assert found(nlp["it"], "INTRODUCE GLI STUDENTI AI PROBLEMI") == []
    assert found(nlp["it"], "esperto AI")[0][1] == "artificial-intelligence"


def test_english_possessives_are_skipped(nlp):
    assert found(nlp["en"], "understand the customer's needs")[0][1] == "customer-needs-analysis"


def test_exact_names_mind_upper_case(tiny):
    nlp = skillmatch.load(tiny)
    assert found(nlp, "R and r") == [("R", "r")]


def test_weak_names_need_a_skill_of_their_group(tiny):
    nlp = skillmatch.load(tiny)
    assert found(nlp, "turning points; PLC") == [("PLC", "plc")]
    assert found(nlp, "turning, lathe turning") == [("turning", "turning"), ("lathe turning", "turning")]


def test_exact_names_of_several_words_may_be_capital(nlp):
    words = {text for text, skill in found(nlp["en"], "Operating Systems, OPERATING SYSTEMS, operated systems")}
    assert words == {"Operating Systems", "OPERATING SYSTEMS"}


def test_names_may_be_of_one_kind_of_document():
    taxonomy = Taxonomy(
        "t", [Skill("e", {"en": "science of economies"}, {"en": (Alias.parse("economics @syllabus"),)})]
    )
    nlp = skillmatch.load(taxonomy)
    for kind, expected in (("posting", []), ("syllabus", ["economics"])):
        doc = nlp.make_doc("A course of economics")
        doc._.kind = kind
        assert [span.text for span in nlp(doc).spans["skills"]] == expected


@pytest.mark.parametrize("text", ["lathe. turning", "lathe, turning", "lathe\nturning", "lathe\n- turning"])
def test_punctuation_and_line_ends_end_a_phrase(tiny, text):
    assert found(skillmatch.load(tiny), text) == []


@pytest.mark.parametrize(
    ("kind", "text", "strength"),
    [
        ("posting", "Requirements:\nPLC programming", "required"),
        ("posting", "PLC programming is a plus.", "preferred"),
        ("posting", "Nice to have:\n- driving licence\n- PLC programming", "preferred"),
        ("posting", "No PLC programming required.", "negated"),
        ("posting", "PLC programming is not required.", "negated"),
        ("posting", "About us:\nWe live for PLC programming", "mentioned"),
        ("syllabus", "Contents:\nPLC programming", "taught"),
        ("syllabus", "Prerequisites:\nPLC programming", "assumed"),
        ("syllabus", "Basic knowledge of PLC programming is assumed.", "assumed"),
    ],
)
def test_strength_in_english(tiny, kind, text, strength):
    mentions = extract(documents(text, kind=kind), taxonomy=tiny)
    assert mentions["strength"].tolist() == [strength]


@pytest.mark.parametrize(
    ("kind", "text", "strength"),
    [
        ("posting", "Requisiti:\nprogrammazione PLC", "required"),
        ("posting", "Costituisce titolo preferenziale la programmazione PLC.", "preferred"),
        ("posting", "Gradita la programmazione PLC", "preferred"),
        ("posting", "Non è richiesta la programmazione PLC", "negated"),
        ("posting", "Chi siamo\nazienda di programmazione PLC", "mentioned"),
        ("syllabus", "Prerequisiti\nprogrammazione PLC", "assumed"),
        ("syllabus", "Obiettivi formativi\nprogrammazione PLC", "taught"),
    ],
)
def test_strength_in_italian(tiny, kind, text, strength):
    mentions = extract(documents(text, kind=kind, language="it"), taxonomy=tiny)
    assert mentions["strength"].tolist() == [strength]


def test_a_cue_reaches_its_own_sentence_only(tiny):
    mentions = extract(documents("PLC programming needed. TIA Portal is a plus."), taxonomy=tiny)
    assert mentions[["skill_id", "strength"]].values.tolist() == [["plc", "required"], ["tia", "preferred"]]


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("List the languages of PLC programming", 1),
        ("Design a PLC programming exercise", 6),
        ("PLC programming", None),
        ("Explain pumps. PLC programming", None),
    ],
)
def test_level_comes_from_the_verb_before(tiny, text, level):
    (found,) = extract(documents(text, kind="syllabus"), taxonomy=tiny)["level"]
    assert (None if pd.isna(found) else found) == level


def test_a_language_of_one_letter_may_end_a_sentence():
    doc = skillmatch.load("manufacturing")(
        "Requirements: Java, programming in C. Python and R.\nBook: R. Dorf, Design."
    )
    found = [(span.text, span.kb_id_) for span in doc.spans["skills"]]
    assert ("programming in C", "c-language") in found
    assert [text for text, skill in found if skill == "r-language"] == ["R"]


def test_spans_carry_the_attributes(tiny):
    doc = skillmatch.load(tiny)("Requirements:\nPLC programming is a plus")
    (span,) = doc.spans["skills"]
    assert (span.label_, span.kb_id_) == ("PLC programming", "plc")
    assert (span._.section, span._.strength, span._.level) == ("preferred", "preferred", None)
    assert 0 < span._.probability <= 1


def test_a_saved_pipeline_finds_the_same(tiny, tmp_path):
    nlp = skillmatch.load(tiny, lang="it")
    nlp.to_disk(tmp_path / "saved")
    again = spacy.load(tmp_path / "saved")
    text = "Si richiede la programmazione dei PLC con TIA Portal"
    assert found(again, text) == found(nlp, text) == [("programmazione dei PLC", "plc"), ("TIA Portal", "tia")]


def test_components_are_found_by_their_entry_points():
    nlp = spacy.blank("it")
    nlp.add_pipe("skillmatch_matcher")
    assert found(nlp, "saldatura TIG") == [("saldatura TIG", "tig-welding")]


def test_an_unknown_language_is_refused():
    with pytest.raises(InputError, match="'de'"):
        skillmatch.load(lang="de")


def test_the_table_is_in_document_order_also_with_languages_mixed(tiny):
    table = documents("PLC", "PLC", "TIA Portal, PLC", language=["en", "it", "en"])
    mentions = extract(table, taxonomy=tiny)
    assert tuple(mentions.columns) == MENTION_COLUMNS
    assert mentions[["document_id", "start", "skill_id"]].values.tolist() == [
        ["p1", 0, "plc"], ["p2", 0, "plc"], ["p3", 0, "tia"], ["p3", 12, "plc"],
    ]  # fmt: skip


def test_no_mentions_is_an_empty_table(tiny):
    mentions = extract(documents("nothing here"), taxonomy=tiny)
    assert len(mentions) == 0
    assert tuple(mentions.columns) == MENTION_COLUMNS


WORDS = st.sampled_from(
    ["PLC", "programming", "programmazione", "dei", "TIA", "Portal", "lathe", "turning", "R", ",", ".", "\n", "-", "/",
     "dell'", "’", "é", "🙂", "\u200b", "Requirements:", "no", "required", "a plus", "\t", "&", "industrial automation"]
)  # fmt: skip


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.lists(WORDS, max_size=30), st.sampled_from(["", " "]), st.sampled_from(["en", "it"]))
def test_offsets_are_the_mention_always(tiny, words, glue, language):
    text = glue.join(words)
    pipelines = PIPELINES.setdefault("tiny", Pipelines(tiny))
    for kind in ("posting", "syllabus"):
        mentions = extract(documents(text, kind=kind, language=language), pipelines=pipelines)
        for row in mentions.itertuples():
            assert text[row.start : row.end] == row.text
            assert row.text.strip() == row.text != ""
        ends = [0, *mentions["end"]]
        assert all(start >= end for start, end in zip(mentions["start"], ends, strict=False))


PIPELINES: dict[str, Pipelines] = {}


def test_words_that_only_look_like_a_skill_are_none(nlp):
    for language, words in (
        ("en", "We offer flexible hours to the sales team"),
        ("it", "flessibilità oraria nel punto vendita"),
    ):
        assert found(nlp[language], words) == []
