"""The regression under noise of unknown memory."""

import numpy as np
import pytest
from scipy.signal import lfilter
from scipy.stats import linregress

from reli_analysis.trends.noise import RHOS, TAUS, Laws


def line(n: int = 64) -> tuple[np.ndarray, np.ndarray]:
    times = np.arange(float(n))
    return times, np.stack([np.ones(n), times - times.mean()], axis=1)


def test_the_fit_is_generalised_least_squares_under_each_law() -> None:
    """REML weights and estimates equal those of a plain computation with each covariance."""
    times, design = line(20)
    times = times + np.random.default_rng(0).uniform(0, 0.9, 20)
    levels = 0.3 * times + np.random.default_rng(1).standard_normal(20)
    estimates, weights = [], []
    for tau in TAUS:
        for rho in RHOS:
            if rho == 0 and tau != TAUS[0]:
                continue
            covariance = rho * np.exp(-np.abs(np.subtract.outer(times, times)) / tau)
            covariance += (1 - rho) * np.eye(20)
            inverse = np.linalg.inv(covariance)
            gram = design.T @ inverse @ design
            found = np.linalg.solve(gram, design.T @ inverse @ levels)
            rest = levels - design @ found
            variance = rest @ inverse @ rest / 18
            logs = np.linalg.slogdet(covariance)[1] + np.linalg.slogdet(gram)[1]
            estimates.append(found[1])
            weights.append(-0.5 * (18 * np.log(variance) + logs) + 0.25 * np.log(min(tau, 40)))
    shares = np.exp(np.array(weights) - max(weights))
    expected = float(shares @ estimates / shares.sum())
    assert Laws(times).fit(design, levels).estimate == pytest.approx(expected)


def test_white_noise_gives_nearly_the_ordinary_interval() -> None:
    """The chance of memory that is not there makes the interval two to three times as wide."""
    times, design = line()
    ratios = []
    for seed in range(20):
        levels = np.random.default_rng(seed).standard_normal(64)
        low, high = Laws(times).fit(design, levels).interval
        ratios.append((high - low) / (4 * linregress(times, levels).stderr))
    assert 1.0 < np.median(ratios) < 3.0


@pytest.mark.parametrize("kept", [0.0, 0.5, 0.9, 0.95])
def test_noise_with_memory_is_rarely_taken_for_growth(kept: float) -> None:
    """Few series without growth are sure of some; with memory, a line for white noise often is."""
    times, design = line()
    laws, wrong, plain_wrong = Laws(times), 0, 0
    for seed in range(80):
        shocks = np.random.default_rng(seed).standard_normal(364)
        levels = lfilter([1.0], [1.0, -kept], shocks)[300:]
        wrong += laws.fit(design, levels).above(0.0) > 0.975
        found = linregress(times, levels)
        plain_wrong += found.slope > 1.96 * found.stderr
    assert wrong <= 6
    assert kept < 0.9 or plain_wrong >= 16


def test_levels_without_noise_have_that_of_rounding() -> None:
    """Constant levels know their slope only as well as their rounding allows."""
    times, design = line()
    exact = Laws(times).fit(design, np.full(64, 7.0))
    rounded = Laws(times, 0.3).fit(design, np.full(64, 7.0))
    assert np.ptp(exact.interval) < 1e-6
    assert rounded.estimate == pytest.approx(0.0, abs=1e-6)
    assert np.ptp(rounded.interval) > 0.01
