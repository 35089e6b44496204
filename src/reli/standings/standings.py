"""How every budget of a run stands, interval by interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli.recorder.told import Standing
from reli.standings.aborts import Aborts
from reli.standings.measures import MEASURES, Feeds
from reli.standings.moment import Timeline
from reli.standings.parts import endpoint_of
from reli_analysis.budgets import parse_all
from reli_analysis.record.layout import RESULTS_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reli.recorder.protocol import IntervalRow
    from reli.recorder.told import Abort, EventRow
    from reli.standings.measures import Value
    from reli_analysis.budgets import Budget
    from reli_analysis.record import Histogram, RunInfo


class Standings:
    """Fed with every interval that is written; tells how the budgets stand after it.

    ``budgets`` and every tuple of standings have the same order.
    """

    def __init__(self, info: RunInfo) -> None:
        """Raises ``BudgetError`` when a budget of the run does not parse."""
        units = {column.name: column.unit for column in RESULTS_COLUMNS if column.unit}
        units |= {metric.name: metric.unit for metric in info.metrics}
        self.budgets = parse_all(info.budgets, units)
        self._timelines = {
            window: Timeline(info.interval_s, window)
            for window in dict.fromkeys(budget.judged_window for budget in self.budgets)
        }
        self._feeds = {w: Feeds(info.interval_s, info.metrics) for w in self._timelines}
        self._values = [_value_of(b, self._feeds[b.judged_window]) for b in self.budgets]
        self._aborts = Aborts(self.budgets, self._feeds)

    @property
    def abort(self) -> Abort | None:
        """The first budget that has broken and asks for the run to be ended."""
        return self._aborts.abort

    def take(
        self,
        row: IntervalRow,
        everything: Histogram,
        columns: Mapping[str, object],
        events: Sequence[EventRow] = (),
    ) -> tuple[Standing, ...]:
        """Take the next interval.

        ``everything`` is the histogram of its requests, ``columns`` its row of ``results.csv``,
        ``events`` what happened since the interval before.
        """
        if not self.budgets:
            return ()
        for window, timeline in self._timelines.items():
            moment = timeline.moment(row, everything.counts, columns, events)
            self._feeds[window].take(moment)
        standings = self._now()
        self._aborts.look(row, standings)
        return standings

    def finish(self) -> tuple[Standing, ...]:
        """How they stand when the run has ended: with what still gathered."""
        for feeds in self._feeds.values():
            feeds.finish()
        return self._now()

    def _now(self) -> tuple[Standing, ...]:
        return tuple(
            standing(budget, value())
            for budget, value in zip(self.budgets, self._values, strict=True)
        )


def _value_of(budget: Budget, feeds: Feeds) -> Value:
    """How a budget's value is read; one of each endpoint waits for the analysis."""
    if budget.each:
        return lambda: None
    value = MEASURES.get(budget.function)(budget, feeds)
    if budget.endpoint is None:
        return value
    endpoint = endpoint_of(budget.endpoint, feeds)
    return lambda: None if endpoint.in_doubt else value()


def standing(budget: Budget, observed: float | None) -> Standing:
    """A budget held against its limits, as ``reli_analysis.budgets.outcome.judged`` does."""
    limit = budget.limit if budget.comparison else None
    if observed is None:
        return Standing(budget.text, None, limit, budget.unit, "unknown")
    if budget.keeps(observed, budget.limit):
        return Standing(budget.text, observed, limit, budget.unit, "holds")
    if budget.keeps(observed, budget.last_limit):
        return Standing(budget.text, observed, limit, budget.unit, "warns")
    return Standing(budget.text, observed, budget.last_limit, budget.unit, "broken")
