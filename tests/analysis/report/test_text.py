"""The report for a terminal or a log."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from reli_analysis.judgement import Judgement
from reli_analysis.report.text import render_text
from reli_analysis.series import Run
from reli_analysis.verdict import Finding, Verdict
from support.report_fixture import (
    FAILED,
    INCONCLUSIVE,
    INVALID,
    PASSED,
    Script,
    hostile_judgement,
    judged,
    make_run,
)

if TYPE_CHECKING:
    from pathlib import Path

_ESCAPE = "\x1b"


def _plain(judgement: Judgement, width: int = 100) -> str:
    return render_text(judgement, width=width, color=False, ascii_only=True)


def _empty(tmp_path: Path) -> Run:
    return Run(title="empty", path=tmp_path, series={})


def test_the_first_line_is_the_verdict_and_its_reason(tmp_path: Path) -> None:
    """A person who reads one line knows the verdict, the run and what tripped."""
    run = make_run(tmp_path)
    first = _plain(judged(run, [*PASSED, FAILED])).splitlines()[0]
    assert first == f"FAIL  {run.title}: 1 of 3 checks failed: no leak in rss_bytes"


def test_what_was_run_is_said(tmp_path: Path) -> None:
    """Profile, shortening, duration, requests, failures, users and the record's path are there."""
    run = make_run(tmp_path, Script(time_scale=0.05, failing_s=frozenset({100, 101})))
    text = _plain(judged(run))
    assert "shortened to 5 % of its length (time_scale 0.05)" in text
    assert "5 min, finished" in text
    total = int(run.series["requests"].values.sum())
    failed = int(run.series["failures"].values.sum())
    assert f"{total:,}, " in text
    assert f"{failed} failed" in text
    assert "up to 200/s asked for, up to 100 users, from 2 load processes" in text
    assert f"  record    {tmp_path}" in text.splitlines()
    assert f"{failed} x  TimeoutError at SPAN simple: export took 5 s" in text


def test_a_run_that_ended_early_says_so(tmp_path: Path) -> None:
    """Less than what was planned is not passed off as the whole."""
    run = make_run(tmp_path)
    assert run.info is not None
    cut = Run(
        run.title,
        run.path,
        {name: series.between(0, 100) for name, series in run.series.items()},
        info=run.info,
    )
    assert "1 min 40 s of 5 min planned" in _plain(judged(cut))


def test_findings_come_worst_first(tmp_path: Path) -> None:
    """INVALID, FAIL, INCONCLUSIVE, a warning, PASS: whatever order the judge found them in."""
    text = _plain(judged(make_run(tmp_path), [*PASSED, INCONCLUSIVE, FAILED, INVALID]))
    words = re.findall(r"^  (INVALID|FAIL|INCONCLUSIVE|WARN|PASS) ", text, re.MULTILINE)
    assert words == ["INVALID", "FAIL", "INCONCLUSIVE", "WARN", "PASS"]


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
def test_numbers_stay_whole_beside_their_check(tmp_path: Path, width: int) -> None:
    """No width breaks a number, or parts it from the name of its check."""
    judgement = judged(make_run(tmp_path), [*PASSED, FAILED, INCONCLUSIVE], ("Run it longer.",))
    lines = _plain(judgement, width).splitlines()
    row = next(line for line in lines if line.startswith("  FAIL "))
    assert "no leak in rss" in row
    assert "61.3 MiB/h" in row
    assert "5 MiB/h" in row
    assert all(len(line) <= width for line in lines[1:] if not line.startswith("  record "))


def test_a_log_gets_plain_ascii(tmp_path: Path) -> None:
    """Away from a terminal the report's own words need no encoding and hold no colour."""
    micro = Finding("p50", "budget", "p50", Verdict.PASS, "p50 – 80 µs", 0.08, None, "ms")
    text = _plain(judged(make_run(tmp_path), [micro, INCONCLUSIVE]))
    assert text.isascii()
    assert "80 us" in text


def test_a_terminal_gets_colour(tmp_path: Path) -> None:
    """The verdict stands out in red, and nothing but colour is an escape sequence."""
    text = render_text(
        judged(make_run(tmp_path), [FAILED]), width=100, color=True, ascii_only=False
    )
    assert text.startswith(f"{_ESCAPE}[1;31mFAIL{_ESCAPE}[0m")
    assert _ESCAPE not in re.sub(r"\x1b\[[\d;]*m", "", text)


def test_nothing_checked_is_said_and_is_no_pass(tmp_path: Path) -> None:
    """A run without findings reads as INCONCLUSIVE with the reason."""
    text = _plain(judged(_empty(tmp_path), []))
    assert text.startswith("INCONCLUSIVE  empty: nothing was checked")
    assert "not measured" in text


def test_hostile_names_are_shown_and_do_nothing(tmp_path: Path) -> None:
    """Escape sequences and marks of direction go; brackets that rich would act on stay."""
    text = _plain(hostile_judgement(tmp_path))
    assert "<script>alert(1)</script>" in text
    assert not [c for c in text if unicodedata.category(c) in {"Cc", "Cf", "Cs"} and c != "\n"]
    markup = Finding("i", "k", "[red]x[/red] :boom:", Verdict.FAIL, "[/nothing]")
    assert "[red]x[/red] :boom:" in _plain(judged(_empty(tmp_path), [markup]))


@settings(deadline=None)  # other work on the machine must not fail it
@given(name=st.text(), message=st.text(), width=st.integers(20, 160))
def test_any_text_renders_within_the_width(name: str, message: str, width: int) -> None:
    """No name or message raises, breaks the line's width or smuggles in a control character."""
    from pathlib import Path

    finding = Finding("i", name, name, Verdict.FAIL, message, 1.5, 1.0, "ms")
    text = render_text(
        judged(_empty(Path("x")), [finding]), width=width, color=False, ascii_only=False
    )
    assert all(cell_len(line) <= max(width, 60) for line in text.splitlines()[1:])
    assert not [c for c in text if unicodedata.category(c) == "Cc" and c != "\n"]


def test_one_line_of_budgets_with_several_metrics_names_each(tmp_path: Path) -> None:
    """Of ``no leak in rss, fds`` each finding says which metric it speaks of."""
    other = dataclasses.replace(FAILED, subject="fds")
    text = _plain(judged(_empty(tmp_path), [FAILED, other]))
    assert "no leak in rss_bytes, no leak in fds" in text.splitlines()[0]
