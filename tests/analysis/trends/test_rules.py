"""The rules between a slope and an answer, and what a rest of a warm-up does to a slope."""

from __future__ import annotations

import numpy as np

from reli_analysis.trends import rules
from reli_analysis.trends.observed import Observed, cleaned
from reli_analysis.trends.rules import Growth, Judged, decide, judge
from reli_analysis.trends.transients import averaged_slope
from reli_analysis.trends.window import clock_s
from support.levels import HOUR_S, clock, observed, prepared_of, white

T = clock()
U = T / HOUR_S
X = 3.0 / HOUR_S


def judged(series: Observed) -> Judged:
    found = judge(cleaned(series), prepared_of(series))
    assert found is not None
    return found


def test_a_rest_of_a_warm_up_is_no_growth() -> None:
    """The slope of what still fades holds the truth only when a decay is thought of."""
    part = prepared_of(observed(T, 100 - 3 * np.exp(-U / 0.2) + 5 * U + white(T, 0.3)))
    laws, time_s = part.laws(), clock_s(part)
    plain = laws.fit(part.design(time_s), part.floors.levels)
    thought_of = averaged_slope(part, laws, time_s, bent_before=True)
    assert plain.interval[0] * HOUR_S > 5
    low, high = (end * HOUR_S for end in thought_of.interval)
    assert low < 5 < high


def test_one_jump_is_no_leak() -> None:
    """A step has a level on both sides, and no slope."""
    step = judged(observed(T, 100 + 20.0 * (U > 0.5) + white(T)))
    assert decide(step, X)[0] is not Growth.LEAK


def test_growth_with_an_onset_is_judged_since_then() -> None:
    """The rate since the onset is told from all levels, those before it as well."""
    series = observed(T, 100 + 30 * np.maximum(U - 0.55, 0) + white(T))
    found = judged(series)
    low, high = (end * HOUR_S for end in found.slope.interval)
    assert found.window.speeds_up_once
    assert low < 30 < high < 36
    assert decide(found, X)[0] is Growth.LEAK


def test_growth_by_the_requests_does_not_settle() -> None:
    """Requests that come less often bend a leak that follows them; that is no warm-up."""
    load = 100 * np.exp(-1.5 * U) * (1 + 0.5 * np.sin(2 * np.pi * 6 * U))
    grown = np.interp(T, T, np.cumsum(load) / load.sum() * 30)
    found = judged(observed(T, 100 + grown + white(T), load=load))
    assert found.clock.name == "requests"
    assert not found.settled


def test_what_is_counted_grows_at_random() -> None:
    """The interval of descriptors that leak holds the rate at which they do, not their number alone."""
    source = np.random.default_rng(5)
    leaked = np.cumsum(source.poisson(40 / len(T), len(T))).astype(np.float64)
    whole = judged(observed(T, 100.0 + leaked))
    halves = judged(observed(T, 100.5 + leaked))
    assert np.ptp(whole.slope.interval) > 1.3 * np.ptp(halves.slope.interval)
    assert whole.slope.interval[0] * HOUR_S < 40 < whole.slope.interval[1] * HOUR_S


def test_growth_that_has_ended_is_not_under_way() -> None:
    """The last third of the window must still grow; with a load, what it holds is taken out first."""
    load = 100 * (1 + 0.6 * np.sin(2 * np.pi * U * 2.5))
    going_on = judged(observed(T, 100 + 0.2 * load + 20 * U + white(T), load=load))
    ended = judged(observed(T, 100 + 20 * np.minimum(U, 0.6) + white(T)))
    tail = rules._tail(going_on.window)
    assert tail is not None
    assert rules._under_way(going_on.slope, tail)
    assert decide(going_on, X)[0] is Growth.LEAK
    assert decide(ended, X)[0] is not Growth.LEAK


def test_growth_that_begins_late_is_not_cleared() -> None:
    """What begins in the last quarter is too short to be sure of, and too sure to pass."""
    late = judged(observed(T, 100 + 12 * np.maximum(U - 0.75, 0) + white(T, 0.5)))
    assert decide(late, X)[0] is not Growth.NONE


def test_growth_below_a_rest_of_doubt_is_no_pass() -> None:
    """A slope whose interval holds both 0 and the threshold has no answer."""
    loud = 100 + 6 * np.repeat(white(T[::60], 1.0, seed=8), 60)
    assert decide(judged(observed(T, loud + white(T))), X)[0] is Growth.UNKNOWN
