"""The files of an audit: complete, escaped, the same bytes each time."""

import json
import re

import openpyxl
import pandas as pd
import pytest

import skillmatch
from skillmatch.auditing import Audit
from skillmatch.errors import InputError
from skillmatch.evidence import find_evidence, sentence_around
from skillmatch.output import to_csv, to_jsonl, whole_file, write_table
from skillmatch.report import FILES, render_page, report_facts, write_audit
from skillmatch.report.facts import certainty
from skillmatch.report.texts import TEXTS
from tests.conftest import reading

EVIL = '<script>alert(1)</script> PLC programming & "quotes" =HYPERLINK("x") a@b.example {{ 7*7 }}'


@pytest.fixture(scope="module")
def small(request) -> Audit:
    tiny = request.getfixturevalue("tiny")
    return skillmatch.audit(
        reading(
            EVIL, "PLC programming with R", "lathe turning", title=[EVIL.replace("a@b.example", ""), "=1+1", "third"]
        ),
        reading(
            "Contents:\nR",
            "Contents:\nPLC",
            kind="syllabus",
            programme=["A", "<b>B</b>"],
            title=["one", EVIL.replace("a@b.example", "")],
        ),
        taxonomy=tiny,
    )


def test_all_files_are_written_and_the_same_each_time(small, tmp_path):
    for folder in ("one", "two"):
        write_audit(small, tmp_path / folder, run={"fixed": 1})
    for name in FILES:
        one, two = ((tmp_path / folder / name).read_bytes() for folder in ("one", "two"))
        assert one == two, name
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == sorted(FILES)


def test_run_json_has_counts_that_add_up(small, tmp_path):
    write_audit(small, tmp_path)
    counts = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))["counts"]
    for name in ("postings", "syllabi"):
        of = counts[name]
        assert of["read"] == of["processed"] + of["duplicates"] + of["skipped"] > 0


@pytest.mark.parametrize("language", ["en", "it"])
def test_the_page_escapes_all_that_comes_from_documents(small, language):
    page = render_page(report_facts(small, language=language))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<b>B</b>" not in page
    assert "49" not in re.findall(r"\{\{ 7\*7 \}\}|49", page)
    assert "a@b.example" not in page
    assert f'<html lang="{language}">' in page


def test_the_page_fetches_nothing(small):
    page = render_page(report_facts(small))
    assert re.findall(r'(?:src|href)="(?!#|data:)[^"]*"', page) == []
    assert "url(" not in page
    assert "@import" not in page


def test_every_text_of_the_page_is_there_in_both_languages():
    assert TEXTS["en"].keys() == TEXTS["it"].keys()
    assert all(text for texts in TEXTS.values() for text in texts.values())


def test_ids_in_the_page_are_unique_and_links_lead_somewhere(small):
    page = render_page(report_facts(small))
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)


def test_the_workbook_holds_text_not_formulas(small, tmp_path):
    write_audit(small, tmp_path)
    book = openpyxl.load_workbook(tmp_path / "audit.xlsx")
    assert book.sheetnames[:3] == ["summary", "gaps", "ranking"]
    assert book.sheetnames[-2:] == ["evidence", "skipped"]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert any(cell.value == "'=1+1" for cell in cells)


def test_an_audit_of_postings_without_any_skill_is_still_a_report(tiny, tmp_path):
    result = skillmatch.audit(reading("nothing"), reading("nothing", kind="syllabus"), taxonomy=tiny)
    page = write_audit(result, tmp_path)
    assert TEXTS["en"]["no_gaps"] in page.read_text(encoding="utf-8")


def test_a_file_in_place_of_the_folder_is_refused(small, tmp_path):
    (tmp_path / "taken").write_text("x")
    with pytest.raises(InputError, match="this is a file"):
        write_audit(small, tmp_path / "taken")


def test_certainty():
    assert certainty(2, 0.5, 0.3) == "noise"
    assert certainty(5, 0.5, 0.3) == "indicative"
    assert certainty(30, 0.5, 0.2) == "indicative"
    assert certainty(30, 0.5, 0.4) == "solid"


def test_evidence_takes_other_documents_first_and_the_strong_ones(small):
    found = find_evidence(small.mentions, small.postings.documents, per_skill=2)
    plc = found[found["skill_id"] == "plc"]
    assert sorted(plc["document_id"]) == ["p1", "p2"]
    assert plc["marked"].tolist() == ["PLC programming", "PLC programming"]


def test_long_sentences_are_cut_at_words():
    text = "word " * 200 + "PLC" + " word" * 200
    before, marked, after = sentence_around(text, 1000, 1003)
    assert marked == "PLC"
    assert before.startswith("… word")
    assert after.endswith("word …")
    assert len(before) < 240


def test_csv_neutralises_formulas_and_jsonl_keeps_them():
    table = pd.DataFrame({"text": ["=cmd()", "@x", "fine"], "n": [-1.0, float("nan"), 2.5]})
    assert to_csv(table) == "text,n\n'=cmd(),-1\n'@x,\nfine,2.5\n"
    assert to_jsonl(table).splitlines()[1] == '{"text": "@x", "n": null}'


def test_an_unfinished_file_never_appears(tmp_path):
    path = tmp_path / "out.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError), whole_file(path) as stream:
        stream.write("new")
        raise RuntimeError
    assert path.read_text() == "old"


def test_tables_are_not_written_to_unknown_suffixes(tmp_path):
    with pytest.raises(InputError, match=r"use \.csv"):
        write_table(pd.DataFrame(), tmp_path / "x.doc")


def test_the_demonstration_shows_a_finding_of_each_kind(demo):
    page = (demo / "report.html").read_text(encoding="utf-8")
    english = TEXTS["en"]
    sections = {
        "p1-summary": (english["s_common"], english["s_shallow"], "asked to"),
        "p1-gaps": ("solid", "taught to"),
        "p1-ranking": ("rank",),
        "p1-bundle": (english["bundle_proof"], english["frontier"]),
        "p1-losses": (english["opens"],),
        "p1-by-1": (english["everywhere"], english["small"]),
        "p1-fields": (english["technology"],),
        "beside": ("points of demand",),
        "pairs": ("jewellery CAD",),
        "polarisation": (english["non_routine"],),
        "trends": (english["services"], english["emerging"]),
        "by-1": (english["times"],),
        "skipped": (english["clusters"], english["employers"]),
    }
    for anchor, words in sections.items():
        section = page[page.index(f'<h2 id="{anchor}"') :].split("</section>")[0]
        assert "<li" in section or "<td" in section, anchor
        for word in words:
            assert word in section, (anchor, word)
    assert "&amp;lt;" not in page
