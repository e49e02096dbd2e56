"""Documents as they come: what a person sees on the page is what the text says, and no file does harm."""

import importlib.util
import io
import os
import random
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import docx
import pytest
from docx.oxml import parse_xml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skillmatch.documents import read_documents
from skillmatch.errors import UnreadableDocument
from skillmatch.files import MAX_BYTES, read_file
from skillmatch.files.bounded import read_bounded
from skillmatch.files.web import read_html
from skillmatch.pipeline import load
from skillmatch.text import clean
from tests import samples
from tests.conftest import SHARED
from tests.samples import PARAGRAPH, Line, pack_docx, paint_pdf, stream, word_xml, write_pdf

LEFT = [
    "Students learn how robots are modelled and",
    "programmed, from kinematics to trajectory",
    "planning, and they write the programs of a",
    "cell that assembles valves together with a",
    "conveyor and a camera for the inspection of",
    "each part.",
]
RIGHT = [
    "The laboratory has programmable logic con-",
    "trollers, the wiring of sensors and the self-",
    "tuning of drives, and ends with the measure-",
    "ment of how long a small line can work with-",
    "out anybody near it, which the groups then",
    "present.",
]
IN_ORDER = (
    "Robotics\nStudents learn how robots are modelled and programmed, from kinematics to trajectory planning, and they "
    "write the programs of a cell that assembles valves together with a conveyor and a camera for the inspection of "
    "each part.\nThe laboratory has programmable logic controllers, the wiring of sensors and the self-tuning of "
    "drives, and ends with the measurement of how long a small line can work without anybody near it, which the groups "
    "then present."
)


@pytest.fixture(scope="module")
def nlp():
    return load("manufacturing", lang="en")


def read(folder: Path, name: str, content: bytes | str):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_file(path)


def columns(x: float, texts: list[str]) -> list[Line]:
    return [(x, 760 - 12 * number, 10, False, text) for number, text in enumerate(texts)]


# Printed pages


@pytest.mark.parametrize("order", ["by column", "by line", "by chance"])
def test_two_columns_are_read_one_after_the_other(tmp_path, order):
    left, right = columns(40, LEFT), columns(310, RIGHT)
    lines = left + right
    if order == "by line":
        lines = [line for row in zip(left, right, strict=True) for line in row]
    elif order == "by chance":
        random.Random(7).shuffle(lines)
    content = read(tmp_path, "a.pdf", paint_pdf([(40, 800, 18, False, "Robotics"), *lines]))
    assert (content.title, content.text) == ("Robotics", IN_ORDER)


def test_a_table_is_read_row_by_row_with_its_cells_apart(tmp_path):
    rows = [("Week", "Topic"), ("1", "PLC"), ("2", "programming of robots"), ("3", "Machine"), ("4", "vision")]
    lines = [(40 + 270 * m, 760 - 12 * n, 10, False, cell) for n, row in enumerate(rows) for m, cell in enumerate(row)]
    text = read(tmp_path, "a.pdf", paint_pdf(lines)).text
    assert text == "\n".join(cell for row in rows for cell in row)


def test_a_table_below_columns_stays_a_table(tmp_path):
    rows = zip(columns(40, LEFT), columns(310, RIGHT), strict=True)
    table: list[Line] = [
        (x, 640 - 12 * n, 10, False, cell)
        for n, row in enumerate([("Written test", "60 %"), ("Project", "40 %")])
        for x, cell in zip((40, 310), row, strict=True)
    ]
    text = read(tmp_path, "a.pdf", paint_pdf([*(line for row in rows for line in row), *table])).text
    assert text.endswith("which the groups then present.\nWritten test\n60 %\nProject\n40 %")


def test_headings_by_size_or_weight_stand_behind_an_empty_line(tmp_path):
    lines: list[Line] = [
        (40, 800, 16, False, "Robotics"),
        (40, 780, 10, False, "A course for the third year."),
        (40, 760, 10, True, "Contents of lectures and laboratory"),
        (40, 745, 10, False, "\x95"), (52, 745, 10, False, "kinematics"),
        (40, 733, 10, False, "1."), (56, 733, 10, False, "dynamics"),
        (40, 715, 12, False, "Assessment"),
        (40, 700, 10, False, "a written test"),
    ]  # fmt: skip
    assert read(tmp_path, "a.pdf", paint_pdf(lines)).text == (
        "Robotics\nA course for the third year.\n\nContents of lectures and laboratory\n- kinematics\n1. dynamics\n\n"
        "Assessment\na written test"
    )


