"""Changes in words: what every report of a comparison says alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.units import format_value

if TYPE_CHECKING:
    from reli_analysis.compare.effect import Effect
    from reli_analysis.compare.metrics import Metric


def percent(share: float) -> str:
    """``+4.2 %``, ``-0.31 %``, ``+1,200 %``: two digits, as much as an estimate is worth."""
    value = share * 100
    text = f"{value:+,.0f}" if abs(value) >= 100 else f"{value:+.2g}" if value else "+0"
    return f"{text.replace('-', '−')} %"


def change(effect: Effect, metric: Metric, value: float) -> str:
    """A value on the scale as a person reads it: a share of the base; of a ratio, in points."""
    relative = effect.relative(value)
    if metric.is_share or relative is None:
        return signed(effect.absolute(value), metric.unit)
    return percent(relative)


def signed(value: float, unit: str) -> str:
    """``+12 ms``, ``−3 MiB``; a share in percentage points."""
    sign = "−" if value < 0 else "+"
    if unit == "ratio":
        return f"{sign}{abs(value) * 100:.3g} points"
    return sign + format_value(abs(value), unit)


def level(value: float, metric: Metric) -> str:
    """One side's mean."""
    if metric.is_share:
        return f"{value * 100:.3g} %"
    if metric.unit == "count":
        return f"{value:,.4g}"
    return format_value(value, metric.unit)


def difference(effect: Effect, metric: Metric) -> str:
    """``from 12 ms to 19 ms``."""
    return f"from {level(effect.base, metric)} to {level(effect.candidate, metric)}"
