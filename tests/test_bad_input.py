"""What goes wrong with files, through the real command line: one line on stderr, the right exit code, no traceback."""

import io
import os
import subprocess
import sys
import time
import zipfile
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import run_command
from tests.test_documents import make_pdf, write

HEAD = "id,label_en,label_it,broader\n"
TAXONOMY = (
    f"{HEAD}welding,welding,saldatura,\ntig,TIG welding,saldatura TIG,welding\n"
    "plc,PLC programming,programmazione PLC,\n"
)
POSTINGS = "id,title,text\n1,Welder,TIG welding and reading of drawings\n2,Programmer,PLC programming\n"
SYLLABI = "code,title,contents\nA,Welding,TIG welding\n"
#: The entries of owner and user belong to no password at all, so the empty one, which is tried, does not fit.
ENCRYPTION = f"<< /Filter /Standard /V 1 /R 2 /O <{'41' * 32}> /U <{'42' * 32}> /P -4 >>"
SECONDS = 10
CONTENT_TYPES = "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>"


@pytest.fixture
def taxonomy(tmp_path):
    return write(tmp_path, "skills/tiny.csv", TAXONOMY)


run = partial(run_command, seconds=SECONDS)


def refused(done, code: int) -> str:
    """The one line of a refusal."""
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("skillmatch: ")
    assert done.stderr.count("\n") == 1
    assert done.stderr.endswith("\n")
    assert "Traceback" not in done.stderr
    return done.stderr


def extract(path, taxonomy, *options):
    return run("extract", path, "--taxonomy", taxonomy, "--quiet", *options)


def skipped(path, taxonomy, *options) -> tuple[set[str], list[tuple]]:
    """Documents of a run that goes through in which skills were found, and place and reason of what was skipped."""
    table = taxonomy.with_name("skipped.csv")
    done = extract(path, taxonomy, "--skipped", table, "--format", "csv", *options)
    assert (done.returncode, done.stderr) == (0, "")
    mentions = pd.read_csv(io.StringIO(done.stdout), dtype=str)
    rows = pd.read_csv(table, dtype=str, keep_default_na=False)
    return set(mentions["document_id"]), list(rows[["source", "row", "reason"]].itertuples(index=False, name=None))


# Tables as a whole


def test_no_column_with_the_text(tmp_path, taxonomy):
    path = write(tmp_path, "ads.csv", "ref,words\n1,TIG welding\n")
    message = refused(extract(path, taxonomy), 3)
    assert "ads.csv" in message
    assert "found: ref, words" in message
    assert "--column text=NAME" in message


def test_chosen_column_that_is_not_there(tmp_path, taxonomy):
    path = write(tmp_path, "ads.csv", POSTINGS)
    assert "no column 'Body' for text (found: id, title, text)" in refused(
        extract(path, taxonomy, "--column", "text=Body"), 3
    )
    assert "write --column FIELD=NAME" in refused(extract(path, taxonomy, "--column", "Body"), 3)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "", "a.csv: the file is empty"),
        ("a.csv", b"\xef\xbb\xbf", "a.csv: the first row has no column names"),
        ("a.csv", b"\xff\xfe", "a.csv: the first row has no column names"),
        ("a.csv", "\n\n \n", "a.csv: the first row has no column names"),
        ("a.csv", "id,text\n", "a.csv: a header but no rows"),
        ("a.csv", "id,text", "a.csv: a header but no rows"),
        ("a.csv", b"\x89PNG\r\n\x1a\n" + bytes(200), "a.csv: this is a PNG picture, not text"),
        ("a.csv", b"PK\x03\x04" + bytes(200), "a.csv: this is a zip archive"),
        ("a.csv", b"\x7fELF\x02" + bytes(99), "a.csv: this is a program, not text"),
        ("a.csv", bytes(range(256)) * 20, "a.csv: binary data, not text"),
        ("a.csv", bytes(range(1, 256)) * 20, "a.csv: no column with the text of the documents"),
        ("a.csv", '"never closed\nid,text\n1,TIG welding\n', "a.csv: the first row has no column names"),
        ("a.tsv", "id,text\n1,TIG welding\n", "a.tsv: no column with the text of the documents (found: id,text)"),
        ("a.json", "{", "a.json: no readable JSON"),
        ("a.json", "[" * 100_000, "a.json: no readable JSON"),
        ("a.json", "[]", "a.json: no list of objects in it"),
        ("a.json", '"text"', "a.json: no list of objects in it"),
        ("a.json", '{"courses": []}', "a.json: no column with the text of the documents (found: courses)"),
        ("a.jsonl", " \n\n", "a.jsonl: a header but no rows"),
        ("a.xlsx", "PK", "a.xlsx: no readable XLSX file"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0" + bytes(600), "a.xlsx: no readable XLSX file (protected by a password"),
        ("a.parquet", b"PAR1" + bytes(40), "a.parquet: no readable Parquet file"),
        ("a.parquet", "id,text\n1,TIG welding\n", "a.parquet: no readable Parquet file"),
        ("a.odt", "TIG welding", "a.odt: files of the type '.odt' are not read"),
        ("ads", "TIG welding", "ads: files of the type '(none)' are not read"),
    ],
)  # fmt: skip
def test_file_that_is_not_what_its_name_says(tmp_path, taxonomy, name, content, message):
    assert message in refused(extract(write(tmp_path, name, content), taxonomy), 3)