def test_running_heads_page_numbers_and_index_lines_go(tmp_path):
    topics = ["kinematics", "dynamics", "control", "vision"]
    chapters = ["Robotics", "Robotics", "Drives", "Drives"]
    pages = [
        [
            (40, 820, 8, False, "Faculty of Engineering 2024"), (400, 820, 8, False, chapter),
            (40, 760, 10, False, f"The lectures on {topic} are given by the same teacher."),
            (40, 740, 10, False, f"{topic.title()} ......... {number}"),
            (280, 20, 8, False, f"- {number} -"),
        ]
        for number, (topic, chapter) in enumerate(zip(topics, chapters, strict=True), start=1)
    ]  # fmt: skip
    assert read(tmp_path, "a.pdf", paint_pdf(*pages)).text.replace("\n\n", "\n") == (
        "Robotics\nThe lectures on kinematics are given by the same teacher.\n"
        "The lectures on dynamics are given by the same teacher.\nDrives\n"
        "The lectures on control are given by the same teacher.\nThe lectures on vision are given by the same teacher."
    )


def test_ligatures_and_soft_hyphens_do_not_break_words():
    assert clean("speci\ufb01c e\ufb03ciency, o\ufb00 the work\ufb02ow; pro\u00adgramming") == (
        "specific efficiency, off the workflow; programming"
    )


def test_a_page_printed_sideways_is_read(tmp_path):
    shown = " ".join(
        f"BT /F1 10 Tf 0 1 -1 0 {60 + 12 * number} 40 Tm ({text}) Tj ET" for number, text in enumerate(LEFT)
    )
    page = (
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Rotate 90 /Contents 4 0 R "
        "/Resources << /Font << /F1 5 0 R >> >> >>"
    )
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    pages = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    data = write_pdf(["<< /Type /Catalog /Pages 2 0 R >>", pages, page, stream(shown), font])
    assert read(tmp_path, "a.pdf", data).text == IN_ORDER.split("\n")[1]


# Word


def test_docx_headings_lists_tables_and_text_boxes_in_their_order(tmp_path):
    document = docx.Document()
    document.add_paragraph("Robotics", style="Title")
    document.add_paragraph().add_run("Contents").bold = True
    cell = document.add_table(rows=1, cols=2).rows[0].cells
    cell[0].text = "kinematics"
    cell[1].add_table(rows=1, cols=1).cell(0, 0).text = "dynamics"
    anchor = document.add_paragraph("with a box")
    box = "<w:txbxContent><w:p><w:r><w:t>machine vision</w:t></w:r></w:p></w:txbxContent>"
    anchor._p.append(
        parse_xml(
            '<w:r xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
            'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:AlternateContent>'
            f'<mc:Choice Requires="wps">{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>'
            "</mc:AlternateContent></w:r>"
        )
    )
    document.add_paragraph("Heading of nothing", style="Heading 2")
    document.core_properties.title = "Another course altogether"
    document.save(tmp_path / "a.docx")
    content = read_file(tmp_path / "a.docx")
    assert content.title == "Robotics"
    assert content.text == (
        "Robotics\n\nContents\nkinematics\ndynamics\nwith a box\nmachine vision\n\nHeading of nothing"
    )


# Pages of the web


def test_html_surroundings_go_and_content_stays_whatever_it_is_called():
    page = (
        "<body class='nav-sidebar'><div id='cookie-notice'>We use cookies</div><ul class='menu'><li>Jobs</ul>"
        "<form><div class='page-sidebar-right'><h1>Welder</h1><p><strong>Requirements</strong></p><ul><li>TIG welding"
        "</ul><table><tr><th>Contract<td>permanent</table><p>Our plant is in Pistoia.</div></form>"
        "<div class='similar-jobs'>Cook</div><div role='contentinfo'>Privacy</div><p style='display: none'>x</p></body>"
    )
    assert read_html(page)[:2] == (
        "Welder",
        "Welder\n\nRequirements\n- TIG welding\nContract\npermanent\nOur plant is in Pistoia.",
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.md", "# Welder\n\n**Requirements:**\n\n\\- TIG welding\n\\- reading of drawings\\.\n"),
        ("a.html", "<h1>Welder</h1><p>Requirements:<br>&bull; TIG welding<br>&bull; reading of drawings.</p>"),
        ("a.txt", "Welder wanted. Requirements: TIG welding, reading of drawings. We offer: a canteen."),
    ],
)
def test_a_posting_in_each_manner(tmp_path, nlp, name, content):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    doc = nlp(read_documents(path, kind="posting").documents["text"][0])
    assert [span.kb_id_ for span in doc.spans["skills"] if span._.section == "required"] == [
        "tig-welding", "reading-technical-drawings",
    ]  # fmt: skip


