"""docs/reports.md knows every format, field and part of the reports."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from reli_analysis.drawn.grid import MOST_STEPS
from reli_analysis.report import REPORTS
from reli_analysis.report.json_report import FORMAT_VERSION, schema

PAGE = (Path(__file__).parents[2] / "docs" / "reports.md").read_text(encoding="utf-8")
TEMPLATE = Path(__file__).parents[2] / "analysis/reli_analysis/report/templates/report.jinja"


def _cells(heading: str) -> list[str]:
    """The first cells of the table below a line that begins with this text."""
    table = PAGE[PAGE.index(heading) :].split("|---|", 1)[1].split("\n\n", 1)[0]
    return re.findall(r"^\| (.*?) \|", table, re.MULTILINE)


def test_every_format_is_described() -> None:
    """Each registered report has its row."""
    assert sorted(_cells("| Format | For")) == sorted(f"`{name}`" for name in REPORTS)


@pytest.mark.parametrize(
    ("heading", "path"),
    [("| Field | What", ("properties",)), ("| Name | What", ("evidence", "properties"))],
)
def test_every_field_of_the_schema_is_described(heading: str, path: tuple[str, ...]) -> None:
    """The fields of verdict.json, and the names in evidence that have a fixed meaning."""
    node = json.loads(schema())
    if path[0] == "evidence":
        node = node["properties"]["findings"]["items"]["properties"]["evidence"]
    described = re.findall(r"`(\w+)`", " ".join(_cells(heading)))
    assert sorted(described) == sorted(node["properties"])
    assert f"`format_version` (now {FORMAT_VERSION})" in PAGE


def test_every_field_of_a_finding_is_named() -> None:
    """In the order in which a finding has them."""
    finding = json.loads(schema())["properties"]["findings"]["items"]["properties"]
    (row,) = re.findall(r"^\| `findings` \| (.*) \|$", PAGE, re.MULTILINE)
    assert re.findall(r"`(\w+)`", row) == list(finding)


def test_every_part_of_the_page_is_described() -> None:
    """In the order in which they stand on it."""
    headings = re.findall(r"<h2 id=\"\w+\">([^<]*)</h2>", TEMPLATE.read_text(encoding="utf-8"))
    described = [name for cell in _cells("| Part | What it shows") for name in cell.split(", ")]
    assert [name for name in headings if name != "What was run"] == described


def test_the_number_of_points_is_that_of_the_charts() -> None:
    """The page's promise on thinning is the code's."""
    assert f"more than {MOST_STEPS} intervals" in PAGE
