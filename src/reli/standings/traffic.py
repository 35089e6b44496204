"""``error_ratio``, ``availability``, ``dropped_ratio`` and ``throughput``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli.recorder.rows import ENDPOINT_INTERVALS
from reli.standings.measures import MEASURES, PROOFS, AtOnce
from reli.standings.parts import Part, endpoint_of, source_of
from reli.standings.pieces import PieceWindows
from reli.standings.sliding import SlidingWindows
from reli.standings.sums import PieceSums, WindowSums
from reli_analysis.budgets.enough import requests_for_ratio
from reli_analysis.budgets.proof import surely_above

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reli.standings.measures import Feeds, Value
    from reli.standings.moment import Moment
    from reli.standings.parts import Source
    from reli_analysis.budgets import Budget

_AVAILABILITY = "availability"


class Traffic(AtOnce):
    """Requests and failures of the steady window, answers and seconds of the steady load."""

    def __init__(self, source: Source, interval_s: float) -> None:
        self._source = source
        self._interval_s = interval_s
        self.requests = self.failures = self.answers = self.load_s = 0.0

    def take(self, moment: Moment) -> None:
        """Count an interval. What fails in the drain was asked before it; a rate ends there."""
        part = self._source(moment)
        if part.afresh:
            self.requests = self.failures = self.answers = 0.0
        if moment.judged:
            self.requests += part.requests
            self.failures += part.failures
        if moment.under_load:
            self.answers += part.answers
            self.load_s += self._interval_s


def arrivals(moment: Moment) -> Part:
    """Arrivals of the open model as requests, and those given up as failures."""
    arrived = moment.number("arrivals") or 0.0
    return Part(arrived, moment.number("dropped") or 0.0, 0.0, ())


def share(budget: Budget, feeds: Feeds) -> Value:
    """The share that failed or, for availability, that did not."""
    source = _source(budget, feeds)
    if budget.over_s is not None:
        return _share_of_windows(budget, feeds, source)
    traffic = _traffic(budget, feeds, source)
    return lambda: _share(budget, traffic.requests, traffic.failures)


def _source(budget: Budget, feeds: Feeds) -> Source:
    return arrivals if budget.function == "dropped_ratio" else source_of(budget, feeds)


def proven(budget: Budget, feeds: Feeds) -> Callable[[], bool]:
    """With enough requests, or so many failures among few that luck does not explain them."""
    traffic = _traffic(budget, feeds, _source(budget, feeds))
    limit = _error_limit(budget)
    needed = _needed(budget)

    def is_proven() -> bool:
        requests, failures = round(traffic.requests), round(traffic.failures)
        return requests >= needed or surely_above(failures, requests, limit)

    return is_proven


def _error_limit(budget: Budget) -> float:
    return 1 - budget.last_limit if budget.function == _AVAILABILITY else budget.last_limit


def _needed(budget: Budget) -> int:
    """Requests that it takes to bound errors from above; a budget that asks for errors needs one."""
    bounds_errors = budget.wants_less != (budget.function == _AVAILABILITY)
    return requests_for_ratio(_error_limit(budget)) if bounds_errors else 1


def _share(budget: Budget, requests: float, failures: float) -> float | None:
    if not requests:
        return None
    return (requests - failures if budget.function == _AVAILABILITY else failures) / requests


def _traffic(budget: Budget, feeds: Feeds, source: Source) -> Traffic:
    key = ("traffic", source is arrivals, budget.endpoint)
    return feeds.shared(key, lambda: Traffic(source, feeds.interval_s))


def _share_of_windows(budget: Budget, feeds: Feeds, source: Source) -> Value:
    needed = _needed(budget)

    def value(sums: Sequence[float]) -> float | None:
        requests, failures = sums
        return _share(budget, requests, failures) if requests >= needed else None

    return _worst_window(budget, feeds, source, lambda p: (p.requests, p.failures), value).worst


def throughput(budget: Budget, feeds: Feeds) -> Value:
    """Answers a second of steady load; ``None`` for endpoints that nobody ever answers."""
    source = source_of(budget, feeds)
    endpoint = None if budget.endpoint is None else endpoint_of(budget.endpoint, feeds)
    rate = _rate(budget, feeds, source)
    return lambda: rate() if endpoint is None or endpoint.answered else None


def _rate(budget: Budget, feeds: Feeds, source: Source) -> Value:
    if budget.over_s is not None:
        return _rate_of_windows(budget, feeds, source, budget.over_s)
    traffic = _traffic(budget, feeds, source)
    return lambda: traffic.answers / traffic.load_s if traffic.load_s else None


def _rate_of_windows(budget: Budget, feeds: Feeds, source: Source, over_s: float) -> Value:
    """A missing interval is unknown; an endpoint without a row was not called."""

    def value(sums: Sequence[float]) -> float | None:
        answers, intervals = sums
        seconds = over_s if budget.endpoint is not None else intervals * feeds.interval_s
        return answers / seconds if seconds >= over_s / 2 else None

    return _worst_window(budget, feeds, source, lambda p: (p.answers, 1.0), value).worst


def _worst_window(
    budget: Budget,
    feeds: Feeds,
    source: Source,
    numbers: Callable[[Part], tuple[float, float]],
    value: Callable[[Sequence[float]], float | None],
) -> PieceWindows[Part, Sequence[float]]:
    """Failures in the drain are those of the load before it; a rate is one under load."""
    longest = 1 if budget.endpoint is None else ENDPOINT_INTERVALS
    windows = SlidingWindows(budget, longest * feeds.interval_s, lambda: WindowSums(2, value))
    pieces = PieceWindows(
        source,
        windows,
        lambda: PieceSums(numbers),
        longest=longest,
        drain=budget.function != "throughput",
    )
    return feeds.add(pieces)


MEASURES.register("error_ratio", share)
MEASURES.register("availability", share)
MEASURES.register("dropped_ratio", share)
MEASURES.register("throughput", throughput)
for _function in ("error_ratio", "availability", "dropped_ratio"):
    PROOFS.register(_function, proven)
