"""The axis of values of a chart: its unit, its range, its marks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from reli_analysis.report.charts import ChartSpec

_LOG_FROM = 30.0
_LIMIT_ROOM = 2.0
_SMALLEST_SHARE = 0.2


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

    @property
    def from_zero(self) -> bool:
        return self.log or self.bottom <= 0 <= self.top

    def shows(self, value: float) -> bool:
        return self.bottom <= value <= self.top


def plan(spec: ChartSpec, lowest: float, highest: float, limits: Sequence[float]) -> ValueAxis:
    """The axis for values between ``lowest`` and ``highest``, and for limits that are not far off.

    A limit further away than the data is high stays out, because it would press the data flat.
    """
    logarithmic = spec.log and lowest > 0 and highest / lowest > _LOG_FROM
    room = 10.0 if logarithmic else _LIMIT_ROOM
    close = [limit for limit in limits if 0 <= limit <= room * highest or highest == 0]
    highest = max([highest, *close])
    divisor, unit = _scale(spec.unit, highest)
    if logarithmic:
        return ValueAxis(divisor, unit, lowest / 1.2, highest * 1.2, log=True)
    bottom, top = _range(spec, lowest, highest)
    return ValueAxis(divisor, unit, bottom, top, log=False)


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


def set_up(axes: Axes, spec: ChartSpec, axis: ValueAxis) -> None:
    """Give the axes the planned range and a handful of round marks."""
    bottom, top = axis.bottom / axis.divisor, axis.top / axis.divisor
    if axis.log:
        axes.set_yscale("log")
        subs = (1.0, 2.0, 5.0) if top / bottom < 300 else (1.0,)
        axes.yaxis.set_major_locator(LogLocator(subs=subs))
        axes.yaxis.set_minor_formatter(NullFormatter())
    else:
        whole = spec.unit == "count" and top - bottom >= 2
        axes.yaxis.set_major_locator(MaxNLocator(5, integer=whole))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
    axes.set_ylim(bottom, top)


def _scale(unit: str, highest: float) -> tuple[float, str]:
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
