"""Latencies of a run at full resolution: the interval log, decoded when it is asked for."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from reli_analysis.histogram_rows import DecodedRows, decode_rows
from reli_analysis.record.histogram import BUCKETS, HALF, HALF_BITS
from reli_analysis.record.hlog import SERVICE_TAG, endpoint_of
from reli_analysis.selection import TIME_TOLERANCE_S, inside

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from reli_analysis.selection import Spans

ALL_REQUESTS = ""
"""The tag of the rows that hold the response times of all requests."""

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
        values = middles_ms()[self.indexes]
        chosen = values <= limit_ms if or_equal else values < limit_ms
        return int(self.counts[chosen].sum())

    def fraction_below(self, limit_ms: float) -> float | None:
        """The share of the values below a limit; ``None`` when there are none."""
        return self.count_below(limit_ms) / self.total if len(self.counts) else None


@dataclass(frozen=True)
class TagRows:
    """The rows of one tag in any order, their histograms not yet decoded."""

    start_s: NDArray[np.float64]
    length_s: NDArray[np.float64]
    payloads: Sequence[str]


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

    def __init__(self, rows: Mapping[str, TagRows]) -> None:
        self._rows = dict(rows)
        self._merged: dict[tuple[tuple[str, ...], Spans], LatencyCounts] = {}

    def tags(self) -> list[str]:
        return sorted(self._rows)

    def endpoints(self) -> dict[str, str]:
        """The tag of each endpoint by ``"TYPE NAME"``."""
        named = {endpoint_of(tag): tag for tag in self.tags()}
        return {name: tag for name, tag in named.items() if name is not None}

    def service_tag(self) -> str:
        """The tag of all requests' service times: those of its own, else the response times."""
        return SERVICE_TAG if SERVICE_TAG in self._rows else ALL_REQUESTS

    def row_length_s(self, tags: Sequence[str]) -> float:
        """The longest interval of these tags' rows; 0 without rows."""
        lengths = [self._rows[tag].length_s for tag in tags if tag in self._rows]
        return max((float(length.max()) for length in lengths if len(length)), default=0.0)

    def counts(self, tag: str, start_s: float, end_s: float) -> LatencyCounts:
        """The sum of a tag's rows that begin in ``start_s <= t < end_s``."""
        return self.merged((tag,), ((start_s, end_s),))

    def merged(self, tags: tuple[str, ...], spans: Spans) -> LatencyCounts:
        """The sum of all rows of these tags that begin in one of the spans; exact."""
        if (tags, spans) not in self._merged:
            self._merged[tags, spans] = self._merge(tags, spans)
        return self._merged[tags, spans]

    def _merge(self, tags: tuple[str, ...], spans: Spans) -> LatencyCounts:
        sums = np.zeros(BUCKETS, np.int64)
        unreadable = 0
        _starts, _ends, payloads = self._chosen(tags, spans)
        for first in range(0, len(payloads), _ROWS_AT_ONCE):
            decoded = decode_rows(payloads[first : first + _ROWS_AT_ONCE])
            np.add.at(sums, decoded.bucket, decoded.count)
            unreadable += decoded.unreadable
        indexes = np.flatnonzero(sums)
        return LatencyCounts(indexes, sums[indexes], unreadable)

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
        self, tags: tuple[str, ...], spans: Spans
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], list[str]]:
        """Start, end and payload of the rows of some tags within some spans, in order of time."""
        starts, ends, payloads = [np.empty(0)], [np.empty(0)], []
        for tag in tags:
            if (rows := self._rows.get(tag)) is None:
                continue
            chosen = np.flatnonzero(inside(rows.start_s, spans)).tolist()
            starts.append(rows.start_s[chosen])
            ends.append(rows.start_s[chosen] + rows.length_s[chosen])
            payloads += [rows.payloads[at] for at in chosen]
        start, end = np.concatenate(starts), np.concatenate(ends)
        order = np.argsort(start, kind="stable")
        return start[order], end[order], [payloads[at] for at in order.tolist()]

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
