"""What SECURITY.md promises: persons masked, nothing executed, no input that takes the process with it."""

import random
import re
import string
import time
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from skillmatch.components.jobs import names_other_people
from skillmatch.components.sentences import sentence_bounds
from skillmatch.documents import read_documents
from skillmatch.documents.duplicates import compare, trace
from skillmatch.errors import SkillmatchError
from skillmatch.language import detect_language
from skillmatch.mentions import find_mentions
from skillmatch.pipeline import Pipelines
from skillmatch.privacy import has_right_check, mask_contacts, mask_names, mask_record
from skillmatch.resources import resource
from skillmatch.sections import split_sections
from skillmatch.text import clean
from tests.conftest import run_command

SOURCES = sorted(Path(__file__).resolve().parents[1].joinpath("skillmatch").rglob("*.py"))
SECRETS = (
    "anna.verdi@acme.example", "+39 0573 123456", "RSSMRA85T10A562S", "hr.office@acme.example", "01234567890",
)  # fmt: skip
POSTING = (
    "We need PLC programming, write to anna.verdi@acme.example or call +39 0573 123456. Fiscal code RSSMRA85T10A562S, "
    "P. IVA 01234567890. Contact: Anna Verdi for TIG welding."
)


def audit(folder: Path, *options: str) -> dict[str, str]:
    """All files of an audit of one posting full of personal data, as text."""
    table = pd.DataFrame(
        {
            "id": ["1", "2"], "title": ["Welder hr.office@acme.example", "Cook"],
            "description": [POSTING, "TIG welding"],
            "company": ["Acme hr.office@acme.example", "B"], "telephone": ["+39 0573 123456", ""],
            "recruiter": ["Anna Verdi", "Ada Neri"],
        }
    )  # fmt: skip
    table.to_csv(folder / "jobs.csv", index=False)
    (folder / "courses.csv").write_text("code,title,contents,docente\nA,Welding,TIG welding,Anna Verdi\n")
    line = ["audit", "--postings", folder / "jobs.csv", "--syllabi", folder / "courses.csv", "-o", folder / "run", "-q"]
    assert run_command(*line, "--lang", "en", *options).returncode == 0
    texts = {}
    for file in (folder / "run").iterdir():
        if file.suffix == ".parquet":
            texts[file.name] = pd.read_parquet(file).to_csv()
        elif file.suffix == ".xlsx":
            book = openpyxl.load_workbook(file)
            texts[file.name] = "\n".join(str(cell) for sheet in book for row in sheet.values for cell in row)
        else:
            texts[file.name] = file.read_text(encoding="utf-8")
    return texts


def test_contacts_are_in_no_output(tmp_path):
    outputs = audit(tmp_path)
    assert {name for name, text in outputs.items() for secret in SECRETS if secret in text} == set()
    assert "PLC programming" in outputs["report.html"]
    assert "Anna Verdi" in outputs["report.html"]  # names only on request


@pytest.mark.slow
def test_names_are_in_no_output_on_request(tmp_path):
    outputs = audit(tmp_path, "--mask-names")
    assert {name for name, text in outputs.items() for name_of in ("Verdi", "Neri") if name_of in text} == set()
    assert "PLC programming" in outputs["report.html"]


@pytest.mark.slow
def test_no_evidence_leaves_no_sentence_and_no_words(tmp_path):
    outputs = audit(tmp_path, "--no-evidence")
    assert {name for name, text in outputs.items() if "write to" in text or "We need" in text} == set()
    assert "Sentences are switched off" in outputs["report.html"]
    assert set(pd.read_parquet(tmp_path / "run" / "mentions.parquet")["text"]) == {""}
    assert "plc-programming" in outputs["demand.csv"]


