"""Growth in steps at random moments, against what only looks like it."""

from __future__ import annotations

import numpy as np
import pytest

from reli_analysis.trends.floors import floors
from reli_analysis.trends.observed import cleaned
from reli_analysis.trends.steps import climbs_in_steps
from support.levels import HOUR_S, clock, observed, white

T = clock()
U = T / HOUR_S
RISES = np.array([0.06, 0.11, 0.13, 0.3, 0.34, 0.42, 0.57, 0.63, 0.7, 0.88])


def steps(at: np.ndarray, falls: float = 0.0) -> bool:
    levels = 100 + 3.0 * np.searchsorted(at, U) - falls * (U > 0.5)
    return climbs_in_steps(floors(cleaned(observed(T, levels + white(T, 0.1)))))


def test_rises_at_random_are_growth() -> None:
    """Ten rises that come when they like, and no fall, are growth in steps."""
    assert steps(RISES)


@pytest.mark.parametrize(
    ("at", "falls"),
    [(RISES**3, 0.0), (0.6 * RISES, 0.0), (RISES[:5], 0.0), (RISES, 9.0)],
    ids=["come less often", "have ended", "too few", "something is given back"],
)
def test_other_steps_are_not(at: np.ndarray, falls: float) -> None:
    """Steps of a warm-up, of a pool that is full, of a few switches, or of arenas are no leak."""
    assert not steps(at, falls)


def test_a_straight_line_has_no_steps() -> None:
    """Smooth growth is left to the regression."""
    line = observed(T, 100 + 20 * U + white(T, 0.1))
    assert not climbs_in_steps(floors(cleaned(line)))
