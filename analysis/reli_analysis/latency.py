"""Latencies of a run at full resolution: the interval log, decoded when it is asked for."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from reli_analysis.histogram_rows import DecodedRows, decode_rows
from reli_analysis.latency_rows import HeldRows
from reli_analysis.payloads import Chosen
from reli_analysis.record.frames import FRAME_S
from reli_analysis.record.histogram import BUCKETS, HALF, HALF_BITS, bucket_around_ms
from reli_analysis.record.hlog import SERVICE_TAG, endpoint_of
from reli_analysis.selection import BLOCKS, TIME_TOLERANCE_S, block_of, length_s

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from reli_analysis.latency_rows import Rows, TagRows
    from reli_analysis.selection import Spans

ALL_REQUESTS = ""
"""The tag of the rows that hold the response times of all requests."""

_WORTH_SUMS_S = 3 * FRAME_S
_ROWS_AT_ONCE = 256  # so many fit a processor's cache
_WINDOWS_AT_ONCE = 256, 1024


@functools.cache
def middles_ms() -> NDArray[np.float64]:
    """The middle of each bucket in milliseconds, as ``record.histogram.middle_ns`` defines it."""
    index = np.arange(BUCKETS, dtype=np.int64)
    shift = np.maximum((index >> HALF_BITS) - 1, 0)
    sub = np.where(index < HALF, index, (index & (HALF - 1)) + HALF)
    lowest, width = sub << shift, np.left_shift(1, shift)
    middles: NDArray[np.float64] = (lowest + (width - 1) / 2) / 1e6
    middles.flags.writeable = False
    return middles


def rank(quantile: float, total: int) -> int:
    """The rank of a quantile among ``total`` values (type 1 of Hyndman and Fan, 1996)."""
    return max(1, math.ceil(quantile * total - 1e-9))


def _below(indexes: NDArray[np.int64], limit_ms: float, *, or_equal: bool) -> NDArray[np.bool_]:
    """Which buckets lie below a limit; the one that holds the limit is equal to it."""
    lowest, highest = bucket_around_ms(limit_ms)
    values = middles_ms()[indexes]
    return np.asarray(values <= highest if or_equal else values < lowest)


@dataclass(frozen=True)
class LatencyCounts:
    """How many values fell into which bucket; ``indexes`` ascend and every count is positive.

    ``unreadable_rows`` is how many rows of the log should have counted but could not be decoded.
    """

    indexes: NDArray[np.int64]
    counts: NDArray[np.int64]
    unreadable_rows: int = 0

    @property
    def total(self) -> int:
        return int(self.counts.sum())

    def quantile_ms(self, quantile: float) -> float | None:
        """The value of rank ceil(quantile * total); ``None`` when there is none."""
        if not len(self.counts):
            return None
        at = np.searchsorted(np.cumsum(self.counts), rank(quantile, self.total))
        return float(middles_ms()[self.indexes[at]])

    def mean_ms(self) -> float | None:
        """The mean of the buckets' middles; within 0.05 % of the true mean."""
        if not len(self.counts):
            return None
        return float(middles_ms()[self.indexes] @ self.counts / self.total)

    def count_below(self, limit_ms: float, *, or_equal: bool = False) -> int:
        """How many values lie below a limit, each taken as its bucket's middle."""
        return int(self.counts[_below(self.indexes, limit_ms, or_equal=or_equal)].sum())

    def spread_ms(self) -> float | None:
        """The standard deviation of the buckets' middles; ``None`` for fewer than two values."""
        mean_ms, values = self.mean_ms(), middles_ms()[self.indexes]
        if mean_ms is None or self.total < 2:
            return None
        squares = float((values - mean_ms) ** 2 @ self.counts)
        return math.sqrt(squares / (self.total - 1))

    def fraction_below(self, limit_ms: float) -> float | None:
        """The share of the values below a limit; ``None`` when there are none."""
        return self.count_below(limit_ms) / self.total if len(self.counts) else None


