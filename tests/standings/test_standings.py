"""How budgets stand interval by interval, and what is written of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reli.recorder.columns import load_columns
from reli.recorder.protocol import IntervalRow
from reli.recorder.told import EventRow, Standing
from reli.standings import Standings
from reli.standings.growth import MOST_SAMPLES
from reli_analysis.readers import read
from reli_analysis.record import Histogram, MetricSpec
from reli_analysis.record.csvfile import read_table
from reli_analysis.record.layout import BUDGETS_CSV, EVENTS_CSV, OTHER, TREE
from support import synthetic
from support.judging import ask
from support.recorded import endpoint, record, run_info, table_of, usual
from support.replay import last_standings
from support.synthetic import Script, Tree


def take(
    standings: Standings, row: IntervalRow, events: Sequence[EventRow] = (), **columns: Any
) -> tuple[Standing, ...]:
    """How they stand after an interval."""
    everything = Histogram()
    for one in row.endpoints:
        everything.add(one.counts.keys(), one.counts.values())
    row_of_results = {**load_columns(row, everything, 1.0), **columns}
    return standings.take(row, everything, row_of_results, events)


def standings_of(*budgets: str, **info: Any) -> Standings:
    return Standings(run_info(budgets=budgets, **info))


def calls(index: int, *latencies_ms: float, **changes: Any) -> IntervalRow:
    """An interval in which /a answered after these times."""
    return usual(index, endpoints=(endpoint("/a", latencies_ms),), **changes)


def test_nothing_is_known_before_the_steady_window() -> None:
    """Warm-up counts for no budget, and what nobody measured stays unknown, never 0."""
    budgets = (
        "p95 < 1s",
        "error_ratio < 1%",
        "throughput > 1/s",
        "max rss < 1GiB",
        "p95 < 1s over 2s",
    )
    standings = standings_of(*budgets, "max uss < 1GiB")
    warming = take(standings, calls(0, 5.0, window="warm-up"), rss_bytes=1e6)
    assert {(one.standing, one.observed) for one in warming} == {("unknown", None)}
    take(standings, calls(1, *[5.0] * 40), rss_bytes=1e6)
    steady = take(standings, calls(2, *[5.0] * 40), rss_bytes=1e6)
    assert [one.standing for one in steady] == ["holds"] * 5 + ["unknown"]
    assert [one.budget for one in steady] == [budget.text for budget in standings.budgets]


def test_three_requests_may_hold_and_the_analysis_decides(tmp_path: Path) -> None:
    """Whether data are enough is a question for the verdict."""
    path = record(tmp_path, [calls(0, 1.0, 1.0, 1.0)], budgets=("p95 < 1s",))
    (row,) = table_of(read_table(path / BUDGETS_CSV).columns)
    assert row["standing"] == "holds"
    assert "only 3 requests" in ask(read(path), "p95 < 1s").message


def test_two_levels_and_back() -> None:
    """Past the first limit it warns, past the second it is broken; the limit is the one in force."""
    standings = standings_of("mean < 5ms, critical 10ms")
    seen = [
        take(standings, calls(at, ms))[0] for at, ms in enumerate((2.0, 12.0, 40.0, *[1.0] * 30))
    ]
    assert [one.standing for one in seen[:3]] == ["holds", "warns", "broken"]
    assert [one.limit for one in seen[:3]] == [5.0, 5.0, 10.0]
    assert (seen[-1].standing, seen[-1].unit) == ("holds", "ms")


def test_rows_are_written_each_ten_seconds_and_on_change(tmp_path: Path) -> None:
    """budgets.csv has every budget at its pace; a breach and its end are events."""
    latencies = [1.0] * 12 + [90.0] * 3 + [1.0] * 12
    rows = [calls(at, ms, ms) for at, ms in enumerate(latencies)]
    path = record(tmp_path, rows, budgets=("mean < 15ms", "no leak in rss"))
    written = table_of(read_table(path / BUDGETS_CSV).columns)
    mean = [(float(r["elapsed_s"]), r["standing"]) for r in written if r["budget"] == "mean < 15ms"]
    assert mean == [
        *((1.0, "holds"), (11.0, "holds"), (15.0, "broken"), (20.0, "holds"), (21.0, "holds")),
        (27.0, "holds"),
    ]
    assert {r["standing"] for r in written if r["budget"] == "no leak in rss"} == {"unknown"}
    events = table_of(read_table(path / EVENTS_CSV).columns)
    breaches = [
        (e["elapsed_s"], e["subject"], e["message"]) for e in events if e["kind"] == "breach"
    ]
    assert breaches == [
        ("15", "mean < 15ms", "18.8 ms breaks the limit of 15 ms"),
        ("20", "mean < 15ms", "no longer broken: 14.35 ms keeps the limit of 15 ms"),
    ]


def test_what_is_no_longer_measured_is_unknown_again(tmp_path: Path) -> None:
    """A last value grows stale, as in the analysis; the breach ends with a word of its own."""
    rows = [usual(at, metrics={"queue": 9.0} if at < 5 else {}) for at in range(20)]
    metrics = (MetricSpec("queue", "gauge", "in line"),)
    path = record(tmp_path, rows, budgets=("last queue <= 0",), metrics=metrics)
    events = table_of(read_table(path / EVENTS_CSV).columns)
    messages = [event["message"] for event in events if event["kind"] == "breach"]
    assert messages[0].startswith("9 breaks")
    assert messages[1].startswith("no longer broken: what it speaks of")


def test_a_window_once_broken_stays_broken() -> None:
    """It is asked of every window; a window does not reach across a fault."""
    standings = standings_of("error_ratio < 50% over 3s", "throughput > 1/s over 3s")
    failing = (endpoint("/a", [1.0, 1.0], failures=2),)
    for at in range(3):
        take(standings, usual(at, endpoints=failing, window="steady" if at < 2 else "fault"))
    split = take(standings, calls(3, 1.0, 1.0))
    assert [one.standing for one in split] == ["unknown", "unknown"]
    for at in range(4, 7):
        take(standings, usual(at, endpoints=failing))
    broken = [take(standings, calls(at, *[1.0] * 9))[0] for at in range(7, 20)]
    assert {(one.standing, one.observed) for one in broken} == {("broken", 1.0)}


@pytest.mark.parametrize(
    ("workers", "pattern", "known"),
    [
        (1, "GET /a", True),
        (1, "/*", False),
        (2, "GET /a", False),
        (2, "*", True),
    ],
)
def test_folded_names_put_an_endpoint_in_doubt(workers: int, pattern: str, known: bool) -> None:
    """Requests under (other) may be its own, unless one process told the name apart."""
    standings = standings_of(f'error_ratio of "{pattern}" < 1%')
    folded = endpoint(OTHER, [1.0], request_type="")
    row = usual(0, endpoints=(endpoint("/a", [1.0]), folded), workers=workers)
    assert take(standings, row)[0].standing == ("holds" if known else "unknown")


def test_workers_one_after_the_other_are_several() -> None:
    """A worker that took another's place may have folded what that one told apart."""
    standings = standings_of('p95 of "GET /a" < 1s')
    folded = endpoint(OTHER, [1.0], request_type="")
    joined = [EventRow(0, "worker", name, "joined") for name in ("one", "two")]
    row = usual(0, endpoints=(endpoint("/a", [1.0]), folded))
    assert take(standings, row, joined[:1])[0].standing == "holds"
    assert take(standings, replace(row, index=1), joined[1:])[0].standing == "unknown"


