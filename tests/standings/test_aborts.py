"""Which broken budget ends the run, and when: never by chance, never before its delay."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from reli.recorder.columns import load_columns
from reli.recorder.protocol import IntervalRow
from reli.recorder.told import Abort
from reli.standings import Standings
from reli_analysis.record import Histogram
from reli_analysis.record.layout import DRAIN
from support.recorded import endpoint, run_info, usual


def _answers(index: int, count: int, failures: int = 0, ms: float = 1.0) -> IntervalRow:
    return usual(index, endpoints=(endpoint("/a", [ms] * count, failures),))


def _abort(budget: str, rows: Sequence[IntervalRow], **columns: float) -> Abort | None:
    """Why the run is to be ended after these intervals."""
    standings = Standings(run_info(budgets=("p50 < 1h", budget)))
    for row in rows:
        everything = Histogram()
        for one in row.endpoints:
            everything.add(one.counts.keys(), one.counts.values())
        results = {**load_columns(row, everything, 1.0), **columns}
        standings.take(row, everything, results)
    return standings.abort


def test_a_broken_budget_ends_the_run_with_its_number() -> None:
    """The budget, the moment and the number are told, of the first interval that broke it."""
    rows = [_answers(at, 20, 20 if at > 2 else 0) for at in range(12)]
    abort = _abort("error_ratio < 50%, abort", rows)
    assert abort == Abort("error_ratio < 50%, abort", 6.0, "50 % breaks the limit of 50 %")


@pytest.mark.parametrize(
    ("budget", "row"),
    [
        ("error_ratio < 50%, abort", _answers(0, 1, 1)),
        ("error_ratio < 1%, abort", _answers(0, 1, 0)),
        ("availability > 50%, abort", _answers(0, 4, 4)),
        ("p95 < 1ms, abort", _answers(0, 1, ms=50.0)),
        ("mean < 1ms, abort", _answers(0, 29, ms=50.0)),
        ("mean cpu_cores < 1, abort", _answers(0, 10)),
    ],
)
def test_too_few_to_tell_end_no_run(budget: str, row: IntervalRow) -> None:
    """One request of one may be bad luck; the analysis would not say FAIL of it either."""
    assert _abort(budget, [row], cpu_cores=9.0) is None


@pytest.mark.parametrize(
    ("budget", "row"),
    [
        ("error_ratio < 1%, abort", _answers(0, 5, 5)),
        ("availability > 50%, abort", _answers(0, 5, 5)),
        ("p95 < 1ms, abort", _answers(0, 5, ms=50.0)),
        ("mean < 1ms, abort", _answers(0, 30, ms=50.0)),
        ("max_latency < 1ms, abort", _answers(0, 1, ms=50.0)),
        ("max cpu_cores < 1, abort", _answers(0, 1)),
    ],
)
def test_few_that_luck_does_not_explain_end_it(budget: str, row: IntervalRow) -> None:
    """Five failures of five are no luck, and one value over a limit of every value breaks it."""
    assert _abort(budget, [row], cpu_cores=9.0) is not None


def test_the_first_of_two_levels_ends_no_run() -> None:
    """Past the first limit it warns; only the critical one ends the run."""
    rows = [_answers(at, 20, 5) for at in range(20)]
    assert _abort("error_ratio < 10%, critical 30%, abort", rows) is None
    assert _abort("error_ratio < 10%, critical 20%, abort", rows) is not None


def test_a_budget_without_abort_ends_no_run() -> None:
    """It is broken, and stays a matter for the verdict."""
    assert _abort("error_ratio < 1%", [_answers(at, 20, 20) for at in range(20)]) is None


def test_a_delay_counts_steady_load() -> None:
    """Warm-up does not count to it, what was measured meanwhile does."""
    warming = [
        usual(at, window="warm-up", endpoints=(endpoint("/a", [1.0] * 9, 9),)) for at in range(5)
    ]
    steady = [_answers(at, 20, 20) for at in range(5, 15)]
    budget = "error_ratio < 50%, abort after 4s"
    assert _abort(budget, [*warming, *steady[:3]]) is None
    abort = _abort(budget, [*warming, *steady])
    assert abort is not None
    assert abort.elapsed_s == 9.0


def test_a_delay_waits_for_one_that_mends() -> None:
    """Broken before the delay is over and whole again by then, it never ends the run."""
    rows = [_answers(at, 20, 20 if at < 2 else 0) for at in range(20)]
    assert _abort("error_ratio < 30%, abort after 10s", rows) is None
    assert _abort("error_ratio < 30%, abort after 3s", rows) is not None


def test_nothing_is_ended_in_the_drain() -> None:
    """The load is over by then."""
    rows = [usual(at, stage=DRAIN, endpoints=(endpoint("/a", [1.0] * 20, 20),)) for at in range(9)]
    assert _abort("error_ratio < 50%, abort", rows) is None


def test_a_sliding_window_counts_when_it_is_whole() -> None:
    """Until the first window has passed nothing is known, however much fails."""
    rows = [_answers(at, 20, 20) for at in range(10)]
    budget = "error_ratio < 50% over 10s, abort"
    assert _abort(budget, rows[:9]) is None
    assert _abort(budget, rows) is not None