# One syllabus in three formats


def skills_of(nlp, path: Path, *, until: str = "") -> set[tuple[str, str, str]]:
    document = read_documents(path, kind="syllabus").documents.iloc[0]
    doc = nlp.make_doc(document["text"].split(until)[0] if until else document["text"])
    doc._.kind, doc._.title = "syllabus", document["title"]
    return {(span.kb_id_, span._.section, span._.strength) for span in nlp(doc).spans["skills"]}


def test_one_syllabus_gives_the_same_as_pdf_docx_and_html(tmp_path, nlp):
    found = []
    for name in ("docx", "html", "pdf"):
        path = tmp_path / f"automation.{name}"
        path.write_bytes(getattr(samples, f"syllabus_{name}")())
        found.append(skills_of(nlp, path))
        document = read_documents(path, kind="syllabus").documents.iloc[0]
        assert document["title"] == samples.TITLE
        facts = ("code", "ects", "teaching_language", "prerequisites")
        assert [document[name] for name in facts] == ["ME320", "9", "en", "EE110"]
    assert len(found[0]) > 12
    assert {("plc-programming", "outcomes", "taught"), ("linear-algebra", "prerequisites", "assumed")} <= found[0]
    assert found[0] == found[1] == found[2]


@pytest.mark.skipif(not SHARED.exists(), reason="the real data is not beside the project (../shared/data)")
def test_a_real_syllabus_gives_the_same_as_pdf_docx_and_html(nlp):
    stem = SHARED / "syllabi" / "BEE4750_environmental_systems"

    def same(one: set, other: set) -> float:
        return len(one & other) / max(len(one), len(other))

    def ids(suffix: str, until: str = "") -> set[str]:
        return {row[0] for row in skills_of(nlp, stem.with_suffix(suffix), until=until)}

    assert same(ids(".docx"), ids(".pdf")) >= 0.95
    # The page has its schedule on another page of the site.
    schedule = "Tentative Schedule"
    assert len(ids(".html")) > 15
    assert same(ids(".docx", schedule), ids(".html")) >= 0.95
    assert same(ids(".pdf", schedule), ids(".html")) >= 0.95


# Files made to do harm

PAGE = (
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> "
    "/XObject << /X 6 0 R >> >> >>"
)
FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
SHOWN = "BT /F1 10 Tf 40 700 Td (PLC programming) Tj ET"
FORM = "/Type /XObject /Subtype /Form /BBox [0 0 600 900] /Resources << /XObject << /X {} 0 R >> >>"


def one_page(content: str, *more: str, kids: str = "3 0 R") -> bytes:
    pages = f"<< /Type /Pages /Kids [{kids}] /Count 1 >>"
    return write_pdf(["<< /Type /Catalog /Pages 2 0 R >>", pages, PAGE, stream(content), FONT, *more])


def laughs() -> str:
    entities = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    return word_xml("<w:p><w:r><w:t>&i;</w:t></w:r></w:p>", f'<!DOCTYPE x [<!ENTITY a "ha">{entities}]>')