@dataclass(frozen=True)
class LatencyBlocks:
    """The same by stretch of time: ``counts`` has a row a stretch and a column a bucket.

    The stretches are those of ``selection.block_of``; some may be empty.
    """

    whole: LatencyCounts
    counts: NDArray[np.int64]

    @property
    def totals(self) -> NDArray[np.int64]:
        return np.asarray(self.counts.sum(axis=1))

    def below(self, limit_ms: float, *, or_equal: bool = False) -> NDArray[np.int64]:
        """How many values of each stretch lie below a limit."""
        chosen = _below(self.whole.indexes, limit_ms, or_equal=or_equal)
        return np.asarray(self.counts[:, chosen].sum(axis=1))

    def sums_ms(self) -> NDArray[np.float64]:
        """The sum of the values of each stretch."""
        return np.asarray(self.counts @ middles_ms()[self.whole.indexes])


@dataclass(frozen=True)
class LatencyCells:
    """Counts by cell of time (rows) and value (columns, ascending, ``values_ms``)."""

    values_ms: NDArray[np.float64]
    counts: NDArray[np.float64]

    @property
    def totals(self) -> NDArray[np.float64]:
        return np.asarray(self.counts.sum(axis=1))

    def joined(self, first: NDArray[np.int64]) -> LatencyCells:
        """Sums of neighbouring cells: each begins at one of ``first`` and ends before the next."""
        return LatencyCells(self.values_ms, np.add.reduceat(self.counts, first, axis=0))

    def quantiles_ms(self, quantile: float) -> NDArray[np.float64]:
        """The value of rank ceil(quantile * total) in each cell; NaN in an empty one."""
        if not len(self.values_ms):
            return np.full(len(self.counts), np.nan)
        ranks = np.maximum(1.0, np.ceil(quantile * self.totals - 1e-9))
        at = np.argmax(np.cumsum(self.counts, axis=1) >= ranks[:, None], axis=1)
        return np.where(self.totals > 0, self.values_ms[at], np.nan)

    def means_ms(self) -> NDArray[np.float64]:
        """The mean of each cell; NaN in an empty one."""
        totals = self.totals
        return np.asarray(self.counts @ self.values_ms / np.where(totals > 0, totals, np.nan))


class RowMeans(NamedTuple):
    """One value a row of a tag, in order of time: when it begins, how many values, their mean."""

    start_s: NDArray[np.float64]
    totals: NDArray[np.float64]
    means_ms: NDArray[np.float64]


class SlidingQuantiles(NamedTuple):
    """One value a window: when it begins, its quantile (NaN when empty), how many requests."""

    start_s: NDArray[np.float64]
    values_ms: NDArray[np.float64]
    totals: NDArray[np.int64]