@pytest.mark.slow
def test_what_the_cache_keeps_is_masked(tmp_path):
    audit(tmp_path, "--cache", str(tmp_path / "cache"))
    kept = b"".join(file.read_bytes() for file in (tmp_path / "cache").rglob("*") if file.is_file())
    assert kept
    from skillmatch.scale.store import Store
    from skillmatch.scale.values import Known

    store = Store(tmp_path / "cache")
    values = [row[0] for row in store._database.execute("select value from readings")]
    store.close()
    texts = [Known.from_bytes(value).text for value in values]
    assert len(texts) == 2
    assert not any(secret in text for text in texts for secret in SECRETS)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Call +39 0573 123456.", f"Call {'█' * 15}."),
        ("RSSMRA85T10A562S and RSSMRA85T10A562T", f"{'█' * 16} and RSSMRA85T10A562T"),
        ("rssmra85t10a562s", "█" * 16),
        ("RSSMRAUREMLAREVN order RSSMRA85T1LA562V", "RSSMRAUREMLAREVN order ████████████████"),
        ("codice fiscale: RSSMRA85T10A562T", f"codice fiscale: {'█' * 16}"),
        ("Partita IVA IT01234567890", f"Partita IVA {'█' * 13}"),
        ("2023-2024, 12/05/2025, 35.000 euro, ISO 9001:2015", "2023-2024, 12/05/2025, 35.000 euro, ISO 9001:2015"),
    ],
)
def test_mask_contacts(text, masked):
    assert mask_contacts(text) == masked


def test_check_character_of_fiscal_codes():
    # Codes that the tables of the decree were applied to by hand.
    assert has_right_check("RSSMRA85T10A562S")
    assert sum(has_right_check(f"RSSMRA85T10A562{letter}") for letter in string.ascii_uppercase) == 1


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Dott.ssa Lucia De Rossi insegna", "Dott.ssa ███████████████ insegna".replace("█" * 15, "█" * 14)),
        ("Taught by John Smith.", "Taught by ██████████."),
        ("in via Giovanni Verdi 3", "in via Giovanni Verdi 3"),
        ("Marco Polo Robotics", "███████████████████"),  # a firm that is named like a person: the price
        ("experience with Siemens TIA Portal", "experience with Siemens TIA Portal"),
        ("contact: details below", "contact: details below"),
    ],
)
def test_mask_names(text, masked):
    assert mask_names(text) == masked


def test_ids_places_and_figures_of_metadata_are_kept():
    record = {
        "document_id": "1234567890", "source": "a@b.example.csv", "row": "12345678", "salary": "50000-60000",
        "date": "2025-10-12 00:00:00", "tel": "0573123456", "note": "a@b.example",
    }  # fmt: skip
    mask_record(record)
    assert record == {
        "document_id": "1234567890", "source": "a@b.example.csv", "row": "12345678", "salary": "50000-60000",
        "date": "2025-10-12 00:00:00", "tel": "█" * 10, "note": "█" * 11,
    }  # fmt: skip


# Nothing that is read is run


def test_no_source_unpickles_or_evaluates():
    forbidden = re.compile(
        r"\bpickle\b|joblib\.load|\beval\(|\bexec\(|os\.system|shell=True|yaml\.load|torch\.load|extractall"
    )
    named = {
        f"{path.name}:{number}"
        for path in SOURCES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if forbidden.search(line.replace("allow_pickle=False", "")) and "no pickle" not in line.lower()
    }
    assert named == set()


def test_zip_members_that_point_elsewhere_are_written_nowhere(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("a.docx", "b.xlsx"):
        with zipfile.ZipFile(folder / name, "w") as archive:
            archive.writestr("../../escaped.txt", "PLC programming")
            archive.writestr("/tmp/skillmatch-escaped.txt", "PLC programming")
            archive.writestr("[Content_Types].xml", "<Types/>")
    (folder / "c.txt").write_text("We look for PLC programming and TIG welding")
    found = read_documents(folder, kind="posting")
    assert found.counts == {"read": 3, "processed": 1, "duplicates": 0, "skipped": 2}
    assert not list(tmp_path.rglob("escaped.txt"))
    assert not Path("/tmp/skillmatch-escaped.txt").exists()


@pytest.mark.parametrize("name", ["a.docx", "a.xlsx"])
def test_decompression_bombs_are_refused_at_once(tmp_path, name):
    with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * 300_000_000)
    began = time.perf_counter()
    with pytest.raises(SkillmatchError, match="unpacks to 300 MB"):
        read_documents(tmp_path / name, kind="posting")
    assert time.perf_counter() - began < 5


