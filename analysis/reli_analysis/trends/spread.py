"""How noisy levels are, whatever else they do."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

NORMAL = 1.4826
"""A normal's standard deviation by the median distance of its values from their median."""
_TINY = 1e-12


def mad(values: NDArray[np.float64]) -> float:
    """The median distance from the median, scaled so that it is a normal's standard deviation."""
    return float(NORMAL * np.median(np.abs(values - np.median(values)))) if len(values) else 0.0


def noise(levels: NDArray[np.float64]) -> float:
    """The standard deviation of white noise, from second differences: trends and steps cancel.

    ``mad(y[i-1] - 2 y[i] + y[i+1]) / sqrt(6)``; never quite 0, so that it can divide.
    """
    if len(levels) < 4:
        return _TINY
    return max(mad(levels[2:] - 2 * levels[1:-1] + levels[:-2]) / math.sqrt(6), _TINY)