class LatencyLog:
    """The histograms of a run by tag; rows are decoded when asked for, and not kept."""

    def __init__(self, rows: Rows | Mapping[str, TagRows]) -> None:
        self._rows: Rows = HeldRows(rows) if isinstance(rows, Mapping) else rows
        self._sums: dict[tuple[tuple[str, ...], Spans], LatencyCounts] = {}
        self._blocks: dict[tuple[tuple[str, ...], Spans], LatencyBlocks] = {}

    def tags(self) -> Sequence[str]:
        return self._rows.tags()

    def endpoints(self) -> dict[str, str]:
        """The tag of each endpoint by ``"TYPE NAME"``."""
        named = {endpoint_of(tag): tag for tag in self.tags()}
        return {name: tag for name, tag in named.items() if name is not None}

    def service_tag(self) -> str:
        """The tag of all requests' service times: those of its own, else the response times."""
        return SERVICE_TAG if SERVICE_TAG in self.tags() else ALL_REQUESTS

    def row_length_s(self, tags: Sequence[str]) -> float:
        """The longest interval of these tags' rows; 0 without rows."""
        return self._rows.longest_s(tags)

    def counts(self, tag: str, start_s: float, end_s: float) -> LatencyCounts:
        """The sum of a tag's rows that begin in ``start_s <= t < end_s``."""
        return self.merged((tag,), ((start_s, end_s),))

    def merged(self, tags: tuple[str, ...], spans: Spans) -> LatencyCounts:
        """The sum of all rows of these tags that begin in one of the spans; exact."""
        if (tags, spans) in self._blocks:
            return self._blocks[tags, spans].whole
        if (tags, spans) not in self._sums:
            self._sums[tags, spans] = self._add(tags, spans, 1).whole
        return self._sums[tags, spans]

    def in_blocks(self, tags: tuple[str, ...], spans: Spans) -> LatencyBlocks:
        """The same sum, whole and by stretch of time."""
        if (tags, spans) not in self._blocks:
            self._blocks[tags, spans] = self._add(tags, spans, BLOCKS)
        return self._blocks[tags, spans]

    def _add(self, tags: tuple[str, ...], spans: Spans, blocks: int) -> LatencyBlocks:
        sums = np.zeros((blocks, BUCKETS), np.int64)
        unreadable = 0
        fine_s = length_s(spans) / blocks if blocks > 1 else math.inf
        starts, _ends, payloads = self._chosen(tags, spans, fine_s)
        block = block_of(starts, spans) if blocks > 1 else np.zeros(len(starts), np.int64)
        for first in range(0, len(payloads), _ROWS_AT_ONCE):
            decoded = decode_rows(payloads[first : first + _ROWS_AT_ONCE])
            np.add.at(sums, (block[first + decoded.row], decoded.bucket), decoded.count)
            unreadable += decoded.unreadable
        indexes = np.flatnonzero(sums.any(axis=0))
        counts = sums[:, indexes]
        return LatencyBlocks(LatencyCounts(indexes, counts.sum(axis=0), unreadable), counts)

    def cells(
        self, tags: tuple[str, ...], borders_s: NDArray[np.float64], spans: Spans
    ) -> LatencyCells:
        """The counts of each cell between neighbouring borders, of the rows that begin there.

        ``borders_s`` ascends; rows outside the spans do not count. Where cells are far longer than
        the frames in which rows are summed, a frame counts in the cell in which it begins.
        """
        starts, _ends, payloads = self._chosen(tags, spans, float(np.diff(borders_s).min()))
        first, last = np.searchsorted(starts, borders_s[[0, -1]] - TIME_TOLERANCE_S)
        cell_of = np.searchsorted(borders_s, starts + TIME_TOLERANCE_S, side="right") - 1
        keys, sums = [np.empty(0, np.int64)], [np.empty(0)]
        for at in range(int(first), int(last), _ROWS_AT_ONCE):
            decoded = decode_rows(payloads[at : min(at + _ROWS_AT_ONCE, int(last))])
            own, inverse = np.unique(
                cell_of[at + decoded.row] * BUCKETS + decoded.bucket, return_inverse=True
            )
            keys.append(own)
            sums.append(np.bincount(inverse, decoded.count).astype(np.float64))
        cells, buckets = np.divmod(np.concatenate(keys), BUCKETS)
        used, column = np.unique(buckets, return_inverse=True)
        counts = np.zeros((len(borders_s) - 1, len(used)))
        np.add.at(counts, (cells, column), np.concatenate(sums))
        return LatencyCells(middles_ms()[used], counts)

    def row_means(self, tag: str) -> RowMeans:
        """The mean of each row of a tag; rows that cannot be read have no values (mean NaN)."""
        everything = ((-math.inf, math.inf),)
        starts, _ends, payloads = self._chosen((tag,), everything)
        totals, sums_ms = np.zeros(len(starts)), np.zeros(len(starts))
        for first in range(0, len(payloads), _ROWS_AT_ONCE):
            decoded = decode_rows(payloads[first : first + _ROWS_AT_ONCE])
            np.add.at(totals, first + decoded.row, decoded.count)
            np.add.at(sums_ms, first + decoded.row, decoded.count * middles_ms()[decoded.bucket])
        return RowMeans(starts, totals, sums_ms / np.where(totals > 0, totals, np.nan))

    def _chosen(
        self, tags: tuple[str, ...], spans: Spans, resolution_s: float = 0.0
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], Sequence[str]]:
        """Start, end and payload of the rows of some tags within some spans, in order of time.

        Where times need not be told apart to ``resolution_s``, sums of rows may stand for them.
        """
        of = self._rows.summed if resolution_s >= _WORTH_SUMS_S else self._rows.within
        parts = of(tags, spans)
        start = np.concatenate([np.empty(0), *(part.start_s for part in parts)])
        length = np.concatenate([np.empty(0), *(part.length_s for part in parts)])
        part = np.repeat(np.arange(len(parts)), [len(each.start_s) for each in parts])
        place = np.concatenate([np.empty(0, np.int64), *(np.arange(len(p.start_s)) for p in parts)])
        order = np.argsort(start, kind="stable")
        payloads = Chosen([each.payloads for each in parts], part[order], place[order])
        return start[order], start[order] + length[order], payloads

    def sliding_quantiles(
        self, tags: tuple[str, ...], quantile: float, begins: NDArray[np.float64], over_s: float
    ) -> SlidingQuantiles:
        """A quantile of each window of ``over_s``; ``begins`` ascends.

        A row counts in the windows that hold it whole.
        """
        if not len(begins):
            return SlidingQuantiles(begins, np.empty(0), np.empty(0, np.int64))
        everything = ((float(begins[0]), float(begins[-1]) + over_s),)
        starts, ends, payloads = self._chosen(tags, everything)
        low = np.searchsorted(starts, begins - TIME_TOLERANCE_S)
        high = np.searchsorted(np.maximum.accumulate(ends), begins + over_s + TIME_TOLERANCE_S)
        high = np.maximum(low, high)
        # Neighbours share most of their rows, so long windows are taken more at once.
        fewest, most = _WINDOWS_AT_ONCE
        at_once = min(max(fewest, int((high - low).max())), most)
        parts = []
        for first in range(0, len(begins), at_once):
            some = slice(first, first + at_once)
            offset = int(low[some][0])
            decoded = decode_rows(payloads[offset : int(high[some][-1])])
            rows = (low[some] - offset, high[some] - offset)
            parts.append(_quantiles_of_windows(*rows, decoded, quantile))
        values, totals = (np.concatenate(column) for column in zip(*parts, strict=True))
        return SlidingQuantiles(begins, values, totals)


def _quantiles_of_windows(
    low: NDArray[np.int64], high: NDArray[np.int64], decoded: DecodedRows, quantile: float
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Quantile and number of requests of the rows ``low`` to ``high`` (left out) of each window."""
    used, column = np.unique(decoded.bucket, return_inverse=True)
    if not len(used):
        return np.full(len(low), np.nan), np.zeros(len(low), np.int64)
    fits = decoded.count.sum() < np.iinfo(np.int32).max  # half the memory, half the time
    up_to = np.zeros((int(high.max()) + 1, len(used)), np.int32 if fits else np.int64)
    up_to[decoded.row + 1, column] = decoded.count
    np.cumsum(up_to, axis=0, out=up_to)
    windows = up_to[high] - up_to[low]
    np.cumsum(windows, axis=1, out=windows)
    totals = windows[:, -1].astype(np.int64)
    ranks = np.maximum(1, np.ceil(quantile * totals - 1e-9)).astype(windows.dtype)
    values = middles_ms()[used[np.argmax(windows >= ranks[:, None], axis=1)]]
    return np.where(totals > 0, values, np.nan), totals
