"""Report formats as an extension point, and files that reports are written to."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from reli_analysis.errors import RecordError, UnknownNameError
from reli_analysis.report import REPORTS, write_reports
from reli_analysis.report.files import write_report
from reli_analysis.series import Endpoint, Run, Series
from reli_analysis.summary import summarise, summarise_endpoints
from reli_analysis.visible import one_line
from reli_analysis.windows import Window
from support.report_fixture import FAILED, judged, make_run

if TYPE_CHECKING:
    from pathlib import Path


def test_an_unknown_format_is_answered_with_the_known_ones() -> None:
    """A wrong name gets the nearest right one."""
    with pytest.raises(UnknownNameError, match=r'did you mean "json".*html, json, junit, markdown'):
        REPORTS.get("jsn")


def test_the_files_of_a_run_are_written_whole(tmp_path: Path) -> None:
    """verdict.json, junit.xml and report.html stand in a directory that is made if needed."""
    directory = tmp_path / "a" / "b"
    paths = write_reports(judged(make_run(tmp_path), [FAILED]), directory)
    assert sorted(p.name for p in directory.iterdir()) == [
        "junit.xml", "report.html", "verdict.json",
    ]  # fmt: skip
    assert sorted(paths) == sorted(directory.iterdir())
    assert json.loads((directory / "verdict.json").read_text())["verdict"] == "FAIL"


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    """A directory in the file's place, or a file in the directory's, is said with the path."""
    (tmp_path / "taken").write_text("")
    for path in (tmp_path, tmp_path / "taken" / "report.html"):
        with pytest.raises(RecordError, match=f"cannot be written to {path}: .*writable place"):
            write_report(path, "x")
    assert (tmp_path / "taken").read_text() == ""


def test_a_summary_tells_missing_from_zero(tmp_path: Path) -> None:
    """What no row measured is unknown; a gap in a column does not spoil its sum."""
    elapsed = np.arange(3.0)
    series = {
        "requests": Series("requests", "count", elapsed, np.array([1.0, math.nan, 3.0])),
        "users": Series("users", "count", elapsed, np.full(3, math.nan)),
    }
    summary = summarise(Run("t", tmp_path, series))
    assert summary.requests == 4
    assert summary.users_max is None
    assert summary.failures is None
    assert summary.error_ratio is None


def test_endpoints_are_summed_over_the_steady_windows(tmp_path: Path) -> None:
    """Warm-up does not count, and the rate is over the judged seconds."""
    elapsed = np.arange(0.0, 40.0, 10.0)
    counts = np.array([1000.0, 20.0, 30.0, 1000.0])
    tens = np.full(4, 10.0)
    endpoint = Endpoint("GET /", elapsed, counts, np.array([0.0, 1.0, 0.0, 9.0]), tens)
    windows = (Window("warm-up", "a", 0, 10), Window("steady", "b", 10, 30))
    series = {"users": Series("users", "count", elapsed, counts)}
    run = Run("t", tmp_path, series, windows, endpoints={"GET /": endpoint})
    (summary,) = summarise_endpoints(run)
    assert (summary.requests, summary.failures, summary.completed_per_s) == (50, 1, 2.5)
    assert summary.error_ratio == 0.02
    assert summary.p95_ms is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\tc", "a b c"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07x", "x"),
        ("\u202eevil", "evil"),
        ("\udcff", ""),
        ("naïve 日本", "naïve 日本"),
    ],
)
def test_text_from_outside_is_made_one_visible_line(text: str, shown: str) -> None:
    """Control sequences vanish, letters of any script stay."""
    assert one_line(text) == shown
