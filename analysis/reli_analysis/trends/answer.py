"""What a trend says about a leak: there is one, there is none above a rate, or not yet known."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reli_analysis.trends.trend import Trend

SHARE_AN_HOUR = 0.01
"""A leak that matters adds at least 1 % of the level an hour; slower ones are left to a limit."""

COUNT_AN_HOUR = 1.0
"""Descriptors and threads come whole: less than one an hour is no rate that a run can show."""

_STILL_GROWING = 0.3
_LATE_TOLERANCE = 3.0
_CAUTION = 1.5


class Growth(enum.Enum):
    """The three answers."""

    LEAK = "leak"
    NONE = "none"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Answer:
    """``threshold_per_h`` is the rate that matters; ``needed_s`` how long a run would tell."""

    growth: Growth
    threshold_per_h: float
    needed_s: float | None = None


def threshold_per_h(trend: Trend, unit: str) -> float:
    """The slowest growth that matters for a series of this level and unit."""
    share = SHARE_AN_HOUR * abs(trend.base)
    return max(share, COUNT_AN_HOUR) if unit == "count" else share


def answer(trend: Trend, unit: str) -> Answer:
    """Compare the interval with the threshold X.

    LEAK when its low end lies above X and the second half still grows: its high end is more than
    0.3 of the slope. NONE when its high end lies below X and the second half's below 3 X. Growth
    that slows down satisfies neither.
    """
    limit = threshold_per_h(trend, unit)
    if trend.low_per_h > limit and trend.late_high_per_h > _STILL_GROWING * trend.slope_per_h:
        return Answer(Growth.LEAK, limit)
    flat = trend.high_per_h < limit or trend.high_per_h <= 0
    late_flat = trend.late_high_per_h < _LATE_TOLERANCE * limit or trend.late_high_per_h <= 0
    if flat and late_flat:
        return Answer(Growth.NONE, limit)
    return Answer(Growth.UNKNOWN, limit, needed_s(trend, limit))


def needed_s(trend: Trend, limit: float) -> float:
    """How long the window would have to be, at least.

    The interval of a slope narrows with the length T as T^(-3/2), so T grows with the wanted
    narrowing to the power of 2/3. That is optimistic, hence half as much again.
    """
    width = trend.high_per_h - trend.slope_per_h
    room = max(limit - max(trend.slope_per_h, 0.0), 0.3 * limit)
    if not math.isfinite(width) or room <= 0:
        return 2 * trend.length_s
    return _CAUTION * trend.length_s * max(1.25, math.pow(width / room, 2 / 3))