LONG = 200_000
REPEATED = [
    "a", " ", "\n", "0", "A", "-", "*", "_", "<", "&", "&amp;", "[", "](", "\\", ".", "@", "a@", "a.", "+39 ", "1-",
    "1 ", "x: ", "A a ", "Mr ", "Aa ", "Maria ", "Contact: ", "de ", "RSSMRA", "p iva ", "<li>", "# ", "**a", "- \n",
    "with project ", "é", "█", ";", "{", "}", "'s", "...", "(a", "http://", "a/b", "1.", "n't ", "€",
]  # fmt: skip


@pytest.fixture(scope="module")
def pipelines(tiny):
    made = Pipelines(tiny)
    assert made["en"].lang == "en"  # compiled before anything is timed
    return made


def slow_but(few: list[str], every: list[str]) -> list:
    """All of them as parameters, those outside the few for the long run."""
    return [one if one in few else pytest.param(one, marks=pytest.mark.slow) for one in every]


@pytest.mark.parametrize("piece", slow_but(["a", " ", "\n", "&amp;", "a@", "+39 ", "A a ", "1."], REPEATED))
def test_no_pattern_takes_long_over_any_repetition(piece, pipelines):
    text = (piece * (LONG // len(piece) + 1))[:LONG]
    for function in (
        clean, mask_contacts, mask_names, detect_language, trace,
        lambda text: list(find_mentions([("posting", "", text, "", "en")], pipelines=pipelines)),
        lambda text: split_sections(text, kind="posting"),
        lambda text: sentence_bounds(text, LONG // 2, LONG // 2 + 5),
        lambda text: names_other_people(f"{text} managers", LONG + 1, LONG + 9),
    ):  # fmt: skip
        began = time.process_time()
        function(text)
        assert time.process_time() - began < 5, function


@pytest.mark.slow
def test_a_template_that_thousands_of_postings_follow_does_not_take_the_square_of_the_time():
    draw = random.Random(0)
    frame = [f"w{number}" for number in range(80)]
    texts = [" ".join(frame + draw.choices(string.ascii_lowercase, k=60)) for _ in range(3000)]
    began = time.process_time()
    compare([trace(text, str(number)) for number, text in enumerate(texts)])
    assert time.process_time() - began < 30


def test_formulas_and_markup_stay_text(tmp_path):
    (tmp_path / "jobs.csv").write_text(
        'id,title,text\n1,"=HYPERLINK(""http://x"")","<script>alert(1)</script> PLC programming"\n2,,=cmd|x\n'
    )
    line = ["extract", tmp_path / "jobs.csv", "-o", tmp_path / "out", "--lang", "en", "-q", "--no-cache"]
    assert run_command(*line).returncode == 0
    assert pd.read_parquet(tmp_path / "out" / "documents")["title"][0] == '=HYPERLINK("http://x")'
    assert run_command(*line[:3], tmp_path / "m.csv", *line[4:]).returncode == 0
    for file in (*(tmp_path / "out").glob("*.csv"), tmp_path / "m.csv"):
        assert not re.search(r'(?m)(^|,)"?[=+@]', file.read_text())


def test_files_of_taxonomies_cannot_name_others(tmp_path):
    with pytest.raises(SkillmatchError, match="no taxonomy at"):
        from skillmatch.taxonomy import load_taxonomy

        load_taxonomy("../lexicons")
    assert resource("corpora", "lexicons").is_dir()
