"""``p95`` and ``service_p95``: of all steady requests, of one endpoint, or of every window."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, TypeAlias

from reli.recorder.rows import ENDPOINT_INTERVALS
from reli.standings.buckets import Buckets
from reli.standings.measures import MEASURES, PROOFS, AtOnce
from reli.standings.parts import source_of
from reli.standings.pieces import PieceWindows
from reli.standings.sliding import SlidingWindows
from reli_analysis.budgets.enough import requests_for_quantile
from reli_analysis.budgets.proof import surely_above

if TYPE_CHECKING:
    from collections.abc import Callable

    from reli.standings.measures import Feeds, Value
    from reli.standings.moment import Moment
    from reli.standings.parts import Part, Source
    from reli_analysis.budgets import Budget

_Packed: TypeAlias = "tuple[array[int], array[int]]"
"""Bucket indexes and their counts: ten bytes a bucket, where a dict takes a hundred."""


class Latencies(AtOnce):
    """The steady latencies of a source, merged."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.buckets = Buckets()

    def take(self, moment: Moment) -> None:
        """Add an interval of the steady window, its drain included."""
        part = self._source(moment)
        if part.afresh:
            self.buckets = Buckets()
        if moment.judged:
            for counts in part.buckets:
                self.buckets.add(counts.items())


class _Piece:
    """The latencies of a piece, packed for as long as a window needs them."""

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}

    def add(self, counted: Part) -> None:
        own = self._counts
        for counts in counted.buckets:
            for index, count in counts.items():
                own[index] = own.get(index, 0) + count

    def item(self) -> _Packed:
        return array("H", self._counts.keys()), array("Q", self._counts.values())


class _Window:
    """The latencies of one window; too few of them prove no percentile."""

    def __init__(self, quantile: float) -> None:
        self._quantile = quantile
        self._enough = requests_for_quantile(quantile)
        self._buckets = Buckets()

    def add(self, item: _Packed) -> None:
        self._buckets.add(zip(*item, strict=True))

    def remove(self, item: _Packed) -> None:
        self._buckets.remove(zip(*item, strict=True))

    def value(self) -> float | None:
        enough = self._buckets.total >= self._enough
        return self._buckets.quantile_ms(self._quantile) if enough else None


def percentile(budget: Budget, feeds: Feeds) -> Value:
    """Of all steady requests or, with ``over``, of the worst window with enough of them."""
    source, quantile = source_of(budget, feeds), budget.quantile
    assert quantile is not None
    if budget.over_s is not None:
        longest = 1 if budget.endpoint is None else ENDPOINT_INTERVALS
        windows = SlidingWindows(
            budget, longest * feeds.interval_s, lambda: _Window(quantile), whole=True
        )
        pieces = PieceWindows(source, windows, _Piece, longest=longest, drain=True)
        return feeds.add(pieces).worst
    latencies = _latencies(budget, feeds, source)
    return lambda: latencies.buckets.quantile_ms(quantile)


def _latencies(budget: Budget, feeds: Feeds, source: Source) -> Latencies:
    key = ("latencies", budget.function, budget.endpoint)
    return feeds.shared(key, lambda: Latencies(source))


def proven(budget: Budget, feeds: Feeds) -> Callable[[], bool]:
    """With enough requests, or so many above the limit that luck does not explain them."""
    latencies, quantile = _latencies(budget, feeds, source_of(budget, feeds)), budget.quantile
    assert quantile is not None
    enough, limit_ms = requests_for_quantile(quantile), budget.last_limit

    def is_proven() -> bool:
        buckets = latencies.buckets
        if buckets.total >= enough or not budget.wants_less:
            return buckets.total >= enough
        return surely_above(buckets.above(limit_ms), buckets.total, 1 - quantile)

    return is_proven


MEASURES.register("pNN", percentile)
MEASURES.register("service_pNN", percentile)
PROOFS.register("pNN", proven)
PROOFS.register("service_pNN", proven)
