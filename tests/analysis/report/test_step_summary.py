"""The summary of a step of GitHub Actions."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from reli_analysis.errors import RecordError
from reli_analysis.report import REPORTS
from reli_analysis.report.step_summary import MOST_BYTES, VARIABLE, append_summary
from support.report_fixture import FAILED, PASSED, Script, judged, make_run, write_record

if TYPE_CHECKING:
    from pathlib import Path

    from reli_analysis.judgement import Judgement


@pytest.fixture
def judgement(tmp_path: Path) -> Judgement:
    return judged(make_run(tmp_path), [*PASSED, FAILED])


def test_the_report_is_appended(
    judgement: Judgement, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the step wrote before stays, and two runs stand below each other."""
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    monkeypatch.setenv(VARIABLE, str(summary))
    assert append_summary(judgement) == summary
    assert append_summary(judgement) == summary
    report = REPORTS.get("markdown").render(judgement)
    assert summary.read_text() == f"before\n{report}\n\n{report}\n\n"


@pytest.mark.parametrize("value", [None, ""])
def test_without_a_step_nothing_is_written(
    judgement: Judgement, monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    """The same command line runs on a laptop."""
    monkeypatch.delenv(VARIABLE, raising=False)
    if value is not None:
        monkeypatch.setenv(VARIABLE, value)
    assert append_summary(judgement) is None


@pytest.mark.parametrize(
    ("room", "kept", "gone"),
    [
        (1300, "### What to do next", "<summary>Endpoints"),
        (300, "checks failed", "| verdict |"),
        (20, "FAIL", "checks failed"),
    ],
)
def test_a_summary_never_grows_past_what_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int, kept: str, gone: str
) -> None:
    """The verdict stays whatever room is left, and what is cut is said to be."""
    judgement = judged(make_run(tmp_path), [*PASSED, FAILED], ("Run longer.",))
    summary = tmp_path / "summary.md"
    summary.write_text("x" * (MOST_BYTES - room))
    monkeypatch.setenv(VARIABLE, str(summary))
    append_summary(judgement)
    added = summary.read_text()[MOST_BYTES - room :]
    assert kept in added
    assert gone not in added
    assert len(added) < max(room, 100)
    assert ("The report is cut" in added) is (room > 100)


def test_a_place_that_cannot_be_written_is_one_sentence(
    judgement: Judgement, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It names the variable, because nobody typed the path."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "none" / "summary.md"))
    with pytest.raises(RecordError, match=r"cannot be written to .* \(\$GITHUB_STEP_SUMMARY\)"):
        append_summary(judgement)


def test_the_option_appends_beside_what_is_printed(tmp_path: Path) -> None:
    """One command line: the text in the log, the summary in its file, the verdict's exit code."""
    record = write_record(tmp_path / "run", Script(budgets=("p95 < 1ms",)))
    summary = tmp_path / "summary.md"
    ended = subprocess.run(
        [sys.executable, "-m", "reli_analysis", str(record), "--step-summary"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, VARIABLE: str(summary)},
    )
    assert ended.returncode == 1
    assert ended.stdout.startswith("FAIL")
    assert ended.stderr == f"wrote {summary}\n"
    assert summary.read_text().startswith("## ❌ FAIL")
