"""Series of a run in a bounded store that keeps every extreme.

The axis of time is one row of buckets for all series. A bucket is ``width`` intervals long; when a
run has outgrown its buckets, neighbours are merged and the width doubles, so that 48 h at 1 s take
the same memory as ten minutes. A bucket holds the smallest and the largest of its values: merging
loses no peak and no dip. Beside it, :class:`Recent` keeps the newest intervals as they were.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from math import inf, isfinite
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

MOST_BUCKETS = 600
MOST_SERIES = 200
RECENT_INTERVALS = 640
"""A multiple of every number of buckets that is sent as one."""

K = TypeVar("K", bound="Hashable")


@dataclass(frozen=True)
class Extremes:
    """The smallest and the largest value of each bucket; ``None`` where nothing was measured."""

    low: list[float | None]
    high: list[float | None]


class Buckets:
    """The buckets of one series; one without a value is ``inf`` below and ``-inf`` above."""

    __slots__ = ("high", "low")

    def __init__(self) -> None:
        self.low = array("d")
        self.high = array("d")

    def lengthen(self, count: int) -> None:
        """Add buckets without a value until there are so many."""
        missing = count - len(self.low)
        self.low.extend([inf] * missing)
        self.high.extend([-inf] * missing)

    def halve(self) -> None:
        """Merge each two neighbours; the last of an odd number stays as it is."""
        low, high = self.low, self.high
        odd = len(low) // 2 * 2
        self.low = array("d", map(min, low[0:odd:2], low[1::2])) + low[odd:]
        self.high = array("d", map(max, high[0:odd:2], high[1::2])) + high[odd:]

    def drop(self, count: int) -> None:
        """Forget the first buckets."""
        del self.low[:count], self.high[:count]

    def since(self, first: int) -> Buckets:
        """A copy of the buckets from ``first`` on."""
        copy = Buckets()
        copy.low, copy.high = self.low[first:], self.high[first:]
        return copy


class Series(Buckets):
    """One series: its buckets, and its newest, smallest and largest value of all."""

    __slots__ = ("highest", "lowest", "newest", "newest_index")

    def __init__(self) -> None:
        super().__init__()
        self.newest_index = -1
        self.newest, self.lowest, self.highest = inf, inf, -inf

    def put(self, bucket: int, index: int, value: float) -> None:
        # Compared in place: this is called for each series and interval, in Locust's own process.
        low, high = self.low, self.high
        if bucket >= len(low):
            self.lengthen(bucket + 1)
        if value < low[bucket]:
            low[bucket] = value
            self.lowest = min(self.lowest, value)
        if value > high[bucket]:
            high[bucket] = value
            self.highest = max(self.highest, value)
        if index >= self.newest_index:
            self.newest_index, self.newest = index, value


class Store(Generic[K]):
    """Series by key; buckets are numbered from the start of the run."""

    def __init__(self, most_buckets: int = MOST_BUCKETS, most_series: int = MOST_SERIES) -> None:
        """At least two buckets."""
        self.width = 1
        """Intervals in a bucket; a power of two."""
        self.begin = 0
        """The number, from the start of the run, of the first bucket that is kept."""
        self.count = 0
        """Buckets that are kept."""
        self.change = 0
        """Counts what was taken in: a reader that remembers it can ask for what came after."""
        self.left_out = 0
        """Values of series for which there was no room."""
        self.series: dict[K, Series] = {}
        self._most_buckets = most_buckets
        self._most_series = most_series
        self._changed = array("Q")

    def put(self, index: int, values: Mapping[K, float]) -> None:
        """Take values of the interval ``index`` in; a late one goes where it belongs.

        A value that is not finite is none.
        """
        while (bucket := index // self.width - self.begin) >= self._most_buckets:
            self._make_room(index)
        if bucket < 0:
            return
        self.change += 1
        if bucket >= self.count:
            self._changed.extend([self.change] * (bucket + 1 - self.count))
            self.count = bucket + 1
        self._changed[bucket] = self.change
        for key, value in values.items():
            if not isfinite(value):
                continue
            series = self.series.get(key)
            if series is None:
                if len(self.series) >= self._most_series:
                    self.left_out += 1
                    continue
                series = self.series[key] = Series()
            series.put(bucket, index, value)

    def _make_room(self, _index: int) -> None:
        """Make the axis longer, or later, so that an interval has its bucket."""
        for series in self.series.values():
            series.halve()
        self.width *= 2
        self.count = (self.count + 1) // 2
        self._changed = array("Q", [self.change] * self.count)

    def first_changed(self, since: int) -> int:
        """The first bucket with a value that came after ``change`` was ``since``."""
        changes = enumerate(self._changed)
        return next((bucket for bucket, change in changes if change > since), self.count)

    def extremes(self, key: K) -> Extremes:
        """The buckets of a series; it has as many as its newest value asks for."""
        buckets = self.series[key]
        return Extremes(
            [None if value == inf else value for value in buckets.low],
            [None if value == -inf else value for value in buckets.high],
        )


class Recent(Store[K]):
    """The newest intervals, each in a bucket of its own: at least ``RECENT_INTERVALS``."""

    def __init__(self) -> None:
        super().__init__(2 * RECENT_INTERVALS)

    def _make_room(self, index: int) -> None:
        begin = (index // RECENT_INTERVALS - 1) * RECENT_INTERVALS
        dropped = begin - self.begin
        for series in self.series.values():
            series.drop(dropped)
        del self._changed[:dropped]
        self.begin, self.count = begin, max(0, self.count - dropped)
