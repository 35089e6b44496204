"""A robust slope and its confidence interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

CONFIDENCE = 0.95
_HIGHEST_AUTOCORRELATION = 0.98


@dataclass(frozen=True)
class Slope:
    """An estimate and its 95 % interval, in units of y by unit of x; a side may be infinite."""

    estimate: float
    low: float
    high: float


def theil_sen(x: NDArray[np.float64], y: NDArray[np.float64]) -> Slope:
    """The median of the slopes of all pairs of points, with Sen's interval.

    Formula (Theil 1950; Sen 1968): of the N sorted slopes, the interval runs from number
    (N - C) / 2 to number (N + C) / 2 + 1, where C = z sqrt(V) and V is the variance of Kendall's S,
    corrected for ties. As neighbours in a series are alike, V is multiplied by (1 + r) / (1 - r),
    with r the residuals' lag-1 autocorrelation, corrected for its bias (Marriott and Pope 1954):
    so many points fewer count. Assumes that x ascends without ties and that residuals follow an
    AR(1) process; a trend that bends makes r large and so the interval wide.
    """
    n = len(x)
    first, second = np.triu_indices(n, 1)
    slopes = np.sort((y[second] - y[first]) / (x[second] - x[first]))
    estimate = float(np.median(slopes))
    residuals = y - estimate * x
    correlation = _lag_1(residuals - np.median(residuals))
    variance = _kendall_variance(y) * (1 + correlation) / (1 - correlation)
    reach = NormalDist().inv_cdf((1 + CONFIDENCE) / 2) * math.sqrt(variance)
    lower = math.floor((len(slopes) - reach) / 2)
    upper = math.ceil((len(slopes) + reach) / 2) + 1
    return Slope(
        estimate,
        float(slopes[lower - 1]) if lower >= 1 else -math.inf,
        float(slopes[upper - 1]) if upper <= len(slopes) else math.inf,
    )


def _kendall_variance(y: NDArray[np.float64]) -> float:
    """The variance of Kendall's S without a trend: (n(n-1)(2n+5) - sum of the ties' t...) / 18."""
    _values, ties = np.unique(y, return_counts=True)

    def weight(count: NDArray[np.int64] | int) -> float:
        return float(
            np.sum(np.asarray(count) * (np.asarray(count) - 1) * (2 * np.asarray(count) + 5))
        )

    return (weight(len(y)) - weight(ties)) / 18


def _lag_1(residuals: NDArray[np.float64]) -> float:
    """Lag-1 autocorrelation, bias corrected; never below 0, so that it only ever widens."""
    spread = float(residuals @ residuals)
    if spread == 0:
        return 0.0
    raw = float(residuals[:-1] @ residuals[1:]) / spread
    return min(max(raw + (1 + 4 * raw) / len(residuals), 0.0), _HIGHEST_AUTOCORRELATION)