def test_broken_xlsx_and_parquet_in_their_middle(tmp_path, taxonomy):
    table = pd.DataFrame({"id": range(300), "text": [f"TIG welding {i}" for i in range(300)]})
    table.to_excel(tmp_path / "good.xlsx", index=False)
    table.to_parquet(tmp_path / "good.parquet", compression=None)
    with zipfile.ZipFile(tmp_path / "good.xlsx") as good, zipfile.ZipFile(tmp_path / "a.xlsx", "w") as bad:
        for item in good.infolist():
            content = good.read(item)
            bad.writestr(item, content[: len(content) // 2] if "sheet1" in item.filename else content)
    assert "a.xlsx, row " in refused(extract(tmp_path / "a.xlsx", taxonomy), 3)
    content = bytearray((tmp_path / "good.parquet").read_bytes())
    content[4:2000] = bytes(1996)
    broken = write(tmp_path, "a.parquet", bytes(content))
    assert "a.parquet: no readable Parquet" in refused(extract(broken, taxonomy), 3)


def test_path_that_does_not_exist_and_empty_folder(tmp_path, taxonomy):
    assert "nowhere.csv: no such file or folder" in refused(extract(tmp_path / "nowhere.csv", taxonomy), 3)
    assert "cannot be read" in refused(extract(tmp_path / ("x" * 300), taxonomy), 3)
    (tmp_path / "empty").mkdir()
    assert "empty: the folder is empty" in refused(extract(tmp_path / "empty", taxonomy), 3)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "a.pdf", "a.txt", "a"])
def test_file_or_folder_without_permission(tmp_path, taxonomy, name):
    path = tmp_path / "in" / name
    if path.suffix:
        write(path.parent, name, POSTINGS)
    else:
        path.mkdir(parents=True)
    path.chmod(0)
    assert "cannot be read (Permission denied)" in refused(extract(path, taxonomy), 3)
    write(tmp_path, "in/b.txt", "TIG welding")
    found, rows = skipped(path.parent, taxonomy)
    assert (found, [row[:2] for row in rows]) == ({"b"}, [(name, "")])
    path.chmod(0o700)


def test_file_that_fails_while_it_is_read(tmp_path, taxonomy, monkeypatch):
    def fail(path):
        raise PermissionError(13, "Permission denied")

    path = write(tmp_path, "in/a.csv", POSTINGS)
    monkeypatch.setattr("skillmatch.files.delimited.encoding_of", fail)
    assert "a.csv: cannot be read (Permission denied); check its permissions" in refused(extract(path, taxonomy), 3)
    write(tmp_path, "in/b.pdf", make_pdf(["TIG welding"]))
    (tmp_path / "in" / "c.csv").symlink_to("nowhere")
    found, rows = skipped(path.parent, taxonomy, "--lang", "en")
    assert (found, [row[:2] for row in rows]) == ({"b"}, [("a.csv", ""), ("c.csv", "")])


