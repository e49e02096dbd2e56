"""Readers: every format into the same table, with exact values; nothing is lost on the way."""

import json
import random
import tempfile
import unicodedata
import zipfile
from pathlib import Path

import docx
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from hypothesis import example, given, settings
from hypothesis import strategies as st

from skillmatch.documents import (
    CLUSTER_COLUMNS,
    DOCUMENT_COLUMNS,
    DUPLICATE_COLUMNS,
    SKIPPED_COLUMNS,
    Reading,
    read_documents,
)
from skillmatch.documents.columns import ColumnMap
from skillmatch.documents.records import read_records
from skillmatch.documents.tables import column_names
from skillmatch.errors import EmptyError, InputError, SkillmatchError
from skillmatch.privacy import mask_contacts
from skillmatch.text import clean

WELDER = "We look for a welder with experience in TIG welding of stainless steel for our plant in Pistoia"
SALDATORE = "Cerchiamo un saldatore con esperienza nella saldatura TIG dell'acciaio per la sede di Pistoia"
GERMAN = (
    "Wir suchen einen Schweißer mit Erfahrung im Schweißen von Edelstahl für unser Werk in München. Sie arbeiten im "
    "Team mit der Produktion und lesen technische Zeichnungen. Wir bieten einen unbefristeten Vertrag."
)
SPANISH = (
    "Buscamos un soldador con experiencia en soldadura de acero inoxidable para nuestra planta en Sevilla. El "
    "candidato trabajará con los responsables de producción y deberá interpretar planos técnicos."
)
FRENCH = (
    "Nous recherchons un soudeur avec une expérience dans le soudage de l'acier inoxydable pour notre usine de Lyon. "
    "Vous travaillerez en équipe avec les responsables de la production et le bureau d'études."
)


def read(path, kind="posting", **options) -> Reading:
    """A reading whose counts add up and whose tables have their columns."""
    found = read_documents(path, kind=kind, **options)
    counts = found.counts
    assert counts["read"] == counts["processed"] + counts["duplicates"] + counts["skipped"]
    assert tuple(found.documents.columns[: len(DOCUMENT_COLUMNS)]) == DOCUMENT_COLUMNS
    assert tuple(found.skipped.columns) == SKIPPED_COLUMNS
    assert tuple(found.duplicates.columns) == DUPLICATE_COLUMNS
    assert found.documents["document_id"].is_unique
    return found


def counts(found: Reading) -> tuple[int, int, int, int]:
    return tuple(found.counts.values())


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def only(found: Reading) -> dict:
    assert len(found.documents) == 1
    return found.documents.iloc[0].to_dict()


def make_pdf(*pages: list[str], title: str = "", encrypt: str = "") -> bytes:
    """A PDF with lines of text on each page; ``encrypt`` is the body of an encryption dictionary."""
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, lines in enumerate(pages):
        shown = " ".join(f"1 0 0 1 40 {780 - 14 * i} Tm ({line}) Tj" for i, line in enumerate(lines))
        stream = f"BT /F1 9 Tf {shown} ET"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {5 + 2 * number} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    objects.append(f"<< /Title ({title}) >>")
    trailer = f"/Size {len(objects) + 1} /Root 1 0 R /Info {len(objects)} 0 R"
    if encrypt:
        objects.append(encrypt)
        trailer = trailer.replace(f"/Size {len(objects)}", f"/Size {len(objects) + 1}")
        trailer += f" /Encrypt {len(objects)} 0 R /ID [<{'00' * 16}> <{'00' * 16}>]"
    out, offsets = "%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n<< {trailer} >>\nstartxref\n{len(out)}\n"
    return f"{out}{end}%%EOF\n".encode("latin-1")


# Tables


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_with_each_delimiter(tmp_path, delimiter):
    rows = [["id", "title", "description"], ["7", "Welder", WELDER], ["8", "Cook", "food for the canteen"]]
    path = write(tmp_path, "jobs.csv", "".join(delimiter.join(row) + "\r\n" for row in rows))
    found = read(path)
    assert found.documents.to_dict("records") == [
        {"document_id": "7", "kind": "posting", "title": "Welder", "text": f"Welder\n\n{WELDER}", "language": "en",
         "source": "jobs.csv", "row": "1"},
        {"document_id": "8", "kind": "posting", "title": "Cook", "text": "Cook\n\nfood for the canteen",
         "language": "en", "source": "jobs.csv", "row": "2"},
    ]  # fmt: skip
    assert counts(found) == (2, 2, 0, 0)


