"""``max rss``, ``mean cpu``, ``min users`` and ``last queue_size``: a column as it was sampled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli.standings.measures import MEASURES, PROOFS, AtOnce
from reli_analysis.record.layout import RESULTS_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable

    from reli.standings.measures import Feeds, Value
    from reli.standings.moment import Moment
    from reli_analysis.budgets import Budget

FEWEST = 5
LONGEST_SILENCE = 0.2
"""As ``reli_analysis.budgets.samples``: the share of the run after which a last value is stale."""


def column_of(name: str, feeds: Feeds) -> str:
    """The column that a budget names, whatever its case; its own text when there is none."""
    columns = [*(column.name for column in RESULTS_COLUMNS), *feeds.metrics]
    if name in columns:
        return name
    return next((c for c in columns if c.casefold() == name.casefold()), name)


class Level(AtOnce):
    """Extremes of the steady window and mean under steady load.

    The largest may lie in the drain, where what the load left behind is worked off; the smallest may
    not, because there the load is over.
    """

    def __init__(self, column: str) -> None:
        self._column = column
        self.largest: float | None = None
        self.smallest: float | None = None
        self._sum, self._samples = 0.0, 0

    def take(self, moment: Moment) -> None:
        """Look at the value of an interval, if it has one."""
        value = moment.number(self._column)
        if value is None:
            return
        if moment.judged:
            self.largest = value if self.largest is None else max(self.largest, value)
        if moment.under_load:
            self.smallest = value if self.smallest is None else min(self.smallest, value)
            self._sum += value
            self._samples += 1

    @property
    def samples(self) -> int:
        """How many there were under steady load."""
        return self._samples

    def mean(self) -> float | None:
        return self._sum / self._samples if self._samples else None


class Last(AtOnce):
    """The last value of the whole run, unless it is long ago."""

    def __init__(self, column: str) -> None:
        self._column = column
        self._value: float | None = None
        self._at_s = 0.0
        self._now_s = 0.0
        self._interval_s = 0.0

    def take(self, moment: Moment) -> None:
        """Look at the value of an interval, if it has one."""
        value = moment.number(self._column)
        self._now_s, self._interval_s = moment.end_s, moment.end_s - moment.start_s
        if value is not None:
            self._value, self._at_s = value, moment.start_s

    def value(self) -> float | None:
        silence_s = self._now_s - self._at_s
        stale = silence_s > LONGEST_SILENCE * self._now_s + self._interval_s
        return None if stale else self._value


def level_of(budget: Budget, feeds: Feeds) -> Level:
    """The feed of the column that a budget names."""
    column = column_of(budget.metric, feeds)
    return feeds.shared(("level", column), lambda: Level(column))


def last_of(budget: Budget, feeds: Feeds) -> Last:
    """The last value of the column that a budget names."""
    column = column_of(budget.metric, feeds)
    return feeds.shared(("last", column), lambda: Last(column))


def largest(budget: Budget, feeds: Feeds) -> Value:
    level = level_of(budget, feeds)
    return lambda: level.largest


def smallest(budget: Budget, feeds: Feeds) -> Value:
    level = level_of(budget, feeds)
    return lambda: level.smallest


def mean_proven(budget: Budget, feeds: Feeds) -> Callable[[], bool]:
    """With as many samples as the analysis asks for."""
    level = level_of(budget, feeds)
    return lambda: level.samples >= FEWEST


MEASURES.register("max NAME", largest)
MEASURES.register("min NAME", smallest)
MEASURES.register("mean NAME", lambda budget, feeds: level_of(budget, feeds).mean)
PROOFS.register("mean NAME", mean_proven)
MEASURES.register("last NAME", lambda budget, feeds: last_of(budget, feeds).value)
