"""The axis of values of a chart: its unit, its range, its marks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reli_analysis.report.specs import ChartSpec

_LOG_FROM = 30.0
_LIMIT_ROOM = 2.0
_SMALLEST_SHARE = 0.2
_MOST_TICKS = 5
_LOG_SUBS_BELOW = 2000.0


@dataclass(frozen=True)
class ValueAxis:
    """How values become heights: divided by ``divisor``, then they are in ``unit``.

    The range is in the values' own unit; ``from_zero`` is false when it hides the way to zero.
    """

    divisor: float
    unit: str
    bottom: float
    top: float
    log: bool
    whole: bool = False

    @property
    def from_zero(self) -> bool:
        return self.log or self.bottom <= 0 <= self.top

    def shows(self, value: float) -> bool:
        return self.bottom <= value <= self.top

    def height(self, value: float) -> float:
        """0 at the bottom, 1 at the top; values outside are kept at the edge."""
        low, high = self.bottom, self.top
        if self.log:
            low, high, value = math.log(low), math.log(high), math.log(max(value, self.bottom))
        return min(1.0, max(0.0, (value - low) / (high - low)))

    def ticks(self) -> list[tuple[float, str]]:
        """A handful of round values, each with its text in ``unit``."""
        bottom, top = self.bottom / self.divisor, self.top / self.divisor
        marks = _log_marks(bottom, top) if self.log else _marks(bottom, top, whole=self.whole)
        return [(mark * self.divisor, f"{mark:,.6g}") for mark in marks]


def plan(spec: ChartSpec, lowest: float, highest: float, limits: Sequence[float]) -> ValueAxis:
    """The axis for values between ``lowest`` and ``highest``, and for limits that are not far off.

    A limit further away than the data is high stays out, because it would press the data flat.
    """
    logarithmic = spec.log and lowest > 0 and highest / lowest > _LOG_FROM
    room = 10.0 if logarithmic else _LIMIT_ROOM
    close = [limit for limit in limits if 0 <= limit <= room * highest or highest == 0]
    highest = max([highest, *close])
    divisor, unit = scale_of(spec.unit, highest)
    if logarithmic:
        return ValueAxis(divisor, unit, lowest / 1.2, highest * 1.2, log=True)
    bottom, top = _range(spec, lowest, highest)
    whole = spec.unit == "count" and top - bottom >= 2
    return ValueAxis(divisor, unit, bottom, top, log=False, whole=whole)


def _range(spec: ChartSpec, lowest: float, highest: float) -> tuple[float, float]:
    """From zero, or near the data; then at least a fifth of the largest value is shown.

    Of what is counted, at least two whole steps are shown.
    """
    bottom = lowest if lowest < 0 or (spec.near and lowest > 0.5 * highest) else 0.0
    length = highest - bottom
    steps = 2.0 if spec.unit == "count" and highest >= 1 else 0.0
    smallest = max(_SMALLEST_SHARE * highest, steps)
    if bottom > 0 and length < smallest:
        bottom = max(0.0, bottom - (smallest - length) / 2)
        length = smallest
    room = 0.06 * length or 1.0
    return (bottom - room if bottom else 0.0), bottom + length + room


def _marks(bottom: float, top: float, *, whole: bool) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten, at most ``_MOST_TICKS`` of them."""
    power = 10.0 ** math.floor(math.log10((top - bottom) / _MOST_TICKS))
    steps = [factor * power for factor in (1, 2, 5, 10, 20)]
    if whole:
        steps = [max(1.0, round(step)) for step in steps]
    step = next((s for s in steps if _count(bottom, top, s) <= _MOST_TICKS), steps[-1])
    first = math.ceil(bottom / step - 1e-9)
    return [step * (first + number) for number in range(_count(bottom, top, step))]


def _count(bottom: float, top: float, step: float) -> int:
    return math.floor(top / step + 1e-9) - math.ceil(bottom / step - 1e-9) + 1


def _log_marks(bottom: float, top: float) -> list[float]:
    subs = (1.0, 2.0, 5.0) if top / bottom < _LOG_SUBS_BELOW else (1.0,)
    decades = range(math.floor(math.log10(bottom)), math.ceil(math.log10(top)) + 1)
    every = max(1, len(decades) // _MOST_TICKS)
    marks = [sub * 10.0**decade for decade in decades[::every] for sub in subs]
    return [mark for mark in marks if bottom <= mark <= top]


def scale_of(unit: str, highest: float) -> tuple[float, str]:
    """What to divide by so that the axis has readable numbers, and the unit they are then in."""
    match unit:
        case "bytes":
            for size, name in ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")):
                if highest >= size:
                    return float(size), name
            return 1.0, "B"
        case "ms":
            if highest >= 10_000:
                return 1000.0, "s"
            return (1.0, "ms") if highest >= 1 else (0.001, "µs")
        case "ratio":
            return 0.01, "%"
        case "1/s":
            return 1.0, "per second"
        case "count" | "":
            return 1.0, ""
        case _:
            return 1.0, unit
