"""Sawteeth, and the floors of buckets."""

import numpy as np
import pytest

from reli_analysis.trends.floors import BUCKETS, floors
from reli_analysis.trends.sawtooth import find_sawtooth
from support.levels import clock, floors_of, observed, white


def teeth(times_s: np.ndarray, period_s: float, height: float = 20.0) -> np.ndarray:
    return height * ((times_s / period_s) % 1)


@pytest.mark.parametrize("period_s", [60, 200, 330])
def test_a_sawtooth_is_found_with_its_period(period_s: float) -> None:
    """Slow rises that are given back at once, whatever grows below them."""
    times = clock()
    values = 100 + teeth(times, period_s) + times / 200 + white(times)
    found = find_sawtooth(times, values)
    assert found is not None
    assert found.period_s == pytest.approx(period_s, rel=0.1)


def test_waves_squares_and_noise_are_no_sawtooth() -> None:
    """A sine rises as long as it falls, a square is never half-way, noise is irregular."""
    times = clock()
    wave = np.sin(2 * np.pi * times / 300)
    assert find_sawtooth(times, 100 + 10 * wave + white(times)) is None
    assert find_sawtooth(times, 100 + 10 * np.sign(wave) + white(times)) is None
    assert find_sawtooth(times, 100 + white(times, 5.0)) is None
    assert find_sawtooth(times[:100], 100 + teeth(times[:100], 20)) is None


def test_floors_of_slow_teeth_are_their_minima() -> None:
    """One level a tooth, and it is what the collector left."""
    times = clock()
    found = floors_of(times, 100 + teeth(times, 200))
    assert found.sawtooth is not None
    assert 15 <= len(found) <= 18
    assert found.levels == pytest.approx(100.0, abs=1.5)


def test_floors_of_quick_teeth_do_not_wander() -> None:
    """Teeth too short to be told apart hardly move the floors of buckets."""
    times = clock()
    found = floors_of(times, 100 + teeth(times, 17))
    assert len(found) == BUCKETS
    assert np.ptp(found.levels) < 5
    assert found.levels.max() < 110


def test_a_floor_leaves_out_the_upper_half() -> None:
    """Short peaks above the usual level are not in it."""
    times = clock(6400, 1)
    values = 100 + np.where(times % 10 < 2, 30.0, 0.0) + white(times, 0.01)
    assert floors_of(times, values).levels == pytest.approx(100.0, abs=0.1)


def test_thin_buckets_are_left_out_and_lives_kept_apart() -> None:
    """A gap leaves no level, and a bucket never mixes two processes."""
    times = clock(6400, 1)
    kept = (times < 1000) | (times >= 2000)
    lives = (times >= 3333).astype(np.int64)
    series = observed(times[kept], np.where(lives == 1, 50.0, 100.0)[kept], lives[kept])
    found = floors(series)
    assert len(found) < BUCKETS
    assert not ((found.elapsed_s > 1100) & (found.elapsed_s < 1900)).any()
    assert set(found.levels.tolist()) == {50.0, 100.0}


def test_buckets_in_a_fault_and_after_are_marked() -> None:
    """The stretch of a fault and the bucket behind it are told apart."""
    times = clock(6400, 1)
    found = floors(observed(times, np.full(6400, 1.0), faults=((1000.0, 1200.0),)))
    marked = found.elapsed_s[found.in_fault]
    assert marked.min() == pytest.approx(1050, abs=101)
    assert marked.max() == pytest.approx(1250, abs=101)
    assert 3 <= len(marked) <= 4