def test_tsv_is_split_at_tabs_whatever_its_header_holds(tmp_path):
    path = write(tmp_path, "jobs.tsv", f"title\ttext\tplaces, at most; about\nWelder\t{WELDER}\t3, 4; 5\n")
    assert only(read(path))["places, at most; about"] == "3, 4; 5"


def test_csv_field_with_line_breaks_delimiters_and_quotes(tmp_path):
    path = write(tmp_path, "jobs.csv", 'id,text\n1,"one; ""two"", three\nfour"\n\n2,"five"\n')
    found = read(path)
    assert list(found.documents["text"]) == ['one; "two", three\nfour', "five"]
    assert list(found.documents["row"]) == ["1", "2"]
    assert counts(found) == (2, 2, 0, 0)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "iso8859-15", "utf-16", "utf-16-le-bom"])
def test_encodings(tmp_path, encoding):
    text = "id;Titolo;Descrizione\n1;Perito;Si richiede capacità di lettura del disegno: è così, perché sì\n"
    data = b"\xff\xfe" + text.encode("utf-16-le") if encoding.endswith("bom") else text.encode(encoding)
    document = only(read(write(tmp_path, "a.csv", data)))
    assert document["text"] == "Perito\n\nSi richiede capacità di lettura del disegno: è così, perché sì"
    assert (document["document_id"], document["language"]) == ("1", "it")


def test_one_broken_byte_does_not_change_the_encoding_of_the_rest(tmp_path):
    data = "text\nla qualità è già così perché la citt".encode() + b"\xc3\n"
    assert only(read(write(tmp_path, "a.csv", data)))["text"] == "la qualità è già così perché la citt\ufffd"


def test_repeated_and_unnamed_columns_are_kept_apart(tmp_path):
    path = write(tmp_path, "a.csv", "id,text,note,note,\n1,TIG welding,first,second,third\n")
    document = only(read(path))
    assert (document["note"], document["note 4"]) == ("first", "second")
    assert "" not in document


@pytest.mark.parametrize(
    "data",
    [
        [{"id": 1, "title": "Welder", "text": WELDER}, {"id": 2, "title": "Cook", "text": "pasta", "ects": 6.0}],
        {"source": "x", "courses": [{"id": 1, "title": "Welder", "text": WELDER},
                                    {"id": 2, "title": "Cook", "text": "pasta", "ects": 6.0}]},
    ],
)  # fmt: skip
def test_json_list_and_object_with_a_list(tmp_path, data):
    found = read(write(tmp_path, "a.json", json.dumps(data)), kind="syllabus")
    assert list(found.documents["document_id"]) == ["1", "2"]
    assert list(found.documents["text"]) == [f"Welder\n\n{WELDER}", "Cook\n\npasta"]
    assert list(found.documents["ects"]) == ["", "6"]
    assert counts(found) == (2, 2, 0, 0)


def test_a_course_with_parts_is_one_document_in_one_language(tmp_path):
    course = {
        "nome": "Saldatura",
        "descrizione": {"it": "saldatura TIG", "en": "TIG welding"},
        "programma": [{"titolo": "MIG", "ore": 2}, {"titolo": "MAG"}],
    }
    document = only(read(write(tmp_path, "a.json", json.dumps(course)), kind="syllabus", language="it"))
    assert document["text"] == "Saldatura\n\nsaldatura TIG\n\nContents:\nMIG\n2\nMAG"


def test_json_values_become_text(tmp_path):
    record = {"text": ["TIG welding", None, {"name": "MIG"}, {"x": 1}], "draft": True, "share": 0.5}
    document = only(read(write(tmp_path, "a.json", json.dumps([record])), language="en"))
    assert document["text"] == "TIG welding\n\nMIG\n1"
    assert (document["draft"], document["share"]) == ("True", "0.5")


def test_jsonl_names_the_broken_line_and_reads_the_others(tmp_path):
    lines = ['{"text": "TIG welding"}', "", '{"text": ', "[1]", '{"text": "PLC\u2028 programming"}']
    found = read(write(tmp_path, "a.jsonl", "\n".join(lines)))
    assert list(found.documents["document_id"]) == ["a:1", "a:4"]
    assert list(found.documents["text"]) == ["TIG welding", "PLC\nprogramming"]
    assert found.skipped[["source", "row"]].values.tolist() == [["a.jsonl", "2"], ["a.jsonl", "3"]]
    assert found.skipped["reason"][0].startswith("line 3 is no JSON")
    assert found.skipped["reason"][1] == "record 3 is list, not an object"
    assert counts(found) == (4, 2, 0, 2)


