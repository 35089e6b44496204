"""Numbers as the coordinates of an SVG path; every chart's inside has one system of coordinates.

x counts half steps of the page's grid of time, so that the middle of a step is a whole number; y
counts quarters of a pixel from the top.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from reli_analysis.drawn.grid import TimeGrid, Trace
    from reli_analysis.report.svg.value_axis import ValueAxis

Y_PER_PX = 4


def number(value: float) -> str:
    """A coordinate in as few characters as a tenth needs."""
    return f"{value:.1f}".removesuffix(".0")


def percent(share: float) -> str:
    return f"{100 * share:.2f}".rstrip("0").rstrip(".") + "%"


def heights(axis: ValueAxis, height_px: int) -> Callable[[float], int]:
    """The function from a value to its y."""
    return lambda value: round((1 - axis.height(value)) * height_px * Y_PER_PX)


def line(trace: Trace, y_of: Callable[[float], int]) -> str:
    """The path of a trace through the middles of its steps."""
    parts: list[str] = []
    x = y = 0
    columns = (2 * trace.steps + 1, trace.middles, trace.broken)
    for at, value, broken in zip(*(column.tolist() for column in columns), strict=True):
        height = y_of(value)
        parts.append(f"M{at} {height}" if broken else f"l{at - x}{height - y:+d}")
        x, y = at, height
    return "".join(parts)


def spread(trace: Trace, y_of: Callable[[float], int]) -> str:
    """The area between the lows and the highs of a trace; empty when no step holds two values."""
    if trace.one_value:
        return ""
    x = (2 * trace.steps + 1).tolist()
    tops = [y_of(value) for value in trace.highs.tolist()]
    # An area as thin as a hair is still seen where low and high are one.
    bottoms = [
        max(y_of(value), top + 2) for value, top in zip(trace.lows.tolist(), tops, strict=True)
    ]
    begins = np.flatnonzero(trace.broken).tolist()
    return "".join(
        _area(x[begin:end], tops[begin:end], bottoms[begin:end])
        for begin, end in itertools.pairwise([*begins, len(x)])
    )


def _area(x: list[int], tops: list[int], bottoms: list[int]) -> str:
    """There along the tops and back along the bottoms; a single step is a stroke as wide as it."""
    if len(x) == 1:
        return f"M{x[0] - 1} {tops[0]}h2V{bottoms[0]}h-2Z"
    parts = [f"M{x[0]} {tops[0]}"]
    there = zip(itertools.pairwise(x), itertools.pairwise(tops), strict=True)
    parts += [f"l{b - a}{d - c:+d}" for (a, b), (c, d) in there]
    parts.append(f"V{bottoms[-1]}")
    back = zip(itertools.pairwise(x[::-1]), itertools.pairwise(bottoms[::-1]), strict=True)
    parts += [f"l{b - a}{d - c:+d}" for (a, b), (c, d) in back]
    return "".join([*parts, "Z"])


def dots(points: Iterable[tuple[float, float]]) -> str:
    """A path of points; a round cap makes each a dot whatever the width of the page."""
    return "".join(f"M{number(x)} {number(y)}h0" for x, y in points)


def trace_dots(trace: Trace, y_of: Callable[[float], int]) -> str:
    """A dot for each value of a trace."""
    x = (2 * trace.steps + 1).tolist()
    pairs = zip(x, trace.middles.tolist(), strict=True)
    return dots((at, y_of(value)) for at, value in pairs)


def polyline(points: Iterable[tuple[float, float]]) -> str:
    """A line through points."""
    return "".join(
        f"{'L' if at else 'M'}{number(x)} {number(y)}" for at, (x, y) in enumerate(points)
    )


def band(
    x: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    y_of: Callable[[float], int],
) -> str:
    """The area between two lines; a place where either is not a number is left open."""
    known = np.isfinite(low) & np.isfinite(high)
    stretches = np.split(np.arange(len(x)), np.flatnonzero(np.diff(known.astype(int))) + 1)
    parts = []
    for stretch in stretches:
        if len(stretch) and known[stretch[0]]:
            there = [(float(x[at]), float(y_of(float(high[at])))) for at in stretch]
            back = [(float(x[at]), float(y_of(float(low[at])))) for at in stretch[::-1]]
            parts.append(polyline([*there, *back]) + "Z")
    return "".join(parts)


def x_of(grid: TimeGrid, moments_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """The x of moments; those outside the grid are kept at its edges."""
    shares = np.clip((moments_s - grid.start_s) / grid.length_s, 0.0, 1.0)
    return np.asarray(shares * 2 * grid.steps)
