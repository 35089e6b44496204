"""What the reports of a comparison show, and that nothing of a record breaks out of them."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from reli_analysis.compare.comparison import Comparison, compare_runs
from reli_analysis.compare.measure import measure_run
from reli_analysis.compare.settings import Settings
from reli_analysis.readers import read
from reli_analysis.report.compare_reports import COMPARE_REPORTS
from reli_analysis.report.compare_text import render_text
from reli_analysis.report.terminal import Screen
from support.repeated import Repeat
from support.report_fixture import HOSTILE


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    """Two runs whose names try to break out, one of them failing half of the time."""
    parent = tmp_path_factory.mktemp("hostile")
    names = (("GET", HOSTILE.replace("\x00", "")), ("GET", "=1+1|a"))
    sides = []
    for seed, error_ratio in enumerate((0.0, 0.5)):
        repeat = Repeat(f"run-{seed}", seed=seed, endpoints=names, error_ratio=error_ratio)
        run = read(repeat.write(parent))
        sides.append([measure_run(replace(run, title=HOSTILE), Settings())])
    return compare_runs(sides[0], sides[1], Settings())


def test_the_document_keeps_its_schema(hostile: Comparison) -> None:
    """The JSON report holds what compare.schema.json promises, and nothing else."""
    schema = json.loads(files("reli_analysis.report").joinpath("compare.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    told = json.loads(COMPARE_REPORTS.get("json").render(hostile))
    jsonschema.validate(told, schema)
    assert told["verdict"] == "REGRESSED"


def test_the_page_shows_names_and_does_nothing_with_them(hostile: Comparison) -> None:
    """Names stand escaped in the page; no script of theirs, and no address to load from."""
    page = COMPARE_REPORTS.get("html").render(hostile)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "{{ 7*7 }}" in page.replace("&#39;", "'")
    assert "\x1b" not in page
    assert "error ratio of GET =1+1|a" in page
    assert "How the latencies moved" in page


def test_markdown_and_junit_hold(hostile: Comparison) -> None:
    """Markdown keeps its tables whatever the names hold; JUnit parses and counts."""
    markdown = COMPARE_REPORTS.get("markdown").render(hostile)
    rows = [line for line in markdown.splitlines() if line.startswith("| ")]
    assert {line.count(" | ") for line in rows} == {1, 6}
    assert "<script>" not in markdown
    root = ET.fromstring(COMPARE_REPORTS.get("junit").render(hostile))
    cases = list(root.iter("testcase"))
    assert root.get("tests") == str(len(cases)) == str(len(hostile.rows))
    failures = [case for case in cases if case.find("failure") is not None]
    assert root.get("failures") == str(len(failures))
    assert len(failures) == sum(
        row.outcome.value not in {"PASS", "IMPROVED"} for row in hostile.rows
    )


@pytest.mark.parametrize("width", [60, 100, 160])
def test_the_text_fits_its_width(hostile: Comparison, width: int) -> None:
    """A log gets plain ASCII of its own, and the verdict is the first word."""
    text = render_text(hostile, Screen(width, color=False, ascii_only=True))
    assert text.startswith("REGRESSED  ")
    assert "\x1b" not in text
    assert "error ratio" in text
    table = [line for line in text.splitlines()[2:] if line.startswith("  ")]
    assert max(map(len, table)) <= width


def test_the_worst_stands_first(hostile: Comparison) -> None:
    """A reader of the first lines sees what regressed."""
    text = render_text(hostile, Screen(120, color=False, ascii_only=True))
    words = [line.split()[0] for line in text.splitlines() if line.split()[:1] != []]
    shown = [word for word in words if word in {"REGRESSED", "INCONCLUSIVE", "PASS"}][1:]
    assert shown == sorted(shown, key=["REGRESSED", "INCONCLUSIVE", "PASS"].index)


def test_the_schemas_ship() -> None:
    """Both schemas lie in the package, beside the reports that they describe."""
    place = Path(str(files("reli_analysis.report")))
    assert {path.name for path in place.glob("*.schema.json")} >= {
        "compare.schema.json",
        "history.schema.json",
    }