def test_an_endpoint_of_the_very_name_counts_alone() -> None:
    """What a pattern brought before its first request is void, as in the analysis."""
    budgets = [
        f'{f} of "GET /[ab]" {limit}'
        for f, limit in (
            ("error_ratio", "< 1%"),
            ("mean", "< 5ms"),
            ("max_latency", "< 5ms"),
            ("p50", "< 5ms"),
            ("error_ratio", "< 1% over 1s"),
            ("throughput", "> 0/s"),
        )
    ]
    standings = Standings(run_info(budgets=tuple(budgets)))
    pattern = usual(0, endpoints=(endpoint("/a", [900.0] * 9, failures=9),))
    assert take(standings, pattern)[0].standing == "broken"
    exact = usual(1, endpoints=(endpoint("/[ab]", [1.0]), *pattern.endpoints))
    observed = [one.observed for one in take(standings, exact)]
    assert observed[:4] == [0.0, pytest.approx(1.0, rel=1e-3), *[pytest.approx(1.0, rel=1e-3)] * 2]
    assert observed[5] == 0.5


def test_growth_is_of_the_longest_life(tmp_path: Path) -> None:
    """A restart begins anew, and a short life after a long one changes nothing."""
    spans = ((0, 15), (18, 69))
    script = Script(
        columns={"rss_bytes": lambda s: None if 15 < s < 18 else 1e8 + 1e6 * s - 5e7 * (s > 15)},
        trees=(Tree("name:redis", spans=spans, kind=TREE),),
        events=((18.5, "restart", "name:redis", "killed"),),
    )
    path = synthetic.write(tmp_path / "run", script).path
    budget = "growth rss < 1MiB"
    finding = ask(read(path), budget)
    assert finding.evidence["lives"] == 2
    assert finding.observed is not None
    assert last_standings(path, (budget,))[budget].observed == pytest.approx(
        finding.observed, rel=0.05
    )


def test_a_restart_counts_from_its_own_sample_on() -> None:
    """Its event may be told with an interval before it, when rows wait for the load processes."""
    standings = standings_of("growth rss < 1GiB")
    restart = [EventRow(22.1, "restart", "name:redis", "killed")]
    level = [100.0] * 21 + [500.0] * 40
    for at, value in enumerate(level):
        growth = take(standings, usual(at), restart if at == 19 else (), rss_bytes=value)[0]
        assert growth.observed == (0.0 if at >= 19 else None)


def test_growth_of_a_long_run_is_that_of_chosen_samples() -> None:
    """Past the bound every second sample is forgotten; the growth stays that of the whole."""
    standings = standings_of("growth rss < 1MiB")
    for at in range(5 * MOST_SAMPLES):
        (growth,) = take(standings, usual(at), rss_bytes=1000.0 * at)
    assert growth.observed == pytest.approx(0.9 * 1000 * 5 * MOST_SAMPLES, rel=0.01)


def test_the_recorder_stays_small() -> None:
    """Standings bring neither numpy nor Locust into the process that samples."""
    code = (
        "import sys, reli.standings, reli.recorder.recording\n"
        "heavy = {'numpy', 'pandas', 'scipy', 'locust', 'gevent', 'prometheus_client'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")
