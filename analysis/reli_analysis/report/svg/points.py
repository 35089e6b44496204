"""A small chart over a few named places: points with whiskers, joined by a line, on a plain ground.

Like every chart it has no viewBox: its width is that of the page, so text keeps its size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from reli_analysis.report.svg.shapes import number, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reli_analysis.report.svg.value_axis import ValueAxis

_BELOW_PX = 24
_WIDTH = 1000


@dataclass(frozen=True)
class Point:
    """A value at ``x`` (0 to 1), with its whisker; ``text`` is what pointing at it shows."""

    x: float
    value: float
    text: str
    low: float = math.nan
    high: float = math.nan
    tone: str = ""


@dataclass(frozen=True)
class Plot:
    """What is drawn: points of one line, names below, level lines and shaded stretches.

    ``levels`` are (value, class); ``stretches`` are (from x, to x, class) over the whole height;
    ``strokes`` are lines of two ends (x, value, x, value, class).
    """

    axis: ValueAxis
    points: Sequence[Point]
    names: Sequence[tuple[float, str]]
    description: str
    height_px: int = 150
    levels: Sequence[tuple[float, str]] = ()
    stretches: Sequence[tuple[float, float, str]] = ()
    strokes: Sequence[tuple[float, float, float, float, str]] = ()


def draw_points(plot: Plot) -> Markup:
    """The whole ``<svg>``, without a style of its own."""
    height = plot.height_px
    parts = [
        f'<rect class="{escape(look)}" x="{percent(start)}" width="{percent(end - start)}" '
        f'height="{height}"/>'
        for start, end, look in plot.stretches
    ]
    for value, text in plot.axis.ticks():
        y = _y(plot, value)
        parts.append(f'<line class="grid" x2="100%" y1="{y}" y2="{y}"/>')
        parts.append(f'<text class="value" x="-8" dy=".35em" y="{y}">{escape(text)}</text>')
    for value, look in plot.levels:
        if plot.axis.shows(value):
            y = _y(plot, value)
            parts.append(f'<line class="{escape(look)}" x2="100%" y1="{y}" y2="{y}"/>')
    parts += [_stroke(plot, stroke) for stroke in plot.strokes]
    parts.append(_line(plot))
    parts += [_point(plot, point) for point in plot.points]
    for x, name in plot.names:
        text = escape(name)
        parts.append(f'<text class="time" x="{percent(x)}" y="{height + 16}">{text}</text>')
    label = escape(plot.description)
    return Markup(  # noqa: S704 -- made of numbers, and every text is escaped
        f'<svg class="plot" height="{height + _BELOW_PX}" role="img" aria-label="{label}">'
        f"{''.join(parts)}</svg>"
    )


def _y(plot: Plot, value: float) -> str:
    return number((1 - plot.axis.height(value)) * plot.height_px)


def _line(plot: Plot) -> str:
    """The path from point to point, in a system of its own that is as wide as the page."""
    known = [point for point in plot.points if math.isfinite(point.value)]
    if len(known) < 2:
        return ""
    at = (f"{number(point.x * _WIDTH)} {_y(plot, point.value)}" for point in known)
    return (
        f'<svg viewBox="0 0 {_WIDTH} {plot.height_px}" preserveAspectRatio="none" width="100%" '
        f'height="{plot.height_px}"><path class="line c1" d="M{"L".join(at)}"/></svg>'
    )


def _stroke(plot: Plot, stroke: tuple[float, float, float, float, str]) -> str:
    x1, first, x2, last, look = stroke
    return (
        f'<line class="{escape(look)}" x1="{percent(x1)}" y1="{_y(plot, first)}" '
        f'x2="{percent(x2)}" y2="{_y(plot, last)}"/>'
    )


def _point(plot: Plot, point: Point) -> str:
    if not math.isfinite(point.value):
        return ""
    x, y = percent(point.x), _y(plot, point.value)
    parts = []
    if math.isfinite(point.low) and math.isfinite(point.high):
        low, high = _y(plot, point.low), _y(plot, point.high)
        parts.append(f'<line class="whisker" x1="{x}" x2="{x}" y1="{low}" y2="{high}"/>')
    title = f"<title>{escape(point.text)}</title>"
    parts.append(f'<circle class="dot" cx="{x}" cy="{y}" r="4">{title}</circle>')
    return f'<g class="point {escape(point.tone)}">{"".join(parts)}</g>'
