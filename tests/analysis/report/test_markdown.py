"""The report for a pull request or a step summary."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from reli_analysis.report import REPORTS
from reli_analysis.report.markdown import escape
from reli_analysis.visible import one_line
from support.report_fixture import (
    FAILED,
    PASSED,
    Script,
    hostile_judgement,
    judged,
    make_run,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_the_verdict_is_the_heading_and_what_tripped_follows(tmp_path: Path) -> None:
    """Verdict, reason, what tripped, a table of findings, endpoints folded away."""
    run = make_run(tmp_path, Script(failing_s=frozenset({100})))
    text = REPORTS.get("markdown").render(judged(run, [*PASSED, FAILED], ("Run longer.",)))
    lines = text.splitlines()
    assert lines[0] == f"## ❌ FAIL: {run.title}"
    assert f"- **FAIL** no leak in rss&#95;bytes: {FAILED.message}" in lines
    assert "| verdict | check | observed | limit | why |" in lines
    assert "| --- | --- | ---: | ---: | --- |" in lines
    assert text.count("<details>") == text.count("</details>") == 2
    assert "<summary>Endpoints (3)</summary>" in lines
    assert re.search(r"^\| SPAN simple \| 6,993 \| 33.3/s \|", text, re.MULTILINE)
    assert lines[-1] == "- Run longer."


def test_a_pass_lists_nothing_that_tripped(tmp_path: Path) -> None:
    """A green summary has no list of broken checks."""
    text = REPORTS.get("markdown").render(judged(make_run(tmp_path), PASSED[:1]))
    assert text.startswith("## ✅ PASS")
    assert "- **" not in text


def test_hostile_names_keep_the_table_and_do_nothing(tmp_path: Path) -> None:
    """Pipes, backticks and HTML in names neither add cells nor become markup."""
    text = REPORTS.get("markdown").render(hostile_judgement(tmp_path))
    assert "<script" not in text
    assert "`" not in text
    assert set(re.findall(r"<[^>]*>", text)) == {
        "<details>",
        "</details>",
        "<summary>",
        "</summary>",
    }
    tables = re.findall(r"(?:^\|.*\n?)+", text, re.MULTILINE)
    for table in tables:
        assert len({row.count("|") for row in table.splitlines()}) == 1


@settings(deadline=None)  # other work on the machine must not fail it
@given(text=st.text(st.characters(codec=None)))
def test_escaping_loses_nothing_that_can_be_seen(text: str) -> None:
    """What GitHub shows is the text, on one line, and none of its signs has a meaning left."""
    escaped = escape(text)
    assert html.unescape(escaped) == one_line(text)
    assert not re.search(r"[\\`*_\[\]<>|~$@]", escaped)
