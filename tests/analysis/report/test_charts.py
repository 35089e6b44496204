"""What the charts draw."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest

from reli_analysis.report.charts import MOST_CHARTS, choose
from reli_analysis.report.limit_lines import LimitLine, limit_lines
from reli_analysis.report.specs import STANDARD, ChartSpec, Line
from reli_analysis.report.svg import value_axis
from reli_analysis.report.svg.ground import clock
from reli_analysis.series import Run, Series
from reli_analysis.verdict import Finding, Verdict
from support.report_fixture import judged, make_run

if TYPE_CHECKING:
    from pathlib import Path

_PLAIN = ChartSpec("x", "x", "count", (Line("x", "x"),))


def test_iterations_are_drawn_only_where_they_differ(tmp_path: Path) -> None:
    """Where an iteration is one request, its line would hide below the other."""
    run = make_run(tmp_path)
    rate = next(s for s in choose(run).charts if s.id == "rate")
    assert [line.column for line in rate.lines] == ["completed_per_s", "offered_per_s"]
    fewer = run.series["iterations_per_s"]
    fewer = dataclasses.replace(fewer, values=fewer.values / 3)
    changed = dataclasses.replace(run, series={**run.series, "iterations_per_s": fewer})
    rate = next(s for s in choose(changed).charts if s.id == "rate")
    assert len(rate.lines) == 3


def test_a_wide_table_names_the_columns_that_are_not_drawn(tmp_path: Path) -> None:
    """A page does not drown in charts, and says which columns it leaves out."""
    elapsed = np.arange(5.0)
    names = [f"n{number}" for number in range(MOST_CHARTS + 30)]
    series = {name: Series(name, "count", elapsed, elapsed) for name in names}
    choice = choose(Run("t", tmp_path, series))
    titles = [spec.title for spec in choice.charts]
    assert [*titles, *choice.left_out] == names
    assert set(choice.absent) == {spec.title for spec in STANDARD}


def _budget(text: str, kind: str = "budget") -> Finding:
    return Finding("x", kind, "x", Verdict.FAIL, "m", evidence={"budget": text})


def test_limits_of_levels_become_lines(tmp_path: Path) -> None:
    """Budgets on a level are drawn in the column's unit; growth, leaks and endpoints are not."""
    run = make_run(tmp_path)
    texts = [
        "p95 < 0.25s", "max rss < 512MiB", "drop_ratio < 0.1%", "throughput > 50/s",
        "growth rss < 50MiB", "no leak in rss", 'p99 of "GET /x" < 1s', "p95 <",
    ]  # fmt: skip
    found = limit_lines(judged(run, [*map(_budget, texts), _budget("p50 < 1ms", "validity")]))
    assert found == [
        LimitLine("p95_ms", 250.0, texts[0]),
        LimitLine("rss_bytes", 512.0 * 2**20, texts[1]),
        LimitLine("drop_ratio", 0.001, texts[2]),
        LimitLine("completed_per_s", 50.0, texts[3]),
    ]


def test_a_far_limit_does_not_press_the_data_flat() -> None:
    """A limit is on the chart up to twice the data's height; on an empty chart always."""
    assert value_axis.plan(_PLAIN, 0, 100, [180]).shows(180)
    assert not value_axis.plan(_PLAIN, 0, 100, [300]).shows(300)
    assert value_axis.plan(_PLAIN, 0, 0, [300]).shows(300)


def test_memory_is_drawn_near_its_data() -> None:
    """A leak of a few percent is seen, noise is not blown up, and the axis admits its offset."""
    near = dataclasses.replace(_PLAIN, near=True)
    axis = value_axis.plan(near, 95, 100, [])
    assert 75 < axis.bottom < 95
    assert axis.top - axis.bottom >= 20
    assert not axis.from_zero
    assert value_axis.plan(_PLAIN, 95, 100, []).from_zero


def test_latency_over_decades_is_drawn_on_a_logarithmic_axis() -> None:
    """A median of 80 us is seen beside a maximum of a second."""
    latency = STANDARD[0]
    assert value_axis.plan(latency, 0.08, 1000, []).log
    assert not value_axis.plan(latency, 10, 50, []).log
    assert not value_axis.plan(latency, 0, 1000, []).log


@pytest.mark.parametrize(
    ("at_s", "length_s", "text"),
    [(90, 300, "1:30"), (5400, 7200, "1:30 h"), (194400, 400000, "2 d 06 h")],
)
def test_the_axis_of_time_reads_like_a_clock(at_s: float, length_s: float, text: str) -> None:
    """Minutes and seconds, hours, or days, as the run's length asks for."""
    assert clock(at_s, length_s) == text