def test_json_records_without_a_text_do_not_stop_those_that_have_one(tmp_path):
    rows = [{"id": "a"}, {"id": "b", "text": "TIG welding"}, {}, {"id": "c", "requirements": "MIG"}]
    found = read(write(tmp_path, "a.json", json.dumps(rows)))
    assert list(found.documents["document_id"]) == ["b", "c"]
    assert list(found.documents["text"]) == ["TIG welding", "Requirements:\nMIG"]
    assert found.skipped[["row", "document_id"]].values.tolist() == [["1", "a"], ["3", "a:3"]]
    assert set(found.skipped["reason"]) == {"no text"}
    assert counts(found) == (4, 2, 0, 2)


def test_json_nested_without_end_or_with_half_a_character_is_one_row(tmp_path):
    deep = "[" * 900 + "]" * 900
    rows = [f'{{"text": {deep}}}', '{"text": "TIG \\ud800 welding", "no\\udfffte": "\\ud83d x"}']
    found = read(write(tmp_path, "a.jsonl", "\n".join(rows)))
    assert only(found)["text"] == "TIG ? welding"
    assert only(found)["no?te"] == "? x"
    assert counts(found) == (2, 1, 0, 1)


def test_parquet(tmp_path):
    path = tmp_path / "a.parquet"
    pd.DataFrame({"id": [1.0, None], "text": [WELDER, None], "tags": [["a", "b"], None]}).to_parquet(path)
    found = read(path)
    assert only(found) | {"text": ""} == {
        "document_id": "1", "kind": "posting", "title": WELDER[:120], "text": "", "language": "en",
        "source": "a.parquet", "row": "1", "tags": "a\nb",
    }  # fmt: skip
    assert found.skipped.to_dict("records") == [
        {"kind": "posting", "source": "a.parquet", "row": "2", "document_id": "a:2", "reason": "no text"}
    ]
    assert counts(found) == (2, 1, 0, 1)


def test_xlsx(tmp_path):
    book = openpyxl.Workbook()
    header = ["Codice", "Insegnamento", "Programma", "CFU"]
    for row in [header, ["A1", "Saldatura", "TIG e MIG", 6], [], ["A2", "Robot"]]:
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    found = read(tmp_path / "a.xlsx", kind="syllabus", language="it")
    document = only(found)
    assert [document[c] for c in ("document_id", "title", "ects", "row")] == ["A1", "Saldatura", "6", "1"]
    assert document["text"] == "Saldatura\n\nContents:\nTIG e MIG"
    assert found.skipped[["row", "document_id", "reason"]].values.tolist() == [["2", "A2", "no text"]]
    assert counts(found) == (2, 1, 0, 1)


def test_xlsx_that_states_a_wrong_size_keeps_all_its_columns(tmp_path):
    book = openpyxl.Workbook()
    for row in [["id", "text"], ["1", "TIG welding"]]:
        book.active.append(row)
    book.save(tmp_path / "right.xlsx")
    with zipfile.ZipFile(tmp_path / "right.xlsx") as right, zipfile.ZipFile(tmp_path / "wrong.xlsx", "w") as wrong:
        for item in right.infolist():
            wrong.writestr(item, right.read(item).replace(b'ref="A1:B2"', b'ref="A1"'))
    assert only(read(tmp_path / "wrong.xlsx"))["text"] == "TIG welding"


def test_column_names_of_a_table_file(tmp_path):
    assert column_names(write(tmp_path, "a.csv", "b;a\n1;2\n")) == {"a", "b"}
    assert column_names(write(tmp_path, "a.json", "{")) == set()
    assert column_names(write(tmp_path, "a.txt", "a")) == set()


# Columns


