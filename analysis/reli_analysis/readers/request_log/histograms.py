"""Latencies by cell (an interval, or an endpoint's): counted by bucket, and encoded when old."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.errors import InputError
from reli_analysis.histogram_payloads import encode_rows
from reli_analysis.histogram_rows import decode_rows
from reli_analysis.latency import middles_ms
from reli_analysis.readers.request_log.tally import counted
from reli_analysis.record.histogram import BUCKETS, HALF, HALF_BITS, HIGHEST_NS, SUB_BUCKETS
from reli_analysis.record.layout import RESPONSE_QUANTILES

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_ROWS = 3_000_000
"""Rows of histograms at most, which only a log in no order at all reaches."""
_HELD = 500_000


def buckets_of(latency_ms: NDArray[np.float64]) -> NDArray[np.int64]:
    """The bucket of each latency, as ``record.histogram.index_of`` defines it."""
    value = np.minimum(np.rint(latency_ms * 1e6), HIGHEST_NS).astype(np.int64)
    _fraction, bits = np.frexp((value | (SUB_BUCKETS - 1)).astype(np.float64))
    bucket = bits.astype(np.int64) - (HALF_BITS + 1)
    return ((bucket + 1) << HALF_BITS) + (value >> bucket) - HALF


@dataclass(frozen=True)
class Told:
    """Mean and percentiles of some cells; ``columns`` has an array of their length a name."""

    cells: NDArray[np.int64]
    columns: dict[str, NDArray[np.float64]]


def told(cells: NDArray[np.int64], buckets: NDArray[np.int64], counts: NDArray[np.int64]) -> Told:
    """From counts by cell and bucket, in order of both."""
    distinct, starts = np.unique(cells, return_index=True)
    if not len(distinct):
        return Told(distinct, {name: np.empty(0) for name in ("mean_ms", *RESPONSE_QUANTILES)})
    values = middles_ms()[buckets]
    totals = np.add.reduceat(counts, starts)
    columns = {"mean_ms": np.add.reduceat(counts * values, starts) / totals}
    up_to = np.cumsum(counts)
    before = up_to[starts] - counts[starts]
    for name, quantile in RESPONSE_QUANTILES.items():
        ranks = np.maximum(1, np.ceil(quantile * totals - 1e-9)).astype(np.int64)
        columns[name] = values[np.searchsorted(up_to, before + ranks)]
    return Told(distinct, columns)


class Histograms:
    """Rows of histograms in the making; ``every`` cells make one interval.

    An interval that is ``late`` behind the newest is encoded. What still comes for it then becomes
    a row of its own, which changes no sum. ``telling`` asks for percentiles of each cell, too.
    """

    def __init__(self, *, every: int, late: int, telling: bool = False) -> None:
        self._every, self._late, self._telling = every, late, telling
        self._waiting: list[NDArray[np.int64]] = []
        self._held = self._newest = 0
        self._cells: list[NDArray[np.int64]] = []
        self._payloads: list[str] = []
        self._told: list[Told] = []

    def add(self, cells: NDArray[np.int64], buckets: NDArray[np.int64]) -> None:
        """Count one latency a cell and bucket."""
        if not len(cells):
            return
        self._waiting.append(cells * BUCKETS + buckets)
        self._held += len(cells)
        self._newest = max(self._newest, int(cells.max()) // self._every)
        if self._held > _HELD:
            self._encode(self._newest - self._late)
        if self._held > _HELD // 2:  # all of it is recent
            self._encode(self._newest)
        if self._held > _HELD:
            self._encode(self._newest + 1)

    def rows(self) -> tuple[NDArray[np.int64], list[str]]:
        """Cell and payload of every row in order of cells, of which some may have several rows."""
        self._encode(self._newest + 1)
        cells = np.concatenate([np.empty(0, np.int64), *self._cells])
        order = np.argsort(cells, kind="stable")
        return cells[order], [self._payloads[at] for at in order.tolist()]

    def percentiles(self) -> Told:
        """Mean and percentiles of each cell."""
        cells, payloads = self.rows()
        begins = np.flatnonzero(np.diff(cells, prepend=-1))
        several = np.repeat(
            np.diff(begins, append=len(cells)) > 1, np.diff(begins, append=len(cells))
        )
        again = np.flatnonzero(several)
        decoded = decode_rows([payloads[at] for at in again.tolist()])
        keys = cells[again[decoded.row]] * BUCKETS + decoded.bucket
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        first = np.flatnonzero(np.diff(keys, prepend=-1))
        counts = np.add.reduceat(decoded.count[order], first) if len(first) else decoded.count
        parts = [*self._told, told(*np.divmod(keys[first], BUCKETS), counts)]
        names = parts[0].columns
        # Of a cell with several rows the last part, made of all of them, counts.
        return Told(
            np.concatenate([part.cells for part in parts]),
            {name: np.concatenate([part.columns[name] for part in parts]) for name in names},
        )

    def _encode(self, before: int) -> None:
        """Encode the cells of intervals before this one."""
        keys = np.concatenate([np.empty(0, np.int64), *self._waiting])
        old = keys < max(0, before) * self._every * BUCKETS
        kept = keys[~old]
        self._waiting, self._held = [kept], len(kept)
        keys, counts = counted(keys[old])
        if not len(keys):
            return
        cells, buckets = np.divmod(keys, BUCKETS)
        rows = np.cumsum(np.diff(cells, prepend=cells[0]) > 0).astype(np.int64)
        self._cells.append(cells[np.flatnonzero(np.diff(cells, prepend=-1))])
        self._payloads += encode_rows(rows, buckets, counts)
        if self._telling:
            self._told.append(told(cells, buckets, counts))
        if len(self._payloads) > MOST_ROWS:
            raise InputError("its rows are in no order of time; sort it by its time first")