# Rows


def test_rows_with_too_many_fields_or_a_stray_quotation_mark(tmp_path, taxonomy):
    text = (
        "id,title,text\n"
        "1,Welder,TIG welding\n"
        "2,Welder,TIG welding, MIG welding\n"
        '3,Welder,"PLC programming of lines\n'
        '4,Programmer,"PLC programming, and more"\n'
        "5,Programmer\n"
        '6,Fitter,"pipes of 5" and TIG welding"\n'
        '7,Programmer,"PLC programming of robots\n'
        "8,Welder,TIG welding of 5\" pipes\n"
    )  # fmt: skip
    found, rows = skipped(write(tmp_path, "ads.csv", text), taxonomy, "--lang", "en")
    assert found == {"1", "4", "6", "8"}
    stray = "is no readable CSV (a stray quotation mark?)"
    assert rows == [
        ("ads.csv", "2", "line 3 has 4 fields, the header has 3"),
        ("ads.csv", "3", f"line 4 {stray}"),
        ("ads.csv", "5", "line 6 has 2 fields, the header has 3"),
        ("ads.csv", "7", f"line 8 {stray}"),
    ]


def test_many_stray_quotation_marks_take_no_time(tmp_path, taxonomy):
    lines = [f'{i},"never closed {i}' if i % 3 == 0 else f"{i},TIG welding" for i in range(6000)]
    path = write(tmp_path, "ads.csv", "id,text\n" + "\n".join(lines) + "\n")
    table = tmp_path / "skipped.csv"
    done = run("extract", path, "--taxonomy", taxonomy, "--lang", "en", "--skipped", table, "-o", tmp_path / "m.csv")
    assert done.stderr == "documents: 6000 read = 1 used + 3999 duplicates + 2000 skipped\n"
    assert len(pd.read_csv(table)) == 2000


def test_all_rows_broken(tmp_path, taxonomy):
    message = refused(extract(write(tmp_path, "ads.csv", "id,text\n1,a,b\n2\n"), taxonomy), 5)
    assert "no posting left to work on (2 read; line 2 has 3 fields, the header has 2; line 3 has 1 fields" in message


def test_cell_of_three_million_characters(tmp_path, taxonomy):
    long, lines = "welding " * 375_000, "a line of text\n" * 4_000 + "welding " * 300_000
    text = f'id,text\n1,TIG welding\n2,{long}\n3,"{lines}"\n4,PLC programming\n'
    found, rows = skipped(write(tmp_path, "ads.csv", text), taxonomy, "--lang", "en")
    assert found == {"1", "4"}
    assert rows == [
        ("ads.csv", "2", "the text has 3,000,000 characters, more than 2,000,000; split it"),
        ("ads.csv", "3", "the text has 2,460,000 characters, more than 2,000,000; split it"),
    ]


def test_broken_encoding(tmp_path, taxonomy):
    data = b"id,text\n1,caff\xe8 e saldatura TIG\n2,\xc3\x28 \xf0\x9f programmazione PLC \xff\xfe\n"
    found, rows = skipped(write(tmp_path, "ads.csv", data), taxonomy, "--lang", "it")
    assert (found, rows) == ({"1", "2"}, [])


def test_broken_lines_of_jsonl(tmp_path, taxonomy):
    path = write(tmp_path, "ads.jsonl", '{"id": 1, "text": "TIG welding"}\n{"id": 2, "te\nnull\n{"id": 3}\n')
    found, rows = skipped(path, taxonomy)
    assert found == {"1"}
    assert [row[:2] for row in rows] == [("ads.jsonl", "2"), ("ads.jsonl", "3"), ("ads.jsonl", "4")]


# Documents