@pytest.mark.parametrize(
    ("kind", "columns", "fields", "sections"),
    [
        ("posting", "Job ID|Job Title|Job Description|Company|Date posted|Region|Industry|Salary",
         "document_id title text employer date region sector", ""),
        ("posting", "id annuncio|Qualifica|Descrizione|Azienda|Data|Regione|Settore|Note",
         "document_id title text employer date region sector", ""),
        ("posting", "Role of Job|Responsibilities|Qualifications|Nice to have|Benefits", "title",
         "Responsibilities Requirements Nice_to_have Benefits"),
        ("posting", "posizione|Mansioni|Requisiti|Offriamo", "title", "Responsibilities Requirements Benefits"),
        ("syllabus",
         "Course code|Course title|Learning Outcomes|Content|Prerequisites|Assessment|Textbooks|ECTS|Programme",
         "document_id title ects programme", "Learning_outcomes Contents Prerequisites Assessment Bibliography"),
        ("syllabus",
         "Codice insegnamento|Insegnamento|Obiettivi formativi|Programma|Propedeuticità|Modalità di verifica|"
         "Testi di riferimento|CFU|Corso di Laurea|Ateneo",
         "document_id title ects programme", "Learning_outcomes Contents Prerequisites Assessment Bibliography"),
    ],
)  # fmt: skip
def test_columns_are_recognised_in_english_and_italian(kind, columns, fields, sections):
    found = ColumnMap(columns.split("|"), kind=kind)
    assert set(found.fields) == set(fields.split())
    assert set(found.sections) == {name.replace("_", " ") for name in sections.split()}
    taken = {*found.fields.values(), *found.sections.values()}
    assert list(found.metadata) == [column for column in columns.split("|") if column not in taken]


def test_chosen_columns_go_before_names_and_metadata_is_kept(tmp_path):
    path = write(tmp_path, "a.csv", "ref,title,text,was,province\n9,Welder,internal note,TIG welding,Pistoia\n")
    document = only(read(path, columns={"text": "was", "document_id": "ref"}))
    assert (document["document_id"], document["text"]) == ("9", "Welder\n\nTIG welding")
    assert (document["province"], document["text_stated"]) == ("Pistoia", "internal note")


def test_metadata_named_like_our_own_columns_hides_nothing(tmp_path):
    header = "text,kind,language,source,row,problem,reason,duplicate_of"
    path = write(tmp_path, "a.csv", f"{header}\nTIG welding,k,l,s,r,p,e,d\n,k,l,s,r,p,e,d\nTIG welding,k,l,s,r,p,e,d\n")
    found = read(path)
    document = only(found)
    assert [document[c] for c in ("kind", "language", "source", "row")] == ["posting", "en", "a.csv", "1"]
    assert [document[f"{c}_stated"] for c in ("kind", "language", "source", "row")] == ["k", "l", "s", "r"]
    assert [document[c] for c in ("problem", "reason", "duplicate_of")] == ["p", "e", "d"]
    assert found.skipped[["kind", "row", "reason"]].values.tolist() == [["posting", "2", "no text"]]
    assert found.duplicates[["row", "duplicate_of"]].values.tolist() == [["3", "a:1"]]
    assert counts(found) == (3, 1, 1, 1)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"text": "Body"}, "a.csv: no column 'Body' for text (found: id, words); name a column that is there"),
        ({"words": "words"}, "--column words=words: no field 'words'; use document_id, title, text"),
        (None, "a.csv: no column with the text of the documents (found: id, words); name it with --column text=NAME"),
    ],
)
def test_columns_that_are_not_there(tmp_path, columns, message):
    path = write(tmp_path, "a.csv", "id,words\n1,TIG welding\n")
    with pytest.raises(InputError) as caught:
        read_documents(path, kind="posting", columns=columns)
    assert str(caught.value).startswith(message)


# Documents


def test_folder_is_read_in_name_order_with_all_below_it(tmp_path):
    write(tmp_path, "b.txt", f"\n\nWelder\n\n{WELDER}\n")
    write(tmp_path, "a/course.md", "# Saldatura\n\n**Obiettivi**\n\n* saldatura \\- TIG\n* uso del *robot*\n")
    write(tmp_path, "a/jobs.csv", f"text\n{WELDER} and in Prato or Lucca\n")
    write(tmp_path, "c.png", b"\x89PNG")
    write(tmp_path, ".hidden/x.txt", "hidden")
    write(tmp_path, "_draft.txt", "draft")
    found = read(tmp_path, kind="syllabus")
    assert found.documents[["document_id", "title", "source", "row", "language"]].values.tolist() == [
        ["a/course", "Saldatura", "a/course.md", "", "it"],
        ["jobs:1", f"{WELDER} and in Prato or Lucca"[:120], "a/jobs.csv", "1", "en"],
        ["b", "Welder", "b.txt", "", "en"],
    ]
    assert found.documents["text"][0] == "Saldatura\n\nObiettivi\n\n- saldatura - TIG\n- uso del *robot*"
    assert found.documents["text"][2] == f"Welder\n\n{WELDER}"
    assert found.skipped[["source", "row"]].values.tolist() == [["c.png", ""]]
    assert "files of the type '.png' are not read" in found.skipped["reason"][0]
    assert counts(found) == (4, 3, 0, 1)


