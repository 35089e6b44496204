"""The window after the warm-up, the clock that growth follows, settling and doubling."""

import numpy as np
import pytest

from reli_analysis.trends.clocks import FAULTS, REQUESTS, TIME, Clock, find_clock
from reli_analysis.trends.doubling import doubles
from reli_analysis.trends.observed import Observed, cleaned
from reli_analysis.trends.onset import began_s
from reli_analysis.trends.settling import settles
from reli_analysis.trends.window import Bend, find_window
from support.levels import HOUR_S, clock, floors_of, observed, prepared_of, white

T = clock()
U = T / HOUR_S


def clock_of(series: Observed) -> Clock:
    window = find_window(prepared_of(series))
    assert window is not None
    return find_clock(cleaned(series), window)


def test_straight_growth_needs_no_window() -> None:
    """A line and no growth at all are judged from the beginning."""
    for values in (100 + white(T), 100 + 20 * U + white(T)):
        window = find_window(prepared_of(observed(T, values)))
        assert window is not None
        assert window.bend is Bend.NONE
        assert window.left_out == 0.0


def test_a_warm_up_is_left_out() -> None:
    """The window begins where the levels have come to rest."""
    warming = find_window(prepared_of(observed(T, 100 - 30 * np.exp(-U / 0.05) + white(T))))
    assert warming is not None
    assert warming.bend is Bend.NONE
    assert warming.left_out >= 1 / 6
    assert warming.slows_at_first


def test_growth_that_slows_down_to_the_end_is_told() -> None:
    """A logarithm bends in every window, a parabola the other way."""
    logarithm = find_window(prepared_of(observed(T, 100 + 9 * np.log1p(U / 0.01) + white(T, 0.01))))
    parabola = find_window(prepared_of(observed(T, 100 + 20 * U**2 + white(T, 0.01))))
    assert logarithm is not None
    assert parabola is not None
    assert logarithm.bend is Bend.SLOWING
    assert parabola.bend is Bend.SPEEDING


def test_a_load_that_grows_with_time_hides_growth() -> None:
    """What each request holds cannot be told from a leak when requests grow along with time."""
    ramp = observed(T, 100 + 40 * U + white(T), load=100 + 400 * U)
    assert find_window(prepared_of(ramp)) is None


def test_growth_follows_its_clock() -> None:
    """Requests, faults or time, whichever explains the levels best; each rate is the run's mean."""
    load = 100 * (1 + 0.8 * np.sin(2 * np.pi * U * 3))
    done = np.cumsum(load) / load.sum()
    faults = tuple(
        (start, start + 120.0) for start in (300.0, 900.0, 1500.0, 2100.0, 2700.0, 3300.0)
    )
    inside = np.zeros(len(T))
    for start_s, end_s in faults:
        inside[(start_s <= T) & (end_s > T)] = 1.0
    in_faults = np.cumsum(inside) / inside.sum()
    by_requests = clock_of(observed(T, 100 + 20 * done + white(T, 0.05), load=load))
    by_faults = clock_of(observed(T, 100 + 20 * in_faults + white(T, 0.05), faults=faults))
    by_time = clock_of(observed(T, 100 + 20 * U + white(T, 0.05), load=load, faults=faults))
    assert [one.name for one in (by_requests, by_faults, by_time)] == [REQUESTS, FAULTS, TIME]
    for found in (by_requests, by_faults, by_time):
        assert found.slope.estimate * HOUR_S == pytest.approx(20, rel=0.05)


def test_what_settles_and_what_goes_on() -> None:
    """An exponential and a logarithm settle; growth below a warm-up and a line do not."""
    warming = 100 - 30 * np.exp(-U / 0.3)
    assert settles(prepared_of(observed(T, warming + white(T))))
    assert settles(prepared_of(observed(T, 100 + 9 * np.log1p(U / 0.01) + white(T))))
    assert not settles(prepared_of(observed(T, 100 - 30 * np.exp(-U / 0.05) + 30 * U + white(T))))
    assert not settles(prepared_of(observed(T, 100 + 20 * U + white(T))))


def test_a_doubling_container_is_known_by_its_rises() -> None:
    """Each rise twice the last after twice the time; equal steps and single ones are none."""
    capacity = 0.02 * 2.0 ** np.ceil(np.log2((0.02 + U) / 0.02))
    assert doubles(floors_of(T, 100 + 50 * capacity + white(T, 0.1)))
    assert not doubles(floors_of(T, 100 + 5 * np.floor(8 * U) + white(T, 0.1)))
    assert not doubles(floors_of(T, 100 + 20.0 * (U > 0.5) + white(T, 0.1)))


@pytest.mark.parametrize("began", [0.0, 0.3, 0.6])
def test_the_onset_is_found(began: float) -> None:
    """Growth from the beginning, or from the middle of the run."""
    grown = np.maximum(U - began, 0) * 30
    found = began_s(prepared_of(observed(T, 100 + grown + white(T))))
    assert found == pytest.approx(began * HOUR_S, abs=0.05 * HOUR_S)
