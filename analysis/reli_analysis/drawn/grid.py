"""Fewer points for a drawing, on one grid of time, without losing a peak, a dip or a gap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from reli_analysis.series import Run, Series

MOST_STEPS = 600
"""Steps of time on a page; each has a low, a middle and a high of every line."""

_LARGEST = 1e30
"""Numbers beyond it are no measurements, and a drawing cannot hold them."""

_GAP_STEPS = 2.5
_SELDOM = 0.5


@dataclass(frozen=True)
class TimeGrid:
    """The run's time cut into equal steps, the same for every chart of a page; seconds."""

    start_s: float
    end_s: float
    steps: int

    @property
    def length_s(self) -> float:
        return self.end_s - self.start_s

    @property
    def step_s(self) -> float:
        return self.length_s / self.steps

    def places(self, elapsed_s: NDArray[np.float64]) -> NDArray[np.int64]:
        """The step that each moment lies in."""
        # Times are written to the millisecond, so a moment may seem to lie just before its step.
        at = np.floor((elapsed_s - self.start_s) / self.step_s + 1e-6)
        return np.clip(at, 0, self.steps - 1).astype(np.int64)

    def share(self, at_s: float) -> float:
        """Where a moment lies between start (0) and end (1), kept inside."""
        return min(1.0, max(0.0, (at_s - self.start_s) / self.length_s))


@dataclass(frozen=True)
class Trace:
    """One series on a grid: arrays of one length, one entry a step that holds a measurement.

    ``lows`` and ``highs`` are the smallest and the largest value of a step, ``middles`` the middle
    one of its values by size (the lower of two); ``broken`` is set where no line may come from the
    step before. ``seldom`` marks what is measured in fewer than half of
    its rows: its points are shown, and joined across the empty rows.
    """

    steps: NDArray[np.int64]
    lows: NDArray[np.float64]
    middles: NDArray[np.float64]
    highs: NDArray[np.float64]
    broken: NDArray[np.bool_]
    seldom: bool = False

    @property
    def one_value(self) -> bool:
        """Whether no step holds more than one value."""
        return bool(np.array_equal(self.lows, self.highs))


def time_grid(run: Run, most_steps: int = MOST_STEPS) -> TimeGrid:
    """A step an interval while there are few of them; further intervals share steps."""
    starts = [float(s.elapsed_s[0]) for s in run.series.values() if len(s)]
    interval_s = run.interval_s if run.interval_s > 0 else 1.0
    start_s = min(starts, default=0.0)
    end_s = max(run.duration_s, start_s + interval_s)
    intervals = round((end_s - start_s) / interval_s)
    return TimeGrid(start_s, end_s, max(1, min(most_steps, intervals)))


def trace(series: Series, grid: TimeGrid, restarted_s: Sequence[float] = ()) -> Trace:
    """The smallest and the largest value of each step; a line breaks at gaps and restarts."""
    rows = np.flatnonzero(np.isfinite(series.values))
    seldom = len(rows) < _SELDOM * len(series)
    elapsed_s = series.elapsed_s[rows]
    values = np.clip(series.values[rows], -_LARGEST, _LARGEST)
    places = grid.places(elapsed_s)
    first = np.flatnonzero(np.diff(places, prepend=-1))
    if not len(first):
        nothing = np.empty(0)
        return Trace(first, nothing, nothing, nothing, np.empty(0, np.bool_))
    steps = places[first]
    last = np.append(first[1:], len(rows)) - 1
    broken = np.zeros(len(first), np.bool_)
    broken[0] = True
    before, after = elapsed_s[last[:-1]], elapsed_s[first[1:]]
    if not seldom:
        spacing_s = float(np.median(np.diff(series.elapsed_s))) if len(series) > 1 else grid.step_s
        unmeasured = rows[first[1:]] - rows[last[:-1]] > 1
        apart = (after - before > _GAP_STEPS * spacing_s) | unmeasured
        broken[1:] = apart & (np.diff(steps) > 1)
    for moment_s in restarted_s:
        broken[1:] |= (before < moment_s) & (moment_s <= after)
    by_size = values[np.lexsort((values, places))]
    return Trace(steps, by_size[first], by_size[(first + last) // 2], by_size[last], broken, seldom)