def test_several_sources_are_one_reading(tmp_path):
    one, two = write(tmp_path, "a.txt", "TIG welding"), write(tmp_path, "b.csv", "text\nPLC programming\n")
    assert list(read([one, str(two)]).documents["document_id"]) == ["a", "b:1"]


def test_lines_broken_by_the_margin_are_joined_and_others_are_not(tmp_path):
    text = (
        "We are looking for somebody who has experience with\nPLC programming and with the commissioning of "
        "automatic\nlines in Italy and abroad.\nwelding\nturning\n"
    )
    assert only(read(write(tmp_path, "a.txt", text)))["text"] == (
        "We are looking for somebody who has experience with\nPLC programming and with the commissioning of "
        "automatic lines in Italy and abroad.\nwelding\nturning"
    )


def test_html_without_navigation_and_scripts(tmp_path):
    page = """<!doctype html><html><head><title>Jobs | ACME</title><style>p {}</style></head><body>
      <header><h1>TIG &amp; MIG
        welder</h1></header><nav><ul><li>Home</li></ul></nav>
      <main><p>We look for
        a <b>welder</b>.</p><h2>Requirements</h2>
      <ul>
        <li>TIG welding</li>
        <li><p>reading of <i>drawings</i></p></li>
      </ul><table><tr><td>Contract</td><td>permanent</td></tr></table>
      <pre>one
two</pre>first<br>second<script>var a = "<li>";</script></main><footer>Privacy</footer></body></html>"""
    document = only(read(write(tmp_path, "job.html", page)))
    assert document["title"] == "TIG & MIG welder"
    assert document["text"] == (
        "TIG & MIG welder\n\nWe look for a welder.\n\nRequirements\n- TIG welding\n- reading of drawings\n"
        "Contract\npermanent\none\ntwo\nfirst\nsecond"
    )


def test_docx_keeps_the_order_of_headings_lists_and_tables(tmp_path):
    document = docx.Document()
    document.add_paragraph("Robotics", style="Title")
    document.add_heading("Learning outcomes", level=1)
    document.add_paragraph("program a robot", style="List Bullet")
    document.add_paragraph("choose sensors", style="List Number")
    table = document.add_table(rows=3, cols=2)
    for at, text in {(0, 0): "Contents", (0, 1): "PLC", (1, 1): "PLC"}.items():
        table.cell(*at).text = text
    table.cell(0, 0).merge(table.cell(1, 0))
    table.cell(2, 0).merge(table.cell(2, 1)).text = "Week 3: kinematics"
    document.add_paragraph("Assessment by written test")
    document.save(tmp_path / "robotics.docx")
    found = only(read(tmp_path / "robotics.docx", kind="syllabus"))
    assert (found["document_id"], found["title"]) == ("robotics", "Robotics")
    assert found["text"] == (
        "Robotics\n\nLearning outcomes\n- program a robot\n- choose sensors\nContents\nPLC\nPLC\n"
        "Week 3: kinematics\nAssessment by written test"
    )


def test_docx_content_controls_and_insertions_are_text_too(tmp_path):
    document = docx.Document()
    control, content, inserted = (OxmlElement(f"w:{name}") for name in ("sdt", "sdtContent", "ins"))
    paragraph = document.add_paragraph("PLC programming")
    paragraph._p.addprevious(control)
    control.append(content)
    content.append(paragraph._p)
    changed = document.add_paragraph("TIG ")
    inserted.append(changed.add_run("welding")._r)
    changed._p.append(inserted)
    deleted = changed.add_run("brazing")._r
    deleted.find(qn("w:t")).tag = qn("w:delText")
    document.save(tmp_path / "a.docx")
    assert only(read(tmp_path / "a.docx"))["text"] == "PLC programming\nTIG welding"


def test_pdf(tmp_path):
    contents = [
        [
            "Robotics",
            "Students program an industrial robot and choose the sensors that its mecha-",
            "tronic cell needs.",
        ],
        ["Assessment: written test"],
        ["Reading: a textbook"],
    ]
    pages = [["Department of Engineering", *lines, f"page {i}"] for i, lines in enumerate(contents, start=1)]
    path = write(tmp_path, "a.pdf", make_pdf(*pages, title="Microsoft Word - Robotics.docx"))
    document = only(read(path, kind="syllabus"))
    assert (document["document_id"], document["title"], document["source"]) == ("a", "Robotics", "a.pdf")
    assert document["text"] == (
        "Robotics\nStudents program an industrial robot and choose the sensors that its mechatronic cell needs.\n"
        "Assessment: written test\nReading: a textbook"
    )