def docx_bomb(path: Path, size: int) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", CONTENT_TYPES)
        with archive.open("word/document.xml", "w", force_zip64=True) as stream:
            for _ in range(size // 1_000_000):
                stream.write(bytes(1_000_000))
    return path


def test_folder_with_everything_that_can_be_wrong(tmp_path, taxonomy):
    folder = tmp_path / "in"
    write(folder, "good.txt", "TIG welding")
    write(folder, "good.pdf", make_pdf(["PLC programming"]))
    write(folder, "locked.pdf", make_pdf(["TIG welding"], encrypt=ENCRYPTION))
    write(folder, "broken.pdf", b"%PDF-1.4 and no more")
    write(folder, "scan.pdf", make_pdf([]))
    write(folder, "text.pdf", "TIG welding")
    write(folder, "text.docx", "TIG welding")
    write(folder, "old.docx", b"\xd0\xcf\x11\xe0" + bytes(600))
    docx_bomb(folder / "bomb.docx", 60_000_000)
    docx_bomb(folder / "other.docx", 0)
    write(folder, "empty.md", "")
    write(folder, "blank.md", " \n")
    write(folder, "picture.html", b"\x89PNG\r\n\x1a\n")
    write(folder, "void.html", "<html></html>")
    write(folder, "void.csv", "id,text\n")
    write(folder, "book.xlsx", "TIG welding")
    write(folder, "program.exe", b"MZ")
    found, rows = skipped(folder, taxonomy, "--lang", "en")
    assert found == {"good", "good#2"}
    reasons = {source: reason for source, _, reason in rows}
    expected = {
        "locked.pdf": "the PDF is protected by a password; save a copy without it",
        "broken.pdf": "no readable PDF (",
        "scan.pdf": "the PDF holds no text (a scan?); run OCR on it first",
        "text.pdf": "no readable PDF (",
        "text.docx": "no readable DOCX (damaged, or no Office file",
        "old.docx": "no readable DOCX (protected by a password, or an old Office file",
        "bomb.docx": "no readable DOCX (unpacks to 60 MB)",
        "other.docx": "no readable DOCX (",
        "empty.md": "the file is empty",
        "blank.md": "no text",
        "picture.html": f"{folder / 'picture.html'}: this is a PNG picture, not text",
        "void.html": "no text",
        "void.csv": "void.csv: a header but no rows",
        "book.xlsx": f"{folder / 'book.xlsx'}: no readable XLSX file",
        "program.exe": f"{folder / 'program.exe'}: files of the type '.exe' are not read",
    }
    assert reasons.keys() == expected.keys()
    assert {source: reasons[source][: len(start)] for source, start in expected.items()} == expected
    assert not any("\n" in reason for reason in reasons.values())


@pytest.mark.parametrize("title", ["", "Offers"])
def test_password_protected_pdf_alone(tmp_path, taxonomy, title):
    path = write(tmp_path, "locked.pdf", make_pdf(["TIG welding"], title=title, encrypt=ENCRYPTION))
    message = refused(extract(path, taxonomy), 5)
    assert "locked.pdf: no posting left to work on (1 read; the PDF is protected by a password" in message


def test_document_of_fifty_megabytes(tmp_path, taxonomy):
    began = time.perf_counter()
    write(tmp_path, "in/good.txt", "TIG welding")
    path = write(tmp_path, "in/large.txt", b"TIG welding\n" * 4_200_000)
    found, rows = skipped(path.parent, taxonomy)
    assert (found, rows) == (
        {"good"}, [("large.txt", "", "the file has 50.4 MB, more than 20 MB for one document; split it")],
    )  # fmt: skip
    assert "the file has 50.4 MB" in refused(extract(path, taxonomy), 5)
    assert time.perf_counter() - began < 3


def test_document_with_too_many_characters(tmp_path, taxonomy):
    message = refused(extract(write(tmp_path, "long.html", f"<p>{'TIG welding ' * 200_000}</p>"), taxonomy), 5)
    assert "the text has 2,399,999 characters, more than 2,000,000; split it" in message


@pytest.mark.slow
def test_runs_of_odd_spaces_take_no_time(tmp_path, taxonomy):
    spaces = "\u3000" * 100_000 + "\t" * 100_000 + "\u00a0 \x85" * 50_000
    found, _ = skipped(write(tmp_path, "odd.txt", f"TIG welding{spaces}PLC programming"), taxonomy, "--lang", "en")
    assert found == {"odd"}


# Taxonomies and options


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (f"{HEAD}a,one,,\na,two,,\n", "the id 'a' is given twice"),
        (f"{HEAD}a,one,,b\nb,two,,c\nc,three,,a\n", "is broader than itself (a cycle through "),
        (f"{HEAD}a,one,,a\n", "is broader than itself (a cycle through 'a')"),
        (f"{HEAD}a,one,,z\n", "'a' has the broader skill 'z', which does not exist"),
        ("id,name\na,one\n", "no column 'label_en' (found: id, name); a taxonomy needs at least the columns id, "),
        (f"{HEAD}a,,,\n", "line 2: id 'a', label_en ''; fill in both"),
        ("id,label_en,kind\na,one,craft\n", "line 2: kind 'craft'; use one of skill, knowledge, transversal"),
        ("", "no column 'id' (found: none)"),
        (b"\x89PNG\r\n\x1a\n" + bytes(99), "not a readable CSV file"),
        (HEAD, "no skill"),
    ],
)  # fmt: skip
def test_inconsistent_taxonomy(tmp_path, content, message):
    ads = write(tmp_path, "ads.csv", POSTINGS)
    assert message in refused(extract(ads, write(tmp_path, "skills.csv", content)), 4)


