"""What a budget's function is while the run goes on: something fed with intervals, and its value."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

from reli_analysis.budgets import Budget
from reli_analysis.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

    from reli.standings.moment import Moment
    from reli_analysis.record import MetricSpec

Value = Callable[[], float | None]
"""What a budget has come to so far, in its unit; ``None`` while nothing is known."""


class Feed(Protocol):
    """Takes every interval once, and keeps no more of it than it needs."""

    def take(self, moment: Moment) -> None:
        """Take the next interval."""
        ...

    def finish(self) -> None:
        """The run has ended: what was still gathered will not grow."""
        ...


class AtOnce:
    """A feed whose value is that of the intervals taken, with nothing left to do at the end."""

    def finish(self) -> None:
        return


F = TypeVar("F", bound=Feed)


class Feeds:
    """The feeds of all budgets, in the order in which they take an interval.

    ``interval_s`` is the length of one; ``metrics`` are those of the wrapped service by name.
    """

    def __init__(self, interval_s: float, metrics: Iterable[MetricSpec]) -> None:
        self.interval_s = interval_s
        self.metrics: Mapping[str, MetricSpec] = {metric.name: metric for metric in metrics}
        self._feeds: list[Feed] = []
        self._shared: dict[Hashable, Feed] = {}

    def add(self, feed: F) -> F:
        """Feed it with all intervals from now on, after what was added before it."""
        self._feeds.append(feed)
        return feed

    def shared(self, key: Hashable, make: Callable[[], F]) -> F:
        """The feed of a key: made once, however many budgets look at it."""
        if key not in self._shared:
            self._shared[key] = self.add(make())
        return cast("F", self._shared[key])

    def take(self, moment: Moment) -> None:
        for feed in self._feeds:
            feed.take(moment)

    def finish(self) -> None:
        for feed in self._feeds:
            feed.finish()


Measure = Callable[[Budget, Feeds], Value]
"""Adds the feeds that a budget needs, and returns how its value is read from them."""

MEASURES: Registry[Measure] = Registry("budget function")

Proof = Callable[[Budget, Feeds], Callable[[], bool]]
"""Adds the feeds that it needs, and returns whether what broke a budget is more than chance."""

PROOFS: Registry[Proof] = Registry("budget function")
"""Of functions of which the analysis says FAIL only with enough data; the others need none."""