JOB = {
    "@context": "https://schema.org", "@type": "JobPosting", "title": "Saldatore", "datePosted": "2024-05-01",
    "identifier": {"@type": "PropertyValue", "name": "ACME", "value": "77"},
    "hiringOrganization": {"@type": "Organization", "name": "ACME"},
    "jobLocation": {"@type": "Place", "address": {"addressLocality": "Pistoia", "addressRegion": "Toscana"}},
    "description": "<p>Cerchiamo un saldatore</p><ul><li>saldatura TIG</li><li>lettura del disegno</li></ul>",
    "qualifications": ["patente B"],
}  # fmt: skip
COURSE = {"@type": ["Course"], "courseCode": "B12", "name": "Robotics", "teaches": ["ROS", {"name": "kinematics"}],
          "numberOfCredits": 6, "provider": {"name": "University"}}  # fmt: skip


def check_job(document):
    assert (document["document_id"], document["title"], document["employer"]) == ("ACME, 77", "Saldatore", "ACME")
    assert (document["date"], document["location"], document["language"]) == ("2024-05-01", "Pistoia, Toscana", "it")
    assert document["text"] == (
        "Saldatore\n\nCerchiamo un saldatore\n\n- saldatura TIG\n- lettura del disegno\n\nRequirements:\npatente B"
    )


def test_schema_org_job_and_course_in_json(tmp_path):
    check_job(only(read(write(tmp_path, "job.json", json.dumps(JOB)))))
    found = read(write(tmp_path, "courses.json", json.dumps({"@graph": [{"@type": "Thing"}, COURSE]})), kind="syllabus")
    document = only(found)
    assert (document["document_id"], document["title"], document["ects"]) == ("B12", "Robotics", "6")
    assert document["text"] == "Robotics\n\nLearning outcomes:\nROS\nkinematics"
    assert document["provider"] == "University"


def test_schema_org_in_a_page_goes_before_the_page(tmp_path):
    scripts = "".join(f'<script type="application/ld+json">{s}</script>' for s in ("{broken", json.dumps(JOB)))
    check_job(only(read(write(tmp_path, "job.html", f"<body>{scripts}<p>Accept cookies</p></body>"))))


def test_schema_org_without_a_text_leaves_it_to_the_page(tmp_path):
    data = json.dumps({"@type": "Course", "name": "Robotics", "courseCode": "B12"})
    page = f'<body><script type="application/ld+json">{data}</script><h1>Robotics</h1><p>ROS and PLC</p></body>'
    document = only(read(write(tmp_path, "a.html", page), kind="syllabus"))
    assert (document["document_id"], document["text"]) == ("B12", "Robotics\nROS and PLC")


def test_schema_org_with_strange_types_is_passed_over(tmp_path):
    found = read(write(tmp_path, "a.json", json.dumps([{"@type": [{"a": 1}], "text": "TIG welding"}])))
    assert only(found)["text"] == "TIG welding"


# Ids, duplicates, languages


def test_repeated_ids_are_made_unique_and_never_take_another_id(tmp_path):
    path = write(tmp_path, "a.csv", "id,text\n1,TIG welding\n1#2,MIG welding\n1,turning\n1,milling\n,grinding\n")
    assert list(read(path).documents["document_id"]) == ["1", "1#2", "1#3", "1#4", "a:5"]


def test_near_duplicates_are_set_aside_with_the_first_id(tmp_path):
    texts = [WELDER, "PLC programming", f"{WELDER}!!", f"{WELDER} now", f"{WELDER} NOW"]
    rows = "".join(f"{i},{text}\n" for i, text in zip("abcde", texts, strict=True))
    found = read(write(tmp_path, "a.csv", f"id,text\n{rows}"))
    assert list(found.documents["document_id"]) == ["a", "b"]
    assert found.duplicates[["document_id", "duplicate_of", "row"]].values.tolist() == [
        ["c", "a", "3"], ["d", "a", "4"], ["e", "a", "5"],
    ]  # fmt: skip
    assert found.duplicates["similarity"][0] == 1.0
    assert all(found.duplicates["similarity"].between(0.7, 1))
    assert counts(found) == (5, 2, 3, 0)


