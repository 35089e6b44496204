"""Histogram counts of one interval as pairs of arrays: made at once from many times, merged, sent.

The buckets are those of :mod:`reli_analysis.record.histogram`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from reli_analysis.record.histogram import HALF, HALF_BITS, HIGHEST_NS, SUB_BUCKETS

if TYPE_CHECKING:
    from collections.abc import Sequence

Counts = tuple[NDArray[np.uint16], NDArray[np.uint32]]
"""Indexes of the buckets that hold anything, ascending, and how much each holds."""

EMPTY_COUNTS: Counts = (np.empty(0, np.uint16), np.empty(0, np.uint32))


def bucket_counts(times_ms: NDArray[np.float64]) -> Counts:
    """Indexes and counts of the buckets that hold these times; NaN and infinity are left out."""
    times = times_ms[np.isfinite(times_ms)]
    if not len(times):
        return EMPTY_COUNTS
    nanoseconds = np.clip(np.rint(times * 1e6), 0, HIGHEST_NS).astype(np.int64)
    # frexp gives the bit length without a loop; the values fit a double's 53 bits.
    lengths = np.frexp((nanoseconds | (SUB_BUCKETS - 1)).astype(np.float64))[1].astype(np.int64)
    buckets = lengths - (HALF_BITS + 1)
    indexes = ((buckets + 1) << HALF_BITS) + (nanoseconds >> buckets) - HALF
    counts = np.bincount(indexes)
    filled = np.flatnonzero(counts)
    return filled.astype(np.uint16), counts[filled].astype(np.uint32)


def merge_counts(parts: Sequence[Counts]) -> Counts:
    """The sum of several counts by bucket; exact, and the same in any order."""
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return EMPTY_COUNTS
    indexes = np.concatenate([part[0] for part in parts])
    return sum_counts(indexes, np.concatenate([part[1] for part in parts]))


def sum_counts(indexes: NDArray[np.uint16], counts: NDArray[np.uint32]) -> Counts:
    """The sum by bucket of counts in any order; a bucket may be there more than once."""
    if not len(indexes):
        return EMPTY_COUNTS
    # bincount adds as double, which is exact up to 2**53.
    sums = np.bincount(indexes, counts)
    filled = np.flatnonzero(sums)
    return filled.astype(np.uint16), sums[filled].astype(np.uint32)


def counts_to_wire(counts: Counts) -> list[bytes]:
    """Little-endian bytes, whatever the host."""
    return [counts[0].astype("<u2").tobytes(), counts[1].astype("<u4").tobytes()]


def counts_from_wire(data: Sequence[Any]) -> Counts:
    """What :func:`counts_to_wire` made."""
    return np.frombuffer(data[0], "<u2"), np.frombuffer(data[1], "<u4")
