"""Series on the page's grid of time."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from reli_analysis.drawn.grid import MOST_STEPS, TimeGrid, Trace, time_grid, trace
from reli_analysis.series import Run, Series


def _series(values: list[float], elapsed: list[float] | None = None) -> Series:
    times = np.arange(float(len(values))) if elapsed is None else np.array(elapsed)
    return Series("x", "count", times, np.array(values, dtype=float))


def _trace(values: list[float], steps: int, restarted_s: tuple[float, ...] = ()) -> Trace:
    return trace(_series(values), TimeGrid(0, len(values), steps), restarted_s)


@settings(deadline=None)  # other work on the machine must not fail it
@given(
    values=st.lists(st.floats(width=32), min_size=1, max_size=300),
    steps=st.sampled_from([1, 7, 50, 300]),
)
def test_thinning_keeps_the_extremes(values: list[float], steps: int) -> None:
    """Whatever the number of steps, the highest and the lowest value are among the points."""
    drawn = _trace(values, steps)
    numbers = np.array(values)
    finite = np.clip(numbers[np.isfinite(numbers)], -1e30, 1e30)
    assert len(drawn.steps) <= steps
    assert np.all(np.diff(drawn.steps) > 0)
    if len(finite):
        assert drawn.lows.min() == finite.min()
        assert drawn.highs.max() == finite.max()
        assert np.all((drawn.lows <= drawn.middles) & (drawn.middles <= drawn.highs))
    else:
        assert len(drawn.steps) == 0


def test_a_spike_of_one_second_in_two_days_stays() -> None:
    """One value of 172,800 is the high of its step, and leaves the middle alone."""
    values = np.ones(172_800)
    values[100_000] = 50.0
    drawn = trace(_series(values.tolist()), TimeGrid(0, 172_800, MOST_STEPS))
    at = int(drawn.highs.argmax())
    assert drawn.highs[at] == 50.0
    assert drawn.middles[at] == 1.0
    assert drawn.steps[at] == 100_000 * MOST_STEPS // 172_800
    assert not drawn.one_value


def test_the_middle_is_one_of_the_values() -> None:
    """Of an even number the lower of the two in the middle, never a mean that nobody measured."""
    assert _trace([4, 1, 3, 2], 1).middles.tolist() == [2]
    assert _trace([9, 1, 5], 1).middles.tolist() == [5]


def test_a_gap_breaks_the_line() -> None:
    """Rows without a measurement, or rows that are missing, are no straight line across."""
    nan = math.nan
    assert _trace([1, 2, nan, 3], 4).broken.tolist() == [True, False, True]
    grid = TimeGrid(0, 10, 10)
    missing = trace(_series([1, 2, 3, 4], [0, 1, 2, 9]), grid)
    assert missing.broken.tolist() == [True, False, False, True]


def test_jitter_breaks_no_line() -> None:
    """Samples that lie a little early or late leave steps empty without being a gap."""
    times = [0.0, 1.02, 1.98, 3.01, 3.99]
    drawn = trace(_series([1] * 5, times), TimeGrid(0, 5, 5))
    assert drawn.broken.tolist() == [True, *[False] * (len(drawn.steps) - 1)]


def test_what_is_measured_rarely_is_joined() -> None:
    """Of a value in every tenth row the points are joined, and known to be few."""
    values = [float(second) if second % 10 == 0 else math.nan for second in range(60)]
    drawn = _trace(values, 60)
    assert drawn.seldom
    assert drawn.broken.tolist() == [True, *[False] * 5]


def test_a_line_is_not_drawn_across_a_restart() -> None:
    """Also between the points of what is read rarely."""
    values = [float(second) if second % 10 == 0 else math.nan for second in range(60)]
    drawn = _trace(values, 60, restarted_s=(20.0, 33.0, 500.0))
    assert drawn.steps[drawn.broken].tolist() == [0, 20, 40]


def test_the_grid_is_a_step_an_interval_until_there_are_too_many() -> None:
    """Short runs are drawn as measured; long ones in a bounded number of steps."""
    short = Run("t", Path("t"), {"x": _series([1.0] * 50)})
    assert (time_grid(short).steps, time_grid(short).end_s) == (50, 50)
    long = Run("t", Path("t"), {"x": _series([1.0] * 5000)})
    assert time_grid(long).steps == MOST_STEPS
    assert time_grid(long, 100).steps == 100
    assert time_grid(Run("t", Path("t"), {})).steps == 1