def test_taxonomy_that_is_not_there(tmp_path):
    ads = write(tmp_path, "ads.csv", POSTINGS)
    for name in ("nowhere", tmp_path / "nowhere.csv", tmp_path / "x" / ".."):
        assert "no taxonomy at" in refused(extract(ads, name), 4)


def test_output_that_cannot_be_written(tmp_path, taxonomy):
    ads, courses = write(tmp_path, "ads.csv", POSTINGS), write(tmp_path, "courses.csv", SYLLABI)
    inputs = ["--postings", ads, "--syllabi", courses, "--taxonomy", taxonomy, "--quiet"]
    assert f"{ads}: this is a file; name a folder" in refused(run("audit", *inputs, "-o", ads), 3)
    (tmp_path / "folder.csv").mkdir()
    assert "folder.csv: cannot be written" in refused(extract(ads, taxonomy, "-o", tmp_path / "folder.csv"), 3)
    done = extract(ads, taxonomy, "-o", tmp_path / "a.doc")
    assert "cannot write '.doc'; use .csv, .jsonl or .parquet, or a folder" in refused(done, 3)
    assert ads.read_text() == POSTINGS
    assert not list(tmp_path.rglob("*.part"))


def test_output_below_a_file(tmp_path, taxonomy):
    ads = write(tmp_path, "ads.csv", POSTINGS)
    assert "cannot be written" in refused(extract(ads, taxonomy, "-o", ads / "mentions.csv"), 3)


COURSES = """code,title,contents,Corso di laurea,Track
A,Welding,TIG welding,X,T
B,Robots,PLC programming,Y,T
"""


@pytest.mark.parametrize(
    ("column", "programmes"),
    [
        ("Track", {"T"}),
        ("Corso di laurea", {"X", "Y"}),
    ],
)
def test_programme_column_by_the_name_that_the_file_gives_it(tmp_path, taxonomy, column, programmes):
    ads, courses = write(tmp_path, "ads.csv", POSTINGS), write(tmp_path, "courses.csv", COURSES)
    inputs = ["--postings", ads, "--syllabi", courses, "--taxonomy", taxonomy, "--quiet", "--format", "csv"]
    done = run("gaps", *inputs, "--programme", column)
    assert (done.returncode, done.stderr) == (0, "")
    assert set(pd.read_csv(io.StringIO(done.stdout))["programme"]) == programmes
    message = refused(run("gaps", *inputs, "--programme", "Faculty"), 3)
    assert "--programme Faculty: the syllabi have no such column" in message


def test_the_program_itself_in_a_process_of_its_own(tmp_path, taxonomy):
    path = write(tmp_path, "ads.csv", "ref,words\n1,TIG welding\n")
    command = [sys.executable, "-m", "skillmatch", "extract", str(path), "--taxonomy", str(taxonomy)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert "ads.csv: no column with the text" in refused(done, 3)
