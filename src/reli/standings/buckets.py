"""Counts of latencies by bucket, to which intervals are added and from which they are taken."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING

from reli_analysis.record.histogram import BUCKETS, bucket_around_ms, middle_ns

if TYPE_CHECKING:
    from collections.abc import Iterable

_GROUP_BITS = 8


@functools.cache
def middle_ms(index: int) -> float:
    """The middle of a bucket in milliseconds; remembered, of at most ``BUCKETS`` of them."""
    return middle_ns(index) / 1e6


class Buckets:
    """A sparse histogram whose quantiles are found in the same time however many buckets it has.

    Beside the counts it keeps their sums over groups of 256 buckets, so that a quantile is a walk
    over at most 132 sums and 256 buckets.
    """

    __slots__ = ("_counts", "_groups", "total")

    def __init__(self) -> None:
        self.total = 0
        self._counts: dict[int, int] = {}
        self._groups = [0] * ((BUCKETS >> _GROUP_BITS) + 1)

    def add(self, buckets: Iterable[tuple[int, int]]) -> None:
        """Add counts by bucket."""
        counts, groups, total = self._counts, self._groups, self.total
        for index, count in buckets:
            counts[index] = counts.get(index, 0) + count
            groups[index >> _GROUP_BITS] += count
            total += count
        self.total = total

    def remove(self, buckets: Iterable[tuple[int, int]]) -> None:
        """Take away what was added before."""
        counts, groups, total = self._counts, self._groups, self.total
        for index, count in buckets:
            left = counts[index] - count
            if left:
                counts[index] = left
            else:
                del counts[index]
            groups[index >> _GROUP_BITS] -= count
            total -= count
        self.total = total

    def quantile_ms(self, quantile: float) -> float | None:
        """The value of rank ceil(quantile * total), as ``Histogram`` has it; ``None`` when empty."""
        if not self.total:
            return None
        left = max(1, math.ceil(quantile * self.total - 1e-9))
        for group, count in enumerate(self._groups):
            if count >= left:
                return self._within(group, left)
            left -= count
        raise AssertionError("the groups hold as many as there are")

    def above(self, limit_ms: float) -> int:
        """How many values are larger than what holds the limit; a walk over all buckets, for when there are few."""
        _lowest, highest = bucket_around_ms(limit_ms)
        return sum(count for index, count in self._counts.items() if middle_ms(index) > highest)

    def _within(self, group: int, left: int) -> float:
        counts, first = self._counts, group << _GROUP_BITS
        for index in range(first, first + (1 << _GROUP_BITS)):
            left -= counts.get(index, 0)
            if left <= 0:
                return middle_ms(index)
        raise AssertionError("a group holds as many as it says")
