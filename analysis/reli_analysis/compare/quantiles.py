"""Latencies of one run as quantiles, each with how sure the run itself is of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.compare.blocks import FEWEST_BLOCKS, ratio_error

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.compare.blocks import Blocks
    from reli_analysis.latency import LatencyCounts, LatencyLog

ENOUGH_BEYOND = 10
"""So many requests must lie beyond a quantile (and before it) for it to be compared."""

GRID = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999)
"""The quantiles at which two distributions are laid side by side."""


def needed_for(quantile: float) -> int:
    """How many requests a run must have for this quantile."""
    return math.ceil(ENOUGH_BEYOND / min(quantile, 1 - quantile) - 1e-9)


class BlockedLatencies:
    """The latencies of one tag in the judged time: as a whole, and by block."""

    def __init__(self, log: LatencyLog, tag: str, blocks: Blocks) -> None:
        self._fine = log.in_blocks((tag,), blocks.spans)
        self._count = min(len(blocks), len(self._fine.totals))

    @property
    def whole(self) -> LatencyCounts:
        return self._fine.whole

    def design_effect(self, quantile: float) -> float:
        """By how much the variance is larger than that of as many independent requests.

        At least 1; NaN when there are too few blocks to tell.
        """
        value_ms = self.whole.quantile_ms(quantile)
        if value_ms is None or self._count < FEWEST_BLOCKS:
            return math.nan
        below = self._joined(self._fine.below(value_ms, or_equal=True))
        error = ratio_error(below, self._joined(self._fine.totals))
        independent = quantile * (1 - quantile) / self.whole.total
        return max(1.0, error**2 / independent) if math.isfinite(error) else math.nan

    def _joined(self, counts: NDArray[np.int64]) -> NDArray[np.float64]:
        """Sums over neighbouring stretches of the log, so that each block holds whole rows."""
        first = np.arange(self._count) * len(counts) // self._count
        return np.add.reduceat(counts.astype(float), first)

    def error_ms(self, quantile: float, design_effect: float) -> float:
        """The standard error of a quantile by Woodruff's method (JASA 47, 1952).

        The error of the distribution function at the quantile, sqrt(q (1 - q) deff / n), is carried
        back through the function itself: half the distance between the quantiles at q - e and q + e.
        It needs no density and no resampling. Assumes that the distribution is about straight
        within e.
        """
        total = self.whole.total
        share = math.sqrt(quantile * (1 - quantile) * design_effect / total)
        low = self.whole.quantile_ms(max(quantile - share, 0.5 / total))
        high = self.whole.quantile_ms(min(quantile + share, 1 - 0.5 / total))
        if low is None or high is None:
            return math.nan
        middle_ms = self.whole.quantile_ms(quantile) or 0.0
        return max((high - low) / 2, middle_ms / 2048)  # no bucket is finer than that
