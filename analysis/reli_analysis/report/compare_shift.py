"""Draws by how much each quantile of the latencies moved."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from reli_analysis.compare.metrics import OVERALL
from reli_analysis.compare.outcome import WORST_FIRST
from reli_analysis.compare.words import percent
from reli_analysis.report.svg.value_axis import ValueAxis
from reli_analysis.units import format_value
from reli_analysis.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markupsafe import Markup

    from reli_analysis.compare.comparison import Comparison
    from reli_analysis.compare.shift import QuantileShift, Shift

MOST_SHIFTS = 12
_ROOM = 1.15
_WIDEST = 3.0
_NARROWEST = 0.03


class DrawnShift(NamedTuple):
    """One picture with its numbers: quantile, base, candidate, change, interval."""

    title: str
    svg: Markup
    rows: list[tuple[str, str, str, str, str]]


def shifts(comparison: Comparison) -> list[DrawnShift]:
    """All requests first, then the endpoints that fared worst."""
    worst = {
        row.endpoint: WORST_FIRST.index(row.outcome)
        for row in sorted(comparison.rows, key=lambda r: -WORST_FIRST.index(r.outcome))
    }
    ordered = sorted(
        comparison.shifts,
        key=lambda shift: (shift.endpoint != OVERALL, worst.get(shift.endpoint, 9), shift.endpoint),
    )
    return [_draw(shift) for shift in ordered[:MOST_SHIFTS]]


def _draw(shift: Shift) -> DrawnShift:
    from reli_analysis.report.svg.points import Plot, Point, draw_points  # noqa: PLC0415 -- jinja2

    title = "All requests" if shift.endpoint == OVERALL else one_line(shift.endpoint)
    places = _places(shift)
    points = [
        Point(x, 100 * q.change, _says(q), 100 * q.low, 100 * q.high)
        for x, q in zip(places, shift.quantiles, strict=True)
    ]
    reach = max([_NARROWEST, *(min(_ROOM * abs(q.change), _WIDEST) for q in shift.quantiles)])
    ends = [min(abs(end), _WIDEST) for q in shift.quantiles for end in (q.low, q.high)]
    reach = max(reach, _ROOM * sorted(ends)[int(0.8 * (len(ends) - 1))])
    said = "; ".join(_says(q) for q in shift.quantiles)
    names = [(x, _name(q.quantile)) for x, q in zip(places, shift.quantiles, strict=True)]
    plot = Plot(
        axis=ValueAxis(1.0, "%", -100 * reach, 100 * reach, log=False),
        points=points,
        names=names,
        description=f"{title}: change of each quantile. {said}.",
        levels=((0.0, "limit"),),
    )
    return DrawnShift(title, draw_points(plot), list(_rows(shift)))


def _places(shift: Shift) -> list[float]:
    count = len(shift.quantiles)
    return [(at + 0.5) / count for at in range(count)]


def _name(quantile: float) -> str:
    return f"p{quantile * 100:g}"


def _says(q: QuantileShift) -> str:
    return f"{_name(q.quantile)} {percent(q.change)} ({percent(q.low)} to {percent(q.high)})"


def _rows(shift: Shift) -> Iterator[tuple[str, str, str, str, str]]:
    for q in shift.quantiles:
        base, candidate = (format_value(value, "ms") for value in (q.base_ms, q.candidate_ms))
        between = f"{percent(q.low)} to {percent(q.high)}"
        yield _name(q.quantile), base, candidate, percent(q.change), between
