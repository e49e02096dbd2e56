"""Text of an HTML page without what the site puts around it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from skillmatch.errors import UnreadableDocument
from skillmatch.files.content import Content, fitting_title
from skillmatch.files.jsonld import parse_scripts

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_MAX_UNCLOSED = 5_000
_CONTAINERS = ("div", "section", "article", "span", "blockquote", "main", "aside", "ul", "ol", "dl", "fieldset")
_NO_TEXT = "script,style,noscript,template,svg,iframe,object,canvas,select,button,input,textarea,head"
#: Around the content on most sites, and the content itself on some: left out where the page keeps most of its text.
_AROUND = (
    "nav,header,footer,aside,form,dialog,[hidden],[aria-hidden=true],[role=navigation],[role=banner],"
    "[role=contentinfo],[role=search],[role=dialog],[role=alertdialog],[role=complementary],[role=menu]"
)
_NAMED = ",".join(f"{tag}[class],{tag}[id]" for tag in ("div", "ul", "ol", "section", "p", "span", "table"))
_AROUND_NAME = re.compile(
    r"(?:^|[-_\s])(?:cookies?|consent|gdpr|breadcrumbs?|navbar|nav|navigation|menu|sidebar|footer|skip-?link|skip|share|"
    r"social|newsletter|pagination|related|similar-?jobs|job-?alert|sr-only|visually-?hidden|toc|advert|ads)(?:$|[-_\s])",
    re.IGNORECASE,
)
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_HEADINGS = "h1,h2,h3,h4,h5,h6,legend,caption"
_BLOCKS = "p,div,section,article,ul,ol,table,tr,td,th,br,hr,dt,dd,pre,blockquote,main,figcaption"
_KEPT = {"html", "body", "main", "article"}
_MOST_NAMED = 3_000
#: Marks a line break of a page while its source is still full of those that mean nothing; the second an empty line.
_BREAK, _GAP = "\ue000", "\ue001"
_MARK = re.compile(f"([{_BREAK}{_GAP}])")


def read_html(source: str) -> Content:
    """Title, text and structured data of a page.

    Raises
    ------
    UnreadableDocument : its elements are nested too deeply.

    >>> read_html("<nav>Home</nav><h1>Robotics</h1><h2>Contents</h2><ul><li>ROS</ul>")
    Content(title='Robotics', text='Robotics\\n\\nContents\\n- ROS', records=())
    """
    opened = sum(max(0, source.count(f"<{tag}") - source.count(f"</{tag}")) for tag in _CONTAINERS)
    if opened > _MAX_UNCLOSED:  # the parser's time grows with the square of the depth
        raise UnreadableDocument(f"the HTML leaves {opened} elements open", remedy="save it again")
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(source)
    records = parse_scripts([node.text() for node in tree.css('script[type="application/ld+json"]')])
    # A course page may keep its title in <header>, which is left out below.
    places = (tree.css_first("h1"), tree.css_first("title"))
    stated = [" ".join(node.text().split()) for node in places if node is not None]
    title = next(filter(fitting_title, stated), stated[0] if stated else "")
    body = tree.body
    text = _text(body, tree) if body is not None else ""
    if len(records) == 1 and not records[0].get("description"):
        records[0]["description"] = text  # the page of one course or job, whose data leave out what it says
    return Content(title[:200], text, tuple(records))


def _text(body: LexborNode, tree: object) -> str:
    for node in body.css(_NO_TEXT):
        node.decompose()
    _leave_out_surroundings(body)
    root = body.css_first("main") or body.css_first("[role=main]") or body
    for node in root.css("pre"):
        node.replace_with(_BREAK + node.text().replace("\n", _BREAK) + _BREAK)
    for node in root.css("p > b:only-child, p > strong:only-child"):
        parent = node.parent
        if parent is not None and parent.text().strip() == node.text().strip():
            parent.insert_before(_GAP)
    for node in root.css("li"):
        node.insert_before(f"{_BREAK}- ")
    for node in root.css(_HEADINGS):
        node.insert_before(_GAP)
        node.insert_after(_BREAK)
    for node in root.css(_BLOCKS):
        node.insert_before(_BREAK)
        node.insert_after(_BREAK)
    return _lines(root.text())


def _lines(marked: str) -> str:
    """The text between the marks, line by line; a gap is one empty line before the next text."""
    lines: list[str] = []
    gap = item = False
    for part in _MARK.split(marked):
        text = " ".join(part.split())
        if part == _GAP:
            gap = True
        elif text == "-":
            item = True
        elif text and part != _BREAK:
            lines.append(f"{chr(10) if gap and lines else ''}{'- ' if item else ''}{text}")
            gap = item = False
    return "\n".join(lines)


def _leave_out_surroundings(body: LexborNode) -> None:
    """Navigation, notices and the like go; nothing that holds most of the page's text, whatever it is called."""
    most = 0.5 * len(body.text())
    for node in body.css(_AROUND):
        _leave_out(node, most)
    for node in body.css("[style]"):
        if _HIDDEN_STYLE.search(node.attributes.get("style") or ""):
            _leave_out(node, most)
    for count, node in enumerate(body.css(_NAMED)):
        if count >= _MOST_NAMED:
            break
        names = f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}"
        if _AROUND_NAME.search(names):
            _leave_out(node, most)


def _leave_out(node: LexborNode, most: float) -> None:
    if node.tag not in _KEPT and len(node.text()) <= most and node.css_first("main") is None:
        node.decompose()
