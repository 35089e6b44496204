"""``drop_ratio < 0.1%``: a column or metric by its name alone, by what kind it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reli.standings.level import column_of, largest, last_of, smallest
from reli.standings.measures import MEASURES, AtOnce
from reli.standings.pieces import PieceWindows
from reli.standings.sliding import SlidingWindows
from reli.standings.sums import PieceSums, WindowSums

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reli.standings.level import Last
    from reli.standings.measures import Feeds, Value
    from reli.standings.moment import Moment
    from reli_analysis.budgets import Budget
    from reli_analysis.record import MetricSpec


class Counter(AtOnce):
    """What a counter grew by: it began at 0, and does so again after a restart."""

    def __init__(self, column: str) -> None:
        self._column = column
        self._before = 0.0
        self.step = 0.0
        """The increase of the last interval; 0 where nothing was measured."""
        self.increase = 0.0
        self.within: float | None = None
        """The increase in the window that is judged; ``None`` before that began."""

    def take(self, moment: Moment) -> None:
        """Add the increase of an interval."""
        value = moment.number(self._column)
        self.step = 0.0
        if moment.judged and self.within is None:
            self.within = 0.0
        if value is None:
            return
        self.step = value - self._before if value >= self._before else value
        self.increase += self.step
        if self.within is not None and moment.judged:
            self.within += self.step
        self._before = value


def counter_of(column: str, feeds: Feeds) -> Counter:
    return feeds.shared(("counter", column), lambda: Counter(column))


def named(budget: Budget, feeds: Feeds) -> Value:
    """A gauge's worst steady value, a counter's increase, a ratio as it is now."""
    spec = feeds.metrics.get(budget.metric)
    kind = spec.kind if spec else "gauge"
    if budget.over_s is not None:
        return _worst_window(budget, feeds, kind, budget.over_s)
    last = last_of(budget, feeds)
    if spec and kind == "ratio":
        return last.value if budget.window is None else _ratio_within(spec, last, feeds)
    if kind == "counter":
        counter, whole = counter_of(budget.metric, feeds), budget.window is None
        return lambda: (
            None if last.value() is None else counter.increase if whole else counter.within
        )
    return largest(budget, feeds) if budget.wants_less else smallest(budget, feeds)


def _ratio_within(spec: MetricSpec, last: Last, feeds: Feeds) -> Value:
    """Of what both counters gained in the window that the budget names."""
    hits, all_of = counter_of(spec.numerator, feeds), counter_of(spec.denominator, feeds)

    def value() -> float | None:
        if last.value() is None or hits.within is None or not all_of.within:
            return None
        return hits.within / all_of.within

    return value


@dataclass(frozen=True)
class _Numbers:
    """Whether an interval was measured, and the two numbers whose sums make the value."""

    measured: float
    hits: float
    all_of: float
    afresh: bool = False


def _worst_window(budget: Budget, feeds: Feeds, kind: str, over_s: float) -> Value:
    """A gauge's mean, a counter's increase or a ratio of increases in the worst window."""

    def value(sums: Sequence[float]) -> float | None:
        measured, hits, all_of = sums
        if measured * feeds.interval_s < over_s / 2 or all_of <= 0:
            return None
        return hits if kind == "counter" else hits / all_of

    pieces: PieceWindows[_Numbers, Sequence[float]] = PieceWindows(
        _Reader(budget.metric, kind, feeds).numbers,
        SlidingWindows(budget, feeds.interval_s, lambda: WindowSums(3, value)),
        lambda: PieceSums(lambda n: (n.measured, n.hits, n.all_of)),
        longest=1,
        drain=False,
    )
    return feeds.add(pieces).worst


class _Reader:
    """Reads the numbers of an interval by what kind the column is."""

    def __init__(self, name: str, kind: str, feeds: Feeds) -> None:
        self._column = column_of(name, feeds)
        spec = feeds.metrics.get(name)
        names = (spec.numerator, spec.denominator) if spec and kind == "ratio" else (self._column,)
        self._counters = [counter_of(n, feeds) for n in names] if kind != "gauge" else []

    def numbers(self, moment: Moment) -> _Numbers:
        value = moment.number(self._column)
        measured = 0.0 if value is None else 1.0
        match self._counters:
            case []:
                return _Numbers(measured, value or 0.0, measured)
            case [counter]:
                return _Numbers(measured, counter.step, 1.0)
            case _:
                hits, all_of = self._counters
                return _Numbers(measured, hits.step, all_of.step)


MEASURES.register("NAME", named)
