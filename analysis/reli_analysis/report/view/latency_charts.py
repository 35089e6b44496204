"""The heat map of latency as the page shows it, and the bands behind the lines of percentiles."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.drawn.grid import Trace
from reli_analysis.drawn.heat import LEVELS
from reli_analysis.report.chart import Chart, LegendEntry, between, line_points, table
from reli_analysis.report.svg.bands import Band
from reli_analysis.report.svg.heat_map import DRAWN, heat_axis, heat_map
from reli_analysis.units import format_value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.drawn.grid import TimeGrid
    from reli_analysis.drawn.heat import LatencyHeat

_BANDS = (("p50", "p90"), ("p90", "p99"))


def heat_chart(heat: LatencyHeat, grid: TimeGrid) -> Chart:
    """Where the requests of each moment lay, with p50 and p99; the numbers are merged counts."""
    axis = heat_axis(heat)
    columns = np.arange(heat.columns)
    shown = {name: _trace(columns, values) for name, values in heat.quantiles_ms.items()}
    ranges = {
        name: between(float(one.lows.min()), float(one.highs.max()), "ms")
        for name, one in shown.items()
    }
    width_s = grid.length_s / heat.columns
    counted = f"{int(heat.totals.sum()):,} requests, merged over {format_value(width_s, 's')} each"
    said = "; ".join(f"{name} {text}" for name, text in ranges.items())
    description = f"How response times were spread over the run ({counted}): {said}."
    legend = [
        LegendEntry(name, ranges[name], "c3 dashed" if name == DRAWN[1] else "c3", at)
        for at, name in enumerate(shown)
        if name in DRAWN
    ]
    points = [line_points(name, one, axis, heat.columns) for name, one in shown.items()]
    rows = [(name, _onto(one, heat, grid)) for name, one in shown.items()]
    return Chart(
        id="heat",
        title="Response times, all requests",
        axis=f"{axis.unit}, logarithmic; {counted}",
        legend=(*legend, *_levels()),
        description=description,
        svg=heat_map(heat, grid, description),
        points={"unit": axis.unit, "steps": heat.columns, "lines": points},
        table=table(rows, "ms", grid),
    )


def _trace(columns: NDArray[np.int64], values: NDArray[np.float64]) -> Trace:
    known = np.isfinite(values)
    steps = columns[known]
    own = values[known]
    return Trace(steps, own, own, own, np.diff(steps, prepend=-2) > 1)


def _onto(one: Trace, heat: LatencyHeat, grid: TimeGrid) -> Trace:
    """A trace on the map's columns as one on the page's steps, each column at its middle."""
    steps = ((one.steps + 0.5) * grid.steps / heat.columns).astype(np.int64)
    return replace(one, steps=steps)


def _levels() -> list[LegendEntry]:
    """What the colours say."""
    below = [format_value(share, "ratio") for share in LEVELS]
    words = [f"under {below[0]}", *below[1:], f"{below[-1]} or more"]
    words[1:-1] = [f"to {text}" for text in below[1:]]
    words[0] = f"share of the moment's requests {words[0]}"
    return [LegendEntry(text, "", f"cell h{at}") for at, text in enumerate(words, 1)]


def quantile_bands(heat: LatencyHeat) -> tuple[Band, ...]:
    """The areas between merged percentiles."""
    return tuple(
        Band(heat.columns, heat.quantiles_ms[low], heat.quantiles_ms[high]) for low, high in _BANDS
    )
