"""The report as one HTML page that needs nothing else: styles and script are inside, no font or picture is fetched."""

from __future__ import annotations

import re
from typing import Any
from zlib import crc32

from jinja2 import Environment, PackageLoader, StrictUndefined


def render_page(facts: dict[str, Any]) -> str:
    """The page for the facts of `skillmatch.report.facts.report_facts`. All text is escaped."""
    environment = Environment(
        loader=PackageLoader("skillmatch.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    comma = facts["language"] == "it"

    def number(value: float, decimals: int = 0) -> str:
        text = f"{value:.{decimals}f}"
        return text.replace(".", ",") if comma else text

    environment.filters["percent"] = lambda value, decimals=0: f"{number(100 * value, decimals)} %"
    environment.filters["number"] = number
    environment.filters["anchor"] = _anchor
    return environment.get_template("report.html").render(**facts)


def _anchor(identifier: str, prefix: str) -> str:
    """A name for an element: ids may be anything, also addresses or words with spaces."""
    if re.fullmatch(r"[\w.-]+", identifier):
        return f"{prefix}-{identifier}"
    return f"{prefix}-{re.sub(r'[^A-Za-z0-9]+', '-', identifier)[:40]}-{crc32(identifier.encode()):08x}"
