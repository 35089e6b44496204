"""Change points of scripted series: found at their time, and not found where there are none."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import lfilter

from reli_analysis.drift import change_points, shape_of

HOUR = np.arange(3600.0)


def noise(n: int, phi: float, seed: int) -> NDArray[np.float64]:
    """Of standard deviation 1, with a memory of phi from one value to the next."""
    shocks = np.random.default_rng(seed).standard_normal(n + 1000)
    return np.asarray(lfilter([np.sqrt(1 - phi**2)], [1, -phi], shocks)[1000:])


@pytest.mark.parametrize("phi", [0.0, 0.5])
def test_a_step_of_a_fifth_is_found_within_three_intervals(phi: float) -> None:
    """Its time, what it held before and after, and an interval of the time that holds the truth."""
    errors = []
    for seed in range(6):
        at = 1200 + 200 * seed
        values = 12 * (1 + 0.06 * noise(3600, phi, seed)) * np.where(at <= HOUR, 1.2, 1.0)
        (change,) = change_points(HOUR, values)
        errors.append(abs(change.at_s - at))
        assert change.low_s <= change.at_s <= change.high_s
        assert change.before == pytest.approx(12, rel=0.03)
        assert change.after == pytest.approx(14.4, rel=0.03)
        assert change.probability > 0.97
    assert np.median(errors) <= 3


@pytest.mark.parametrize("phi", [0.0, 0.5, 0.9, 0.98])
def test_noise_with_memory_makes_no_change_points(phi: float) -> None:
    """Where neighbours are alike, a test that takes them as independent sees steps everywhere."""
    found = [change_points(HOUR, 12 + noise(3600, phi, seed)) for seed in range(12)]
    assert sum(map(bool, found)) == 0


def test_a_creep_over_runs_is_a_slope_and_not_a_row_of_steps() -> None:
    """Nine per cent a run is found over twelve runs, given as logarithms."""
    runs = np.arange(12.0)
    values = np.log(12 * 1.09**runs) + 0.02 * noise(12, 0.0, 3)
    shape = shape_of(runs, values, fewest=2)
    assert shape.changes == ()
    assert shape.slope is not None
    assert shape.slope.low_per_s < np.log(1.09) < shape.slope.high_per_s


def test_a_step_between_few_runs_is_found_at_its_run() -> None:
    """Twenty runs, the twelfth and all after it slower by a fifth."""
    runs = np.arange(20.0)
    values = 12 * (1 + 0.06 * noise(20, 0.0, 4)) * np.where(runs >= 11, 1.2, 1.0)
    (change,) = change_points(runs, values, fewest=2, independent=True)
    assert change.at_s == 11


def test_a_rise_that_is_given_back_is_two_change_points() -> None:
    """Neither of them alone is there, so they are looked for together."""
    values = 12 + noise(3600, 0.3, 5) * 0.8 + 5.0 * ((HOUR >= 1500) & (HOUR < 1900))
    up, down = change_points(HOUR, values)
    assert abs(up.at_s - 1500) <= 3
    assert abs(down.at_s - 1900) <= 3
    assert up.size > 4
    assert down.size < -4


def test_gaps_and_irregular_times_are_left_out() -> None:
    """Values that were not measured, and times that are not evenly spaced, move no change point."""
    source = np.random.default_rng(6)
    kept = np.sort(source.choice(3600, 2500, replace=False))
    elapsed_s = HOUR[kept]
    values = 12 + 0.5 * noise(3600, 0.3, 6)[kept] + 2.4 * (elapsed_s >= 2000)
    values[::50] = np.nan
    (change,) = change_points(elapsed_s, values)
    assert abs(change.at_s - 2000) <= 5


@pytest.mark.parametrize(
    "values", [[], [1.0] * 5, [np.nan] * 50, [3.0] * 200, [1.0, 2.0, 1.0, 2.0, 1.0]]
)
def test_too_little_or_nothing_but_one_value_has_no_change_points(values: list[float]) -> None:
    """Nothing is made of nothing, and nothing raises."""
    assert change_points(np.arange(float(len(values))), np.array(values)) == ()


def test_times_that_stand_still_have_no_change_points() -> None:
    """All values at one moment have no order that could change."""
    assert change_points(np.zeros(20), np.arange(20.0)) == ()


def test_an_exact_step_without_noise_is_found() -> None:
    """A series without noise has no likelihood to speak of, and still its step."""
    values = np.where(np.arange(60) >= 30, 2.0, 1.0)
    (change,) = change_points(np.arange(60.0), values)
    assert change.at_s == 30
    assert change.before == pytest.approx(1)
    assert change.after == pytest.approx(2)
