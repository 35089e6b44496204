"""A slow trend over runs: by how much a level moves from one run to the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.intervals import LEVEL

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEWEST_RUNS = 6
"""Of five runs in perfect order one in sixty is so by chance: too many to look at ten levels."""
_NO_TIES = 33


@dataclass(frozen=True)
class Creep:
    """A robust trend: the change a run with its 95 % interval, on the scale of the values.

    ``first`` and ``last`` are the indexes of the runs it was made of; ``start`` is the fitted value
    at the first.
    """

    per_run: float
    low: float
    high: float
    p_value: float
    first: int
    last: int
    start: float

    @property
    def runs(self) -> int:
        return self.last - self.first

    def total(self, per_run: float) -> float:
        """The change over all runs at so much a run."""
        return per_run * self.runs


def creep_of(indexes: NDArray[np.float64], values: NDArray[np.float64]) -> Creep | None:
    """The trend of values over run indexes (both without NaN); ``None`` below six runs.

    The slope is the median of the slopes of all pairs (Theil, 1950; Sen, JASA 63, 1968). Its p-value
    is that of Kendall's tau, exact for up to 33 runs without ties; its interval inverts the same
    test (Sen). Assumes that runs are independent around the trend; robust against outliers in up
    to 29 % of them.
    """
    if len(values) < FEWEST_RUNS:
        return None
    from scipy.stats import kendalltau, theilslopes  # noqa: PLC0415 -- scipy costs --help dearly

    if np.ptp(values) == 0:
        ends = int(indexes[0]), int(indexes[-1])
        return Creep(0.0, 0.0, 0.0, 1.0, *ends, float(values[0]))
    fit = theilslopes(values, indexes, LEVEL)
    exact = len(values) <= _NO_TIES and len(np.unique(values)) == len(values)
    tau = kendalltau(indexes, values, method="exact" if exact else "asymptotic")
    slope, intercept, low, high = map(float, fit)
    start = intercept + slope * float(indexes[0])
    p_value = float(tau.pvalue) if np.isfinite(tau.pvalue) else 1.0
    return Creep(slope, low, high, p_value, int(indexes[0]), int(indexes[-1]), start)
