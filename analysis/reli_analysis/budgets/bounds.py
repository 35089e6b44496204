"""What percentiles of single intervals prove of a percentile of all their requests.

An interval of n requests whose percentile q is v has at least ceil(q n) requests at or below v and
at most ceil(q n) - 1 below it (type 1 of Hyndman and Fan, 1996). Summed over the intervals these
give exact lower and upper bounds of how many requests keep a limit; nothing is assumed of how
latencies are distributed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.latency import rank
from reli_analysis.record.histogram import bucket_around_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray


@dataclass(frozen=True)
class IntervalPercentiles:
    """One row an interval: its requests, and its percentiles, the columns in order of quantile."""

    requests: NDArray[np.float64]
    quantiles: NDArray[np.float64]
    values_ms: NDArray[np.float64]

    @classmethod
    def of(
        cls, requests: NDArray[np.float64], columns: Mapping[float, NDArray[np.float64]]
    ) -> IntervalPercentiles:
        """From the columns by quantile; intervals without requests are left out."""
        quantiles = sorted(columns)
        busy = np.nan_to_num(requests) > 0
        values = np.column_stack([columns[quantile][busy] for quantile in quantiles])
        return cls(np.rint(requests[busy]), np.array(quantiles), values)

    @property
    def total(self) -> int:
        return int(self.requests.sum())

    def bounds(self, limit_ms: float, *, or_equal: bool) -> tuple[int, int]:
        """At least and at most how many requests lie below the limit (or at it, to a bucket)."""
        ranks = np.ceil(self.requests[:, None] * self.quantiles - 1e-9)
        ranks = np.maximum(ranks, 1)
        values, (lowest, highest) = self.values_ms, bucket_around_ms(limit_ms)
        inside = values <= highest if or_equal else values < lowest
        outside = values > highest if or_equal else values >= lowest
        at_least = np.where(inside, ranks, 0).max(axis=1, initial=0)
        at_most = np.where(outside, ranks - 1, self.requests[:, None]).min(axis=1)
        return int(at_least.sum()), int(at_most.sum())

    def quantile_range_ms(self, quantile: float) -> tuple[float | None, float | None]:
        """Between which values the percentile of all requests must lie; ``None`` where unknown."""
        needed = rank(quantile, self.total)
        known = np.unique(self.values_ms[np.isfinite(self.values_ms)])
        # The percentile is at least v while fewer than ``needed`` requests can lie below v, and at
        # most v as soon as ``needed`` of them surely lie at or below it.
        below = _steps_while(
            len(known), lambda at: self.bounds(known[at], or_equal=False)[1] < needed
        )
        open_ended = _steps_while(
            len(known), lambda at: self.bounds(known[at], or_equal=True)[0] < needed
        )
        lowest = float(known[below - 1]) if below else None
        highest = float(known[open_ended]) if open_ended < len(known) else None
        return lowest, highest


def _steps_while(count: int, holds: Callable[[int], bool]) -> int:
    """How many of the first positions a condition holds that, once false, stays false."""
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            low = middle + 1
        else:
            high = middle
    return low
