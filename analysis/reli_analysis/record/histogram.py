"""Latency histograms: sparse, mergeable without loss, in HdrHistogram's own layout.

A value is a whole number of nanoseconds from 1 to one hour. Buckets are those of an HdrHistogram
with three significant digits: up to 2,047 ns each value has its own, above that a bucket is at
most 1/1024 of its values wide, so a bucket's middle is within 0.05 % of every value in it. The
layout is Gil Tene's (hdrhistogram.org); counts are kept in a dict because one interval of one
endpoint fills a few hundred of the 33,792 buckets.
"""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LOWEST_NS = 1
HIGHEST_NS = 3_600_000_000_000
SIGNIFICANT_DIGITS = 3

SUB_BUCKETS = 2048
HALF = 1024
HALF_BITS = 10
BUCKETS = 33_792
"""How many buckets the layout has; indexes run from 0 to BUCKETS - 1."""


def index_of(value_ns: int) -> int:
    """The bucket that holds a value; values outside 1 ns to 1 h go to the nearest bucket."""
    value = min(max(value_ns, 0), HIGHEST_NS)
    bucket = (value | (SUB_BUCKETS - 1)).bit_length() - (HALF_BITS + 1)
    return ((bucket + 1) << HALF_BITS) + (value >> bucket) - HALF


def bounds_ns(index: int) -> tuple[int, int]:
    """The smallest and the largest whole value of a bucket, in nanoseconds."""
    bucket, sub = (index >> HALF_BITS) - 1, (index & (HALF - 1)) + HALF
    if bucket < 0:
        bucket, sub = 0, sub - HALF
    lowest = sub << bucket
    return lowest, lowest + (1 << bucket) - 1


def middle_ns(index: int) -> float:
    """The middle of a bucket: what its values are reported as."""
    lowest, highest = bounds_ns(index)
    return (lowest + highest) / 2


@functools.lru_cache(maxsize=256)
def bucket_around_ms(value_ms: float) -> tuple[float, float]:
    """The smallest and the largest value, in milliseconds, that cannot be told from this one.

    A value that no bucket holds is told from every other.
    """
    if not 0 <= value_ms * 1e6 <= HIGHEST_NS:
        return value_ms, value_ms
    lowest, highest = bounds_ns(index_of(round(value_ms * 1e6)))
    return lowest / 1e6, highest / 1e6


class Histogram:
    """Counts by bucket. Adding histograms is exact and in any order gives the same result."""

    __slots__ = ("counts",)

    def __init__(self, counts: Mapping[int, int] | None = None) -> None:
        self.counts: dict[int, int] = dict(counts or {})

    def record(self, value_ns: int, count: int = 1) -> None:
        index = index_of(value_ns)
        self.counts[index] = self.counts.get(index, 0) + count

    def add(self, indexes: Iterable[int], counts: Iterable[int]) -> None:
        """Add counts by bucket."""
        own = self.counts
        for index, count in zip(indexes, counts, strict=True):
            own[index] = own.get(index, 0) + count

    def merge(self, other: Histogram) -> None:
        self.add(other.counts.keys(), other.counts.values())

    @property
    def total(self) -> int:
        """How many values were recorded."""
        return sum(self.counts.values())

    def mean_ms(self) -> float | None:
        """Mean in milliseconds; ``None`` when empty."""
        total = self.total
        if not total:
            return None
        return sum(middle_ns(i) * c for i, c in self.counts.items()) / total / 1e6

    def quantiles_ms(self, quantiles: Iterable[float]) -> list[float | None]:
        """The values at some quantiles (0 to 1], in milliseconds; ``None`` when empty.

        The quantile q of n values is the value of rank ceil(q n), the smallest that at least
        that share of the values do not exceed (type 1 of Hyndman and Fan, 1996).
        """
        wanted = list(quantiles)
        total = self.total
        if not total:
            return [None] * len(wanted)
        ranks = sorted((max(1, math.ceil(q * total - 1e-9)), at) for at, q in enumerate(wanted))
        found: list[float | None] = [None] * len(wanted)
        seen, step = 0, 0
        for index in sorted(self.counts):
            seen += self.counts[index]
            while step < len(ranks) and seen >= ranks[step][0]:
                found[ranks[step][1]] = middle_ns(index) / 1e6
                step += 1
        return found

    def quantile_ms(self, quantile: float) -> float | None:
        return self.quantiles_ms([quantile])[0]
