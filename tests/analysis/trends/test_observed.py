"""Cleaning, the load, and what a counter may hide."""

import numpy as np
import pytest

from reli_analysis.trends.observed import cleaned, resolution
from support.levels import clock, observed, white


def test_failed_reads_and_lone_outliers_go() -> None:
    """NaN and near-zero reads are dropped; one wild sample becomes its neighbours' median."""
    times = clock(40, 1)
    values = 100 + white(times)
    values[[3, 9]] = np.nan, 0.5
    values[20] = 900.0
    clean = cleaned(observed(times, values))
    assert len(clean.values) == 38
    assert clean.values.max() < 102
    assert clean.values.min() > 98


def test_samples_are_put_in_order() -> None:
    """What was written out of order is judged by its time."""
    times = clock(40, 1)
    shuffled = np.random.default_rng(3).permutation(len(times))
    clean = cleaned(observed(times[shuffled], 100 + times[shuffled]))
    assert clean.elapsed_s.tolist() == times.tolist()
    assert np.diff(clean.values).min() >= 0


def test_lives_are_cleaned_apart() -> None:
    """The first sample of a new life is no outlier of the last one."""
    times, lives = clock(20, 1), np.repeat([0, 1], 10)
    clean = cleaned(observed(times, np.where(lives == 1, 50.0, 100.0), lives))
    assert clean.values.tolist() == [100.0] * 10 + [50.0] * 10


def test_the_load_is_straight_between_known_moments() -> None:
    """NaN in the load is filled; a load that is mostly unknown is none; a steady one matters not."""
    times = clock(10, 1)
    load = 100.0 + 50 * (times % 2)
    load[4] = np.nan
    series = observed(times, times, load=load)
    assert series.load is not None
    assert series.load[4] == pytest.approx(150.0)
    assert series.varying_load is not None
    assert observed(times, times, load=np.where(times < 7, np.nan, load)).load is None
    assert observed(times, times, load=np.full(10, 5.0)).varying_load is None


def test_a_counter_that_stands_still_hides_its_step() -> None:
    """The step of a coarse counter is what may change unseen; noise across the steps hides none."""
    times = clock()
    coarse = np.round((100 + white(times, 0.1)) / 4) * 4
    coarse[500:900] = 104.0
    levels = 100 + white(times[:64])
    assert resolution(observed(times, coarse), levels) == 4.0
    assert resolution(observed(times, np.full(len(times), 20.0)), levels) < 1e-9
    rounded = observed(times, np.round(20 + white(times, 2.0)))
    assert resolution(rounded, levels) == 0.0
    assert resolution(rounded, np.full(64, 18.0)) == 1.0
    assert resolution(observed(times, 20 + white(times)), levels) == 0.0
