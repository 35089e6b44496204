"""How long a run would have to be."""

import numpy as np
import pytest

from reli_analysis.trends.needed import needed_s
from reli_analysis.trends.posterior import Posterior


def slope(estimate: float, error: float) -> Posterior:
    return Posterior(np.array([estimate]), np.array([error]), np.ones(1), 10**6, 0.0)


def test_wider_intervals_need_longer_runs() -> None:
    """As the power 2/3 of the width over the room, at least a quarter more, and half of that again."""
    assert needed_s(100, slope(0.0, 8.0 / 1.95996), 1.0) == pytest.approx(1.5 * 100 * 4, rel=1e-3)
    assert needed_s(100, slope(0.0, 0.1), 1.0) == pytest.approx(1.5 * 125)
    assert needed_s(100, None, 1.0) == 200.0
    near = needed_s(100, slope(1.0, 1.0), 1.0)
    assert near == pytest.approx(150 * (1.95996 / 0.3) ** (2 / 3), rel=1e-3)
