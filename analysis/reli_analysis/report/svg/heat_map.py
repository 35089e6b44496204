"""The heat map of latency: one path a colour, so that thousands of cells stay small."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.report.svg.frame import Frame, framed
from reli_analysis.report.svg.shapes import heights, polyline
from reli_analysis.report.svg.value_axis import ValueAxis, scale_of

if TYPE_CHECKING:
    from reli_analysis.drawn.grid import TimeGrid
    from reli_analysis.drawn.heat import LatencyHeat

HEIGHT_PX = 220
DRAWN = ("p50", "p99")
"""The percentiles drawn upon the heat map."""


def heat_axis(heat: LatencyHeat) -> ValueAxis:
    divisor, unit = scale_of("ms", heat.high_ms)
    return ValueAxis(divisor, unit, heat.low_ms, heat.high_ms, log=True)


def heat_map(heat: LatencyHeat, grid: TimeGrid, description: str) -> str:
    """The chart; ``description`` says in words what it shows."""
    frame = Frame(grid, heat_axis(heat), HEIGHT_PX, "run", description)
    cells = "".join(
        f'<path class="h{level}" d="{_cells(heat, level)}"/>'
        for level in range(1, int(heat.levels.max()) + 1)
    )
    under = (
        f'<svg class="heat" width="100%" height="{HEIGHT_PX}" preserveAspectRatio="none" '
        f'viewBox="0 0 {heat.columns} {heat.rows}">{cells}</svg>'
    )
    over = (
        f'<svg width="100%" height="{HEIGHT_PX}" preserveAspectRatio="none" '
        f'viewBox="0 0 {2 * heat.columns} {4 * HEIGHT_PX}">{_percentiles(heat, frame)}</svg>'
    )
    return framed(frame, "", over, under=under)


def _cells(heat: LatencyHeat, level: int) -> str:
    """A rectangle for each stretch of neighbouring columns of one level in one row."""
    parts = []
    for row in range(heat.rows):
        same = np.concatenate(([False], heat.levels[:, row] == level, [False]))
        edges = np.flatnonzero(np.diff(same.astype(int))).tolist()
        y = heat.rows - 1 - row
        for begin, end in zip(edges[::2], edges[1::2], strict=True):
            parts.append(f"M{begin} {y}h{end - begin}v1h-{end - begin}z")
    return "".join(parts)


def _percentiles(heat: LatencyHeat, frame: Frame) -> str:
    y_of = heights(frame.axis, HEIGHT_PX)
    paths = []
    for name in DRAWN:
        values = heat.quantiles_ms[name].tolist()
        stretch: list[tuple[float, float]] = []
        path = ""
        for column, value in enumerate([*values, math.nan]):
            if math.isfinite(value):
                stretch.append((2 * column + 1, y_of(value)))
            elif stretch:
                # A single column is a dash as wide as itself.
                path += polyline(stretch) + ("h1" if len(stretch) == 1 else "")
                stretch = []
        paths.append(
            f'<path class="halo" d="{path}"/><path class="line on-heat {name}" d="{path}"/>'
        )
    return "".join(paths)