HOSTILE = {
    "tables.docx": lambda: pack_docx(word_xml("<w:tbl><w:tr><w:tc>" * 70 + PARAGRAPH + "</w:tc></w:tr></w:tbl>" * 70)),
    "deep.docx": lambda: pack_docx(word_xml("<w:sdt>" * 5000 + PARAGRAPH + "</w:sdt>" * 5000)),
    "laughs.docx": lambda: pack_docx(laughs()),
    "span.docx": lambda: pack_docx(
        word_xml(
            "<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val='100000000'/></w:tcPr>" + PARAGRAPH + "</w:tc></w:tr></w:tbl>"
        )
    ),
    "bomb.docx": lambda: pack_docx(word_xml(PARAGRAPH + " " * 60_000_000)),
    "loop.pdf": lambda: one_page(SHOWN, kids="2 0 R 3 0 R"),
    "objects.pdf": lambda: one_page(SHOWN, *["0"] * 450_000),
    "operators.pdf": lambda: one_page("q Q " * 1_000_000 + SHOWN),
    "words.pdf": lambda: one_page("BT /F1 10 Tf 1 0 0 1 40 700 Tm (PLC) Tj ET\n" * 100_000),
    "scripts.html": lambda: b"<p>PLC programming</p>" + b"<script>'<p>'</script>" * 100_000,
    "entities.html": lambda: b"<p>PLC programming" + b"&amp;lt;&nbsp;&#x200b;&copy;" * 50_000,
    "tables.html": lambda: b"<table><tr><td>" * 20_000 + b"PLC programming",
    "letters.html": lambda: b"<b><i><p>" * 20_000 + b"PLC programming",
    "sections.html": lambda: b"<section>" * 100_000 + b"PLC programming",
    "line.txt": lambda: b"PLC programming " * 625_000,
    "spaces.md": lambda: b"x" * 60 + b" " * 9_000_000 + b"y",
    "lines.txt": lambda: (b"-" + b"\n" * 9) * 1_000_000,
    "book.txt": lambda: b"ME 301 Robots\n\nContents\nPLC\n\nAssessment\na test\n\n" * 40_000,
    "courses.txt": lambda: b"".join(
        b"ME %d Robots %d\n\nContents\nPLC\n\nAssessment\na test\n\n" % (number, number) for number in range(100, 3_100)
    ),
    "headings.txt": lambda: b"\n\nContents\nCourse title: a\nME 301 Robots" * 45_000,
    "needs.txt": lambda: b"requires ME 301, or " * 240_000,
    "directions.txt": lambda: "\u202ePLC\u200b \u2066pro\u00adgramming\ufeff".encode() * 50_000,
}


