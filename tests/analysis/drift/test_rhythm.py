"""Periodic behaviour is named, and neither noise nor a step is taken for it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import lfilter

from reli_analysis.drift.rhythm import find_rhythm
from reli_analysis.drift.source import SampledSource

HOUR = np.arange(3600.0)


def noise(phi: float, seed: int) -> NDArray[np.float64]:
    shocks = np.random.default_rng(seed).standard_normal(4600)
    return np.asarray(lfilter([np.sqrt(1 - phi**2)], [1, -phi], shocks)[1000:])


@pytest.mark.parametrize("period_s", [60.0, 217.0, 600.0])
@pytest.mark.parametrize("shape", ["wave", "peaks", "sawtooth"])
def test_what_comes_back_after_the_same_time_is_named(period_s: float, shape: str) -> None:
    """A timer's short peaks, a wave and a collector's teeth, with their period and height."""
    phase = HOUR / period_s % 1
    made = {"wave": np.sin(2 * np.pi * phase), "peaks": 4.0 * (phase < 0.15), "sawtooth": 3 * phase}
    found = find_rhythm(SampledSource.of(HOUR, 12 + 0.7 * noise(0.5, 1) + made[shape]))
    assert found is not None
    assert found.period_s == pytest.approx(period_s, rel=0.02)
    assert found.amplitude == pytest.approx(float(np.ptp(made[shape])), rel=0.35)
    assert (found.kind == "peaks") == (shape == "peaks")


@pytest.mark.parametrize("phi", [0.0, 0.9, 0.98])
def test_noise_and_steps_have_no_rhythm(phi: float) -> None:
    """Noise with memory wanders, which is no period; a step comes once."""
    for seed in range(8):
        values = 12 + noise(phi, seed)
        assert find_rhythm(SampledSource.of(HOUR, values)) is None
        stepped = values + 5.0 * (HOUR >= 1700)
        assert find_rhythm(SampledSource.of(HOUR, stepped)) is None


def test_too_little_has_no_rhythm() -> None:
    """Four cycles could be chance, and so could anything in forty values."""
    few = SampledSource.of(HOUR[:40], np.sin(HOUR[:40]))
    assert find_rhythm(few) is None
    assert find_rhythm(SampledSource.of(HOUR, np.ones(3600))) is None