def test_what_was_posted_again_makes_clusters(tmp_path):
    texts = [WELDER, "PLC programming", f"{WELDER}!!", f"{WELDER} now", "PLC, programming"]
    employers = ["Alfa", "Beta", "Gamma", "Alfa", ""]
    rows = "".join(f"{i},{text!r},{who}\n" for i, text, who in zip("abcde", texts, employers, strict=True))
    found = read(write(tmp_path, "a.csv", f"id,text,employer\n{rows}".replace("'", '"')))
    assert tuple(found.clusters.columns) == CLUSTER_COLUMNS
    first, second = found.clusters.to_dict("records")
    assert (first["document_id"], first["copies"], first["repeated_by"]) == ("a", 2, "c; d")
    assert first["employers"] == "Alfa; Gamma"
    assert first["least"] == found.duplicates["similarity"].min() < 1
    assert (second["document_id"], second["copies"], second["least"], second["employers"]) == ("b", 1, 1.0, "Beta")


def test_texts_without_a_word_are_read_too(tmp_path):
    found = read(write(tmp_path, "a.csv", "id,text\na,!!!\nb,???\nc,TIG welding\n"))
    assert counts(found) == (3, 2, 1, 0)


def test_one_course_in_two_programmes_is_two_and_in_one_programme_one(tmp_path):
    programmes = {"A": "Mechanical", "B": "Electronic", "C": "Electronic"}
    rows = "".join(f"{i},Physics,mechanics and heat,{programme}\n" for i, programme in programmes.items())
    found = read(write(tmp_path, "a.csv", f"id,title,contents,programme\n{rows}"), kind="syllabus")
    assert found.documents[["document_id", "programme"]].values.tolist() == [["A", "Mechanical"], ["B", "Electronic"]]
    assert found.duplicates[["document_id", "duplicate_of", "similarity"]].values.tolist() == [["C", "B", 1.0]]
    assert counts(found) == (3, 2, 1, 0)


def test_languages_are_detected_and_others_are_skipped(tmp_path):
    path = write(tmp_path, "a.csv", f'id,text\n1,{WELDER}\n2,{SALDATORE}\n3,"{GERMAN}"\n4,TIG\n')
    found = read(path)
    assert found.documents[["document_id", "language"]].values.tolist() == [["1", "en"], ["2", "it"], ["4", "en"]]
    assert found.skipped[["row", "document_id"]].values.tolist() == [["3", "3"]]
    assert found.skipped["reason"][0].startswith("the language seems to be 'de'; en and it are read")
    assert counts(found) == (4, 3, 0, 1)
    forced = read(path, language="it")
    assert set(forced.documents["language"]) == {"it"}
    assert counts(forced) == (4, 4, 0, 0)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (GERMAN, "de"),
        (SPANISH, "es"),
        (FRENCH, "fr"),
    ],
)
def test_languages_with_words_of_italian_are_not_italian(tmp_path, text, language):
    with pytest.raises(EmptyError, match=f"the language seems to be '{language}'"):
        read_documents(write(tmp_path, "a.txt", text), kind="posting")


@pytest.mark.parametrize(("options", "message"), [({"kind": "ad"}, "kind 'ad'"), ({"language": "de"}, "language 'de'")])
def test_unknown_kind_and_language(tmp_path, options, message):
    path = write(tmp_path, "a.txt", "TIG welding")
    with pytest.raises(InputError, match=message):
        read_documents(path, **{"kind": "posting", **options})


def test_nothing_left_says_why(tmp_path):
    path = write(tmp_path, "a.csv", f'id,text\n1,\n2,"{GERMAN}"\n')
    with pytest.raises(EmptyError, match=r"no posting left to work on \(2 read; no text; the language seems to be"):
        read_documents(path, kind="posting")


# Text


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("R&amp;D &amp;amp; PLC&#39;s &lt;b&gt;bold&lt;/b&gt;", "R&D & PLC's bold"),
        ("a&nbsp;b\u3000\u2003c\u00a0 d", "a b c d"),
        ("**C\\+\\+** \\\\- __PLC__ \\#1", "C++ - PLC #1"),
        ("see [PLC programming](https://x.it/a-b) or [1](note)", "see PLC programming or [1](note)"),
        ("snake_case__name and 2**3", "snake_case__name and 2**3"),
        ("## Duties\r\n* one\r\n• two\r•three\n– four\n1. five", "Duties\n- one\n- two\n- three\n- four\n1. five"),
        ("a<br>b<br/>c<p>d</p><ul><li>e</li><li><p>f</p></li></ul>g", "a\nb\nc\nd\n\n- e\n- f\n\ng"),
        ("l\x92azienda \x96 \x93R&D\x94 \x80", 'l\'azienda – "R&D" €'),
        ("sal\u00addatura\u200b \ufeffTIG\x00\x07 e\u0301", "saldatura TIG é"),
        ("\u2714\ufe0f one\n\u2022\ntwo\n\u2022\n\nthree", "- one\n- two\n-\n\nthree"),
        ("name: ________ **PLC**, ****TIG**** x**", "name: ________ PLC, TIG x"),
        ("one \n \n\n  two\t\tthree  ", "one\n\ntwo three"),
        ("5 < 6 and 7 > 6", "5 < 6 and 7 > 6"),
    ],
)
def test_clean(raw, cleaned):
    assert clean(raw) == cleaned