@pytest.mark.parametrize("kind", ["posting", pytest.param("syllabus", marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_read_or_listed_in_little_time(tmp_path, name, kind):
    (tmp_path / name).write_bytes(HOSTILE[name]())
    (tmp_path / "good.txt").write_text("We look for a welder", encoding="utf-8")
    assert (tmp_path / name).stat().st_size < MAX_BYTES
    began = time.perf_counter()
    reading = read_documents(tmp_path, kind=kind, language="en")
    assert time.perf_counter() - began < 15
    assert reading.counts["read"] == (3_001 if (name, kind) == ("courses.txt", "syllabus") else 2)
    used = set(reading.documents["source"])
    assert used | set(reading.skipped["source"]) == {name, "good.txt"}
    assert "good.txt" in used


@pytest.mark.slow
def test_a_file_that_never_ends_is_given_up_and_the_next_is_read(tmp_path):
    calls = one_page("/X Do", stream("/X Do " * 10, FORM.format(6)))
    (tmp_path / "a.pdf").write_bytes(calls)
    (tmp_path / "b.pdf").write_bytes(paint_pdf([(40, 700, 10, False, "PLC programming")]))
    began = time.perf_counter()
    with pytest.raises(UnreadableDocument, match="longer than 1 s"):
        read_bounded(tmp_path / "a.pdf", seconds=1)
    assert time.perf_counter() - began < 10
    assert read_bounded(tmp_path / "b.pdf").text == "PLC programming"


# Files as chance makes them


def seeds() -> dict[str, bytes]:
    """Good files of each kind; the body of the DOCX, since a changed archive is no archive."""
    with zipfile.ZipFile(io.BytesIO(samples.syllabus_docx())) as archive:
        body = archive.read("word/document.xml")
    return {
        "a.pdf": samples.syllabus_pdf(),
        "a.html": samples.syllabus_html(),
        "body.docx": body,
        "a.docx": samples.syllabus_docx(),
        "a.md": b"# Welder\n\n**Requirements:**\n\n\\- TIG welding\n\n| a | b |\n|---|---|\n",
        "a.txt": "Saldatore: è richiesta la saldatura TIG\n• disegno\n".encode(),
    }


SEEDS = seeds()
BITS = [b"<", b">", b"<w:tbl>", b"</w:p>", b"<li>", b"<table>", b"&", b"endobj", b"stream", b"0 R", b"/Kids", b"(",
        b"\xff", b"\x00", b"\n\n", b" ", b"9999999999", b"-1", "\u202e\u200b".encode(), b"]]>", b"<!--"]  # fmt: skip
CHANGE = st.tuples(
    st.floats(0, 1), st.integers(0, 40), st.sampled_from(BITS) | st.binary(max_size=12), st.integers(1, 50)
)


#: What may stand in a DOCX and hardly ever does; among the changes, so that not all of them break its XML.
PARTS = [b"<w:tbl/>", b"<w:tr/>", b"<w:tc/>", b"<w:sdt><w:sdtContent/></w:sdt>", b"<w:vMerge/>",
         b"<w:p><w:pPr><w:pStyle/></w:pPr></w:p>",
         b"<w:tbl><w:tr><w:tc><w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl></w:tc></w:tr></w:tbl>",
         b"<w:p><w:r><w:txbxContent><w:p/></w:txbxContent></w:r></w:p>", b"<w:p><w:r><w:t/><w:br/><w:tab/></w:r></w:p>",
         b"<w:p><w:pPr><w:numPr/><w:outlineLvl w:val='x'/></w:pPr><w:r><w:t>a</w:t></w:r></w:p>"]  # fmt: skip


def changed(name: str, changes: list[tuple[float, int, bytes, int]]) -> tuple[str, bytes]:
    data = SEEDS[name]
    well_formed = name == "body.docx" and len(changes) % 3
    for place, cut, bit, times in changes:
        at = int(place * len(data))
        if well_formed:
            at, bit, cut = max(0, data.rfind(b"<w:p>", 0, at)), PARTS[cut % len(PARTS)], 0
        data = data[:at] + bit * times + data[at + cut :]
    if name != "body.docx":
        return name, data
    try:
        return "a.docx", pack_docx(data.decode("utf-8", errors="replace"))
    except ValueError:
        return "a.docx", data


def check_any(folder: Path, name: str, data: bytes, *, seconds: float = 5.0) -> bool:
    """Whether a file was read; it is read or refused with one line, in no time."""
    path = folder / name
    path.write_bytes(data)
    began = time.perf_counter()
    try:
        content = read_file(path)
        content.text.encode(errors="surrogatepass")
        read = True
    except UnreadableDocument as error:
        assert "\n" not in str(error)
        assert "took longer" not in str(error)
        assert "broke off" not in str(error)
        read = False
    assert time.perf_counter() - began < seconds
    return read


@pytest.mark.slow
@settings(
    max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(name=st.sampled_from(sorted(SEEDS)), changes=st.lists(CHANGE, max_size=8))
def test_any_document_is_read_or_refused(tmp_path, name, changes):
    check_any(tmp_path, *changed(name, changes))


@pytest.mark.slow
def test_ten_thousand_changed_documents(tmp_path):
    chance = random.Random(20240501)
    tried = {name: [0, 0] for name in SEEDS}
    for _ in range(10_000):
        name = chance.choice(sorted(SEEDS))
        changes = [
            (chance.random(), chance.randrange(40), chance.choice(BITS), chance.choice((1, 1, 1, 5, 500)))
            for _ in range(chance.randrange(1, 8))
        ]
        tried[name][check_any(tmp_path, *changed(name, changes))] += 1
    print({name: f"{read} read, {refused} refused" for name, (refused, read) in tried.items()})
    assert all(sum(counts) > 1_000 for counts in tried.values())
    # An archive with other bytes in it is hardly ever an archive.
    assert all(tried[name][1] > 300 for name in tried if name != "a.docx")


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris is not installed")
def test_documents_changed_with_the_coverage_in_view():
    script = Path(__file__).with_name("fuzz_documents.py")
    done = subprocess.run(
        [sys.executable, str(script), "-runs=3000", "-seed=1"],
        capture_output=True, text=True, timeout=500, check=False,
        env={**os.environ, "PYTHONPATH": str(script.parents[1])},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Done 3000" in done.stderr
