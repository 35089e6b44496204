"""Response times over the run from merged histograms: how many fell where, and percentiles."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.latency import ALL_REQUESTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.drawn.grid import TimeGrid
    from reli_analysis.series import Run

MOST_COLUMNS = 160
MOST_ROWS = 44
QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}
LEVELS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
"""Shares of a column's requests at which the next, stronger colour begins; the first is under it."""

_EVERYTHING = ((-math.inf, math.inf),)
_NARROWEST_ROW = 1.02
"""Rows are no finer than two per cent."""


@dataclass(frozen=True)
class LatencyHeat:
    """Columns of equal time over the whole grid, rows of equal ratio between two latencies.

    ``levels`` (columns, rows) is 0 where no request fell, else 1 to ``len(LEVELS) + 1``: the
    column's share of requests there, by ``LEVELS``. ``totals`` counts a column's requests.
    ``quantiles_ms`` has an array a name of ``QUANTILES``, NaN in a column without requests; it is
    exact to the histograms' three digits, because counts are merged and never percentiles.
    """

    low_ms: float
    high_ms: float
    levels: NDArray[np.int64]
    totals: NDArray[np.float64]
    quantiles_ms: dict[str, NDArray[np.float64]]

    @property
    def columns(self) -> int:
        return int(self.levels.shape[0])

    @property
    def rows(self) -> int:
        return int(self.levels.shape[1])


def latency_heat(run: Run, grid: TimeGrid) -> LatencyHeat | None:
    """The heat map of all requests' response times; ``None`` without an interval log."""
    if run.latency is None:
        return None
    longest_s = run.latency.row_length_s((ALL_REQUESTS,)) or run.interval_s
    columns = max(1, min(MOST_COLUMNS, grid.steps, int(grid.length_s / longest_s)))
    borders_s = np.linspace(grid.start_s, grid.end_s, columns + 1)
    cells = run.latency.cells((ALL_REQUESTS,), borders_s, _EVERYTHING)
    if not len(cells.values_ms):
        return None
    low_ms, high_ms, rows = _rows(float(cells.values_ms[0]), float(cells.values_ms[-1]))
    per_row = math.log(high_ms / low_ms) / rows
    at = np.log(np.maximum(cells.values_ms, low_ms) / low_ms) / per_row
    row_of = np.clip(np.floor(at).astype(np.int64), 0, rows - 1)
    counts = np.zeros((columns, rows))
    np.add.at(counts.T, row_of, cells.counts.T)
    shares = counts / np.maximum(cells.totals, 1)[:, None]
    return LatencyHeat(
        low_ms=low_ms,
        high_ms=high_ms,
        levels=np.where(shares > 0, np.searchsorted(LEVELS, shares, side="right") + 1, 0),
        totals=cells.totals,
        quantiles_ms={name: cells.quantiles_ms(q) for name, q in QUANTILES.items()},
    )


def _rows(lowest_ms: float, highest_ms: float) -> tuple[float, float, int]:
    """The range of a logarithmic axis around the data, at least a factor of two, and its rows."""
    low_ms = max(lowest_ms, 1e-6) * 0.9
    high_ms = max(highest_ms * 1.1, 2 * low_ms)
    finest = int(math.log(high_ms / low_ms) / math.log(_NARROWEST_ROW))
    return low_ms, high_ms, min(MOST_ROWS, finest)
