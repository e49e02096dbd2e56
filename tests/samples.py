"""Fictional documents in several formats, and files made to do harm."""

from __future__ import annotations

import io
import zipfile

import docx

_WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
PARAGRAPH = "<w:p><w:r><w:t>PLC programming</w:t></w:r></w:p>"


def write_pdf(objects: list[str]) -> bytes:
    """A PDF of objects 1, 2 ...; the first is the catalog."""
    parts, offsets, at = ["%PDF-1.5\n"], [], 9
    for number, body in enumerate(objects, start=1):
        offsets.append(at)
        parts.append(f"{number} 0 obj\n{body}\nendobj\n")
        at += len(parts[-1])
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    end = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{at}\n%%EOF\n"
    return f"{''.join(parts)}xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{end}".encode("latin-1")


def stream(content: str, entries: str = "") -> str:
    return f"<< /Length {len(content)} {entries} >>\nstream\n{content}\nendstream"


#: Where a line begins, its size, whether it is bold, and its text.
Line = tuple[float, float, float, bool, str]


def paint_pdf(*pages: list[Line]) -> bytes:
    """A PDF with lines of text at given places, in the given order."""
    kids = " ".join(f"{5 + 2 * number} 0 R" for number in range(len(pages)))
    fonts = [
        f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>"
        for name in ("Helvetica", "Helvetica-Bold")
    ]
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>", *fonts]
    for number, lines in enumerate(pages):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {6 + 2 * number} 0 R "
            "/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>"
        )
        shown = (
            f"BT /F{2 if bold else 1} {size} Tf 1 0 0 1 {x} {y} Tm "
            f"({text.replace('(', chr(92) + '(').replace(')', chr(92) + ')')}) Tj ET"
            for x, y, size, bold, text in lines
        )
        objects.append(stream("\n".join(shown)))
    return write_pdf(objects)


def pack_docx(document_xml: str) -> bytes:
    """A DOCX with this text as its ``word/document.xml``."""
    template, packed = io.BytesIO(), io.BytesIO()
    docx.Document().save(template)
    with zipfile.ZipFile(template) as archive, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as out:
        for name in archive.namelist():
            data = document_xml.encode() if name == "word/document.xml" else archive.read(name)
            out.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def word_xml(body: str, before: str = "") -> str:
    return f'<?xml version="1.0"?>{before}<w:document {_WORD}><w:body>{body}</w:body></w:document>'


# One fictional syllabus in three formats

TITLE = "Automation of production lines"
SHEET: list[tuple[str, list[str], bool]] = [
    ("Learning outcomes", ["program a PLC in ladder logic", "design a SCADA page for the operators of a line",
                           "choose sensors and actuators by their data sheets"], True),
    ("Contents", ["The course goes from relay circuits to programmable logic controllers and their fieldbus, with "
                  "exercises on PID control and on the safety of machinery. Industrial robots and machine vision are "
                  "shown in the laboratory, together with OPC UA and the predictive maintenance of pumps."], False),
    ("Prerequisites", ["Electrical circuits (EE 110) and linear algebra. Students who have not worked with "
                       "differential equations find a short introduction in the first weeks, which is not part of "
                       "the exam."], False),
    ("Reading", ["Any textbook of industrial automation is good enough; the slides and the programs of the exercises "
                 "are on the pages of the course, with the manuals of the devices in the laboratory."], False),
]  # fmt: skip
FACTS = [("Course code", "ME 320"), ("Credits", "9 ECTS"), ("Language", "English")]
WEEKS = [("Week 1", "Ladder logic"), ("Week 2", "Fieldbus"), ("Week 3", "Machine vision")]


def syllabus_docx() -> bytes:
    document = docx.Document()
    document.add_paragraph(TITLE, style="Title")
    facts = document.add_table(rows=0, cols=2)
    for label, value in FACTS:
        row = facts.add_row().cells
        row[0].text, row[1].text = label, value
    for heading, texts, items in SHEET:
        document.add_heading(heading, level=1)
        for text in texts:
            document.add_paragraph(text, style="List Bullet" if items else None)
    weeks = document.add_table(rows=0, cols=2)
    for week, topic in WEEKS:
        row = weeks.add_row().cells
        row[0].text, row[1].text = week, topic
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def syllabus_html() -> bytes:
    def table(rows: list[tuple[str, str]]) -> str:
        return "<table>" + "".join(f"<tr><td>{a}</td><td>{b}</td></tr>" for a, b in rows) + "</table>"

    body = ""
    for heading, texts, items in SHEET:
        inner = "".join(f"<li>{text}</li>" if items else f"<p>{text}</p>" for text in texts)
        body += f"<h2>{heading}</h2>" + (f"<ul>{inner}</ul>" if items else inner)
    return (
        "<html><head><title>University</title></head><body><nav><ul><li>Welding courses</li></ul></nav>"
        "<div class='cookie-banner'>This site uses cookies for data analysis</div>"
        f"<div class='page-sidebar'><div id='content'><h1>{TITLE}</h1>{table(FACTS)}{body}{table(WEEKS)}</div></div>"
        "<footer>Contact: web design office</footer></body></html>"
    ).encode()


def syllabus_pdf() -> bytes:
    """Two columns under a title, written line by line across them, on pages with running heads."""
    lines: list[Line] = [(40, 780, 18, False, TITLE)]
    for number, (label, value) in enumerate(FACTS):
        lines += [(40, 750 - 13 * number, 10, True, label), (200, 750 - 13 * number, 10, False, value)]
    columns: list[list[Line]] = [[], []]
    at = [690.0, 690.0]
    for number, (heading, texts, items) in enumerate(SHEET):
        side = 0 if number < 2 else 1
        x = 40 + 280 * side
        columns[side].append((x, at[side], 12, True, heading))
        at[side] -= 16
        for text in texts:
            for place, line in enumerate(_broken(text, 46)):
                columns[side].append((x, at[side], 10, False, f"\x95 {line}" if items and not place else line))
                at[side] -= 12
        at[side] -= 8
    head = [(40.0, 820.0, 8.0, False, "Faculty of Engineering"), (280.0, 20.0, 8.0, False, "page 1")]
    second: list[Line] = [(40, 820, 8, False, "Faculty of Engineering"), (280, 20, 8, False, "page 2")]
    for number, (week, topic) in enumerate(WEEKS):
        second += [(40, 780 - 13 * number, 10, False, week), (200, 780 - 13 * number, 10, False, topic)]
    both = sorted(columns[0] + columns[1], key=lambda line: (-line[1], line[0]))
    return paint_pdf([*head, *lines, *both], second)


def _broken(text: str, width: int) -> list[str]:
    """Lines of a text; words longer than seven letters are broken where they do not fit."""
    lines, line = [], ""
    for word in text.split():
        if len(line) + 1 + len(word) <= width:
            line = f"{line} {word}".strip()
        elif len(word) > 7 and word.isalpha() and len(line) + 6 <= width:
            lines.append(f"{line} {word[:4]}-")
            line = word[4:]
        else:
            lines.append(line)
            line = word
    return [*lines, line]
