"""Markdown as repositories and course sites keep it: the front matter, tables and rules around the text undone.

What may stand in any field (emphasis, links, escapes, comments, images) is left to `skillmatch.text.clean`.
"""

from __future__ import annotations

import re

from skillmatch.files.content import Content, first_line, fitting_title

#: What site generators want to know about a page, between two marks at its beginning.
_FRONT = re.compile(r"\s{0,20}(---|\+\+\+)[ \t]*\n(.{0,5000}?)\n\1[ \t]*(?:\n|$)", re.DOTALL)
_TITLE = re.compile(r"(?im)^(?:title|titolo|course[-_]?name|name|nome)[ \t]*[:=][ \t]*[\"']?(.{1,200}?)[\"']?[ \t]*$")
_ROW = re.compile(r"\|(.{1,5000})\|")
#: A rule, or what underlines a heading or the head of a table.
_RULE = re.compile(r"\|?[ \t]*:?-{3,}:?[ \t]*(?:\|[ \t]*:?-{3,}:?[ \t]*)*\|?|={3,}|\*{3,}|_{3,}")
_FENCE = re.compile(r"(?:```|~~~)[\w+.-]{0,20}")


def read_markdown(text: str) -> Content:
    r"""Title and text of a Markdown page; each cell of a table gets its own line.

    >>> read_markdown("---\nlayout: page\ntitle: Welding\n---\n| Week | Topic |\n|---|---|\n| 1 | TIG |")
    Content(title='Welding', text='Week\nTopic\n\n1\nTIG', records=())
    """
    front = _FRONT.match(text)
    named = None
    if front is not None and ":" in front.group(2) + front.group(1).replace("+++", ":"):
        text = text[front.end() :]
        named = _TITLE.search(front.group(2))
    lines: list[str] = []
    for line in text.splitlines():
        bare = line.strip()
        row = _ROW.fullmatch(bare)
        if _RULE.fullmatch(bare):
            lines.append("")
        elif row is not None:
            lines += [cell.strip() for cell in row.group(1).split("|") if cell.strip()]
        elif not _FENCE.fullmatch(bare):
            lines.append(line)
    body = "\n".join(lines)
    title = fitting_title(named.group(1)) if named is not None else ""
    return Content(title or first_line(body), body)
