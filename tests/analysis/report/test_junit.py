"""The report for a CI that reads JUnit XML."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from hypothesis import given, settings
from hypothesis import strategies as st

from reli_analysis.report import REPORTS, JoinedReport
from reli_analysis.series import Run
from reli_analysis.verdict import Finding, Verdict
from support.report_fixture import (
    FAILED,
    INCONCLUSIVE,
    INVALID,
    PASSED,
    hostile_judgement,
    judged,
    make_run,
)

if TYPE_CHECKING:
    from pathlib import Path


def _parse(text: str) -> ET.Element:
    return ET.fromstring(text)


def test_one_case_a_finding_counted_by_outcome(tmp_path: Path) -> None:
    """The suite's numbers are those of its cases; FAIL fails, INVALID is an error."""
    judgement = judged(make_run(tmp_path), [*PASSED, FAILED, INCONCLUSIVE, INVALID])
    root = _parse(REPORTS.get("junit").render(judgement))
    suite = root[0]
    assert (root.tag, suite.tag) == ("testsuites", "testsuite")
    for element in (root, suite):
        assert [element.get(k) for k in ("tests", "failures", "errors", "skipped")] == list("5210")
    assert float(suite.get("time", "")) == 300
    outcomes = {case.get("name"): case[0].tag for case in suite}
    assert outcomes[FAILED.id] == "failure"
    assert outcomes[INVALID.id] == "error"
    assert outcomes[PASSED[0].id] == "system-out"
    failure = suite.find("testcase/failure[@type='FAIL']")
    assert failure is not None
    assert failure.get("message") == FAILED.message
    assert "observed 61.3 MiB/h, limit 5 MiB/h" in str(failure.text)


def test_inconclusive_is_never_green(tmp_path: Path) -> None:
    """What is not known fails in JUnit too: a skipped case would look like a pass."""
    root = _parse(REPORTS.get("junit").render(judged(make_run(tmp_path), [INCONCLUSIVE])))
    assert root.find("testsuite/testcase/failure[@type='INCONCLUSIVE']") is not None
    assert root.find(".//skipped") is None


def test_nothing_checked_is_never_green(tmp_path: Path) -> None:
    """A run without findings still has one failing case."""
    root = _parse(REPORTS.get("junit").render(judged(Run("t", tmp_path, {}), [])))
    assert root.get("failures") == "1"
    assert root.find("testsuite/testcase[@name='verdict']/failure") is not None


def test_several_runs_and_unread_paths_are_one_document(tmp_path: Path) -> None:
    """Each run is a suite, and a path that could not be read is a suite with an error."""
    report = REPORTS.get("junit")
    assert isinstance(report, JoinedReport)
    run = make_run(tmp_path)
    text = report.render_all([judged(run), judged(run, [FAILED])], [("gone", "gone is not there")])
    root = _parse(text)
    assert len(root) == 3
    assert [root.get(k) for k in ("tests", "failures", "errors")] == ["4", "1", "1"]
    error = root[2].find("testcase/error")
    assert error is not None
    assert error.get("message") == "gone is not there"


def test_hostile_names_are_text(tmp_path: Path) -> None:
    """Markup in a name is text, and what XML cannot hold is replaced."""
    judgement = hostile_judgement(tmp_path)
    root = _parse(REPORTS.get("junit").render(judgement))
    name = str(root[0].get("name"))
    assert name.startswith("<script>alert(1)</script>")
    assert "\x00" not in name
    assert len(root[0]) == 1


@settings(deadline=None)  # other work on the machine must not fail it
@given(text=st.text(st.characters(codec=None)))
def test_any_text_gives_well_formed_xml(text: str) -> None:
    """No name or message breaks the document."""
    from pathlib import Path

    finding = Finding(text, text, text, Verdict.FAIL, text, unit=text, observed=1.0)
    rendered = REPORTS.get("junit").render(judged(Run(text, Path("x"), {}), [finding]))
    assert _parse(rendered.encode("utf-8").decode())[0].get("failures") == "1"
