"""Pulses, shifts, rhythm: what is taken out before a slope is asked."""

import numpy as np
import pytest

from reli_analysis.trends.cycle import find_cycle, waves
from reli_analysis.trends.pulses import outside_pulses
from reli_analysis.trends.shifts import find_shifts
from support.levels import clock, observed, prepared_of, white

N = np.arange(64)
NOISE = white(N.astype(float), 0.1, seed=4)


def test_short_rises_are_pulses() -> None:
    """Up to eight levels that are given back are left out; the rest is kept."""
    levels = 100 + NOISE + 10 * ((N >= 20) & (N < 25)) + 30 * (N == 50)
    kept = outside_pulses(levels)
    assert np.flatnonzero(~kept).tolist() == [20, 21, 22, 23, 24, 50]


def test_growth_that_is_given_back_at_once_is_no_pulse() -> None:
    """The end of a slow rise before a reset stays in, and so do a step and an end that is high."""
    reset = 100 + NOISE + np.where(N < 30, N * 0.5, (N - 30) * 0.5)
    assert outside_pulses(reset).all()
    assert outside_pulses(100 + NOISE + 10 * (N >= 30)).all()
    assert outside_pulses(100 + NOISE + 10 * (N >= 58)).all()
    assert np.flatnonzero(~outside_pulses(100 + NOISE + 10 * (N >= 62))).tolist() == [62, 63]


def test_a_lasting_fall_and_a_lone_rise_are_shifts() -> None:
    """A cache that is emptied and a feature that is switched on each begin a segment."""
    assert find_shifts(100 + NOISE - 8.0 * (N >= 30)) == pytest.approx((30,), abs=1)
    assert find_shifts(100 + NOISE + 8.0 * (N >= 40)) == pytest.approx((40,), abs=1)
    assert find_shifts(100 + 0.3 * N + NOISE - 9.0 * (N >= 25)) == pytest.approx((25,), abs=1)


def test_staircases_walks_and_toggles_are_not_cut() -> None:
    """Several rises may be a leak, and what jumps about has no level to come back to."""
    assert find_shifts(100 + 4.0 * (N // 8) + NOISE) == ()
    assert find_shifts(100 + 8.0 * ((N // 16) % 2) + NOISE) == ()
    assert find_shifts(100 + NOISE) == ()
    assert find_shifts(np.full(64, 3.0)) == ()


def test_a_rhythm_is_found_and_counted() -> None:
    """A sine that explains most of the levels, not a line, a parabola or noise."""
    times = N.astype(float)
    rhythm = np.sin(2 * np.pi * 5 * times / 63)
    assert find_cycle(times, 100 + 4 * rhythm + 0.1 * times + NOISE) == pytest.approx(5, abs=0.2)
    assert waves(times, 5.0).shape == (64, 2)
    assert find_cycle(times, 0.02 * times**2 + NOISE) is None
    assert find_cycle(times, 100 + NOISE) is None
    assert find_cycle(times[:20], rhythm[:20]) is None
    assert find_cycle(times, np.full(64, 5.0)) is None


def test_what_is_left_out_is_told() -> None:
    """Faults, pulses and restarts are named with their stretch of the run."""
    times = clock(6400, 1)
    pulse = 20.0 * ((times >= 1000) & (times < 1200))
    fault = 9.0 * ((times >= 3000) & (times < 3200))
    series = observed(times, 100 + pulse + fault + white(times), faults=((3000.0, 3200.0),))
    told = {one.why: one for one in prepared_of(series).left_out}
    assert told["pulse"].from_s == pytest.approx(1000, abs=110)
    assert told["pulse"].to_s == pytest.approx(1200, abs=110)
    assert told["fault"].from_s <= 3000
    assert told["fault"].to_s >= 3200
    lives = (times >= 4000).astype(np.int64)
    restarted = prepared_of(observed(times, 100 + white(times), lives))
    assert [one.why for one in restarted.left_out] == ["restart"]
    assert restarted.has_lives
