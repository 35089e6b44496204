"""``growth rss < 50MiB``: the level now against that at the beginning of the steady window."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

from reli.standings.level import column_of
from reli.standings.measures import MEASURES, AtOnce

if TYPE_CHECKING:
    from reli.standings.measures import Feeds, Value
    from reli.standings.moment import Moment
    from reli_analysis.budgets import Budget

FEWEST = 20
_EDGE = 0.1
_FEWEST_AT_EDGE = 3
"""As ``reli_analysis.budgets.functions.growth``."""

MOST_SAMPLES = 2048
"""Past so many, every second one is forgotten, and only every second one more is kept."""


@dataclass
class Life:
    """The samples of one life of the target: all of them, or evenly chosen ones."""

    start_s: float
    end_s: float
    samples: int = 0
    kept: list[float] = field(default_factory=list)
    every: int = 1

    def add(self, value: float) -> None:
        """Keep the sample if it is one of those that are kept."""
        if self.samples % self.every == 0:
            self.kept.append(value)
        self.samples += 1
        if len(self.kept) > MOST_SAMPLES:
            self.kept = self.kept[::2]
            self.every *= 2

    def growth(self) -> float | None:
        """Median of the last tenth minus that of the first; ``None`` for fewer than 20 samples."""
        if self.samples < FEWEST:
            return None
        edge = max(_FEWEST_AT_EDGE, round(_EDGE * len(self.kept)))
        return median(self.kept[-edge:]) - median(self.kept[:edge])


class Growth(AtOnce):
    """The growth within the longest life so far: nothing is compared across a restart."""

    def __init__(self, column: str) -> None:
        self._column = column
        self._longest: Life | None = None
        self._life: Life | None = None
        self._restarts_s: list[float] = []

    def take(self, moment: Moment) -> None:
        """Add the sample of an interval of steady load, if it has one."""
        if self._restarted(moment):
            self._longest, self._life = self._longer(), None
        if not moment.under_load:
            return
        if self._life is None:
            self._life = Life(moment.start_s, moment.end_s)
        self._life.end_s = moment.end_s
        value = moment.number(self._column)
        if value is not None:
            self._life.add(value)

    def _restarted(self, moment: Moment) -> bool:
        """Whether the sample that ended the interval, or one before it, was the first of a life.

        An interval may be written when samples after its own have told their events already.
        """
        self._restarts_s += [e.elapsed_s for e in moment.events if e.kind == "restart"]
        next_sample_s = 2 * moment.end_s - moment.start_s
        still = [at_s for at_s in self._restarts_s if at_s >= next_sample_s]
        restarted = len(still) < len(self._restarts_s)
        self._restarts_s = still
        return restarted

    def _longer(self) -> Life | None:
        lives = [life for life in (self._longest, self._life) if life is not None]
        return max(lives, key=lambda life: life.end_s - life.start_s, default=None)

    def value(self) -> float | None:
        life = self._longer()
        return None if life is None else life.growth()


def growth(budget: Budget, feeds: Feeds) -> Value:
    column = column_of(budget.metric, feeds)
    return feeds.shared(("growth", column), lambda: Growth(column)).value


MEASURES.register("growth NAME", growth)
