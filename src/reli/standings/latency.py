"""``mean`` and ``max_latency``, of all steady requests or of one endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli.standings.buckets import middle_ms
from reli.standings.measures import MEASURES, PROOFS, AtOnce
from reli.standings.parts import source_of
from reli_analysis.budgets.enough import REQUESTS_FOR_MEAN

if TYPE_CHECKING:
    from collections.abc import Callable

    from reli.standings.measures import Feeds, Value
    from reli.standings.moment import Moment
    from reli.standings.parts import Source
    from reli_analysis.budgets import Budget

_NONE = -1
"""Below the lowest bucket."""


class MeanLatency(AtOnce):
    """The mean of the middles of the steady latencies' buckets."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._sum_ms, self._total = 0.0, 0

    @property
    def requests(self) -> int:
        return self._total

    def take(self, moment: Moment) -> None:
        """Add an interval of the steady window, its drain included."""
        part = self._source(moment)
        if part.afresh:
            self._sum_ms, self._total = 0.0, 0
        if moment.judged:
            for counts in part.buckets:
                self._sum_ms += sum(middle_ms(index) * count for index, count in counts.items())
                self._total += sum(counts.values())

    def value(self) -> float | None:
        return self._sum_ms / self._total if self._total else None


class LongestLatency(AtOnce):
    """The middle of the highest bucket of the steady latencies."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._highest = _NONE

    def take(self, moment: Moment) -> None:
        """Look at an interval of the steady window, its drain included."""
        part = self._source(moment)
        if part.afresh:
            self._highest = _NONE
        if moment.judged:
            for counts in part.buckets:
                longest = max(counts, default=_NONE)
                self._highest = max(self._highest, longest)

    def value(self) -> float | None:
        return None if self._highest == _NONE else middle_ms(self._highest)


def mean(budget: Budget, feeds: Feeds) -> Value:
    """The mean response time."""
    return _mean(budget, feeds).value


def _mean(budget: Budget, feeds: Feeds) -> MeanLatency:
    source = source_of(budget, feeds)
    return feeds.shared(("mean", budget.endpoint), lambda: MeanLatency(source))


def mean_proven(budget: Budget, feeds: Feeds) -> Callable[[], bool]:
    """With as many requests as the analysis asks for."""
    latencies = _mean(budget, feeds)
    return lambda: latencies.requests >= REQUESTS_FOR_MEAN


def max_latency(budget: Budget, feeds: Feeds) -> Value:
    """The longest response time."""
    return feeds.add(LongestLatency(source_of(budget, feeds))).value


MEASURES.register("mean", mean)
PROOFS.register("mean", mean_proven)
MEASURES.register("max_latency", max_latency)
