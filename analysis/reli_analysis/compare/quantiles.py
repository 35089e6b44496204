"""Latencies of one run as quantiles, each with how sure the run itself is of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.compare.blocks import FEWEST_BLOCKS, ratio_error

if TYPE_CHECKING:
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
        self.whole = log.merged((tag,), blocks.spans)
        self._blocks: list[LatencyCounts] = []
        if len(blocks) >= FEWEST_BLOCKS:
            spans = map(blocks.spans_of, range(len(blocks)))
            self._blocks = [log.merged((tag,), own) for own in spans]

    def design_effect(self, quantile: float) -> float:
        """By how much the variance is larger than that of as many independent requests.

        At least 1; NaN when there are too few blocks to tell.
        """
        value_ms = self.whole.quantile_ms(quantile)
        if value_ms is None or not self._blocks:
            return math.nan
        below = np.array([b.count_below(value_ms, or_equal=True) for b in self._blocks], float)
        totals = np.array([b.total for b in self._blocks], float)
        error = ratio_error(below, totals)
        independent = quantile * (1 - quantile) / self.whole.total
        return max(1.0, error**2 / independent) if math.isfinite(error) else math.nan

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
