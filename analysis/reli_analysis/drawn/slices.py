"""A trace in a few rows of numbers: what a chart says to who reads it as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from reli_analysis.drawn.grid import TimeGrid, Trace

MOST_SLICES = 12


def slice_edges_s(grid: TimeGrid) -> list[float]:
    """The ends of at most ``MOST_SLICES`` stretches of whole steps, from start to end."""
    count = min(MOST_SLICES, grid.steps)
    steps = np.linspace(0, grid.steps, count + 1).astype(int)
    return [grid.start_s + step * grid.step_s for step in steps.tolist()]


def slice_extremes(trace: Trace, grid: TimeGrid) -> list[tuple[float, float] | None]:
    """The smallest and the largest value of each stretch; ``None`` where nothing was measured."""
    edges = np.linspace(0, grid.steps, min(MOST_SLICES, grid.steps) + 1).astype(int)
    low_at, high_at = (
        np.searchsorted(trace.steps, edges[:-1]),
        np.searchsorted(trace.steps, edges[1:]),
    )
    return [
        (float(trace.lows[low:high].min()), float(trace.highs[low:high].max()))
        if high > low
        else None
        for low, high in zip(low_at.tolist(), high_at.tolist(), strict=True)
    ]