def test_mask_contacts_hides_people_and_keeps_dates_and_figures():
    text = "Call +39 0573 123456 or hr.office@acme-spa.co.it, RSSMRA80A01G713F; 01/02/2024 to 2023-2024, 12,000 euro"
    masked = f"Call {'█' * 15} or {'█' * 24}, {'█' * 16}; 01/02/2024 to 2023-2024, 12,000 euro"
    assert mask_contacts(text) == masked


ODD = "&<>;#\\*_-`~[]() \n\r\t\x00\x0b\x85\u00a0\u2022\u2028\u037e\u1fef\u0301\u3000\ud800xal"
PIECES = [
    "&amp;", "amp;", "&lt;", "&#38;", "#x26;", "<li>", "<p>", "<b", ">", "- ", "* ", "**", "\\", "# ", "[", "](#a)",
    "x", "\n", " ",
]  # fmt: skip
MARKUP = st.text(st.sampled_from(ODD) | st.characters(), max_size=40) | st.lists(
    st.sampled_from(PIECES), max_size=25
).map("".join)
thorough = settings(max_examples=60, deadline=None, derandomize=True)


@settings(thorough, max_examples=300)
@given(MARKUP)
@example("&amp;amp;amp;lt;b&gt;")
@example("&am\u200bp\u037e")
def test_clean_of_clean_text_changes_nothing(text):
    once = clean(text)
    assert clean(once) == once
    assert once.encode() is not None
    assert {c for c in once if c.isspace()} <= {" ", "\n"}
    assert "  " not in once
    assert unicodedata.is_normalized("NFC", once)


@thorough
@given(st.text(max_size=200) | st.text("0123456789+-/(). @aZ\u0663", max_size=60))
def test_mask_contacts_keeps_the_length(text):
    masked = mask_contacts(text)
    assert len(masked) == len(text)
    assert all(new in (old, "█") for old, new in zip(text, masked, strict=True))


CELL = st.text(max_size=12) | st.text(' "\n\r,;\t\x00\x1ca&', max_size=12) | st.just(WELDER) | st.just(GERMAN)


@thorough
@given(rows=st.lists(st.lists(CELL, min_size=1, max_size=4), max_size=6), quoted=st.booleans(), bom=st.booleans())
@example(rows=[['"', "x"], ["", '"a\nb"']], quoted=False, bom=True)
def test_any_csv_is_read_or_refused(rows, quoted, bom):
    def cell(value):
        return '"' + value.replace('"', '""') + '"' if quoted else value

    text = "id,text,note\n" + "\n".join(",".join(map(cell, row)) for row in rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.csv")
        path.write_bytes(text.encode("utf-8-sig" if bom else "utf-8", errors="surrogatepass"))
        try:
            found = read(path)
        except SkillmatchError as error:
            assert "\n" not in str(error)
            return
    if quoted:
        assert found.counts["read"] == len(rows)
    for table in (found.documents, found.duplicates, found.skipped):
        table.to_csv().encode()


@pytest.mark.slow
def test_a_long_parquet_file_does_not_fill_the_memory(tmp_path):
    path = tmp_path / "jobs.parquet"
    draw = random.Random(0)
    words = ["".join(draw.choices("abcdefgh", k=8)) for _ in range(5_000)]
    with pq.ParquetWriter(path, pa.schema([("text", pa.string())])) as file:
        for _ in range(40):
            file.write_table(pa.table({"text": [" ".join(draw.choices(words, k=60)) for _ in range(2_000)]}))
    before = most = pa.total_allocated_bytes()
    rows = 0
    for _ in read_records(path, kind="posting", columns={}):
        rows += 1
        if rows % 500 == 0:
            most = max(most, pa.total_allocated_bytes())
    assert rows == 80_000
    assert most - before < 8_000_000  # a row group has one million bytes
