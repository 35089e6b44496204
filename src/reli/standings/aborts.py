"""Budgets that end the run when they break: ``error_ratio < 50% over 10s, abort``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reli.recorder.told import Abort
from reli.standings.measures import PROOFS, AtOnce
from reli.standings.rows import breach_message
from reli_analysis.record.layout import DRAIN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from reli.recorder.protocol import IntervalRow
    from reli.recorder.told import Standing
    from reli.standings.measures import Feeds
    from reli.standings.moment import Moment
    from reli_analysis.budgets import Budget


class LoadSoFar(AtOnce):
    """How long the judged window has been under load."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def take(self, moment: Moment) -> None:
        if moment.under_load:
            self.seconds += moment.end_s - moment.start_s


@dataclass(frozen=True)
class _Watched:
    """A budget that may end the run: its place among all, and whether what broke it is enough.

    ``load`` is that of the window which it judges.
    """

    budget: Budget
    at: int
    load: LoadSoFar
    is_proven: Callable[[], bool]


class Aborts:
    """Looks at the standings after each interval; the first budget to break for good is kept.

    A budget that few requests broke by chance does not count: it breaks for good when the analysis
    would say FAIL of a run that ended here.
    """

    def __init__(self, budgets: Sequence[Budget], feeds: Mapping[str, Feeds]) -> None:
        """``feeds`` are those of each window that a budget judges."""
        self.abort: Abort | None = None
        self._watched = [
            _watched(budget, at, feeds[budget.judged_window])
            for at, budget in enumerate(budgets)
            if budget.abort
        ]
        self._interval_s = next((feed.interval_s for feed in feeds.values()), 1.0)

    def look(self, row: IntervalRow, standings: Sequence[Standing]) -> None:
        """See whether one has broken by the end of this interval; in the drain nothing is to end."""
        if self.abort is not None or row.stage == DRAIN:
            return
        for watched in self._watched:
            standing = standings[watched.at]
            is_due = watched.load.seconds >= watched.budget.abort_after_s
            if standing.standing == "broken" and is_due and watched.is_proven():
                end_s = (row.index + 1) * self._interval_s
                self.abort = Abort(standing.budget, end_s, breach_message(standing))
                return


def _watched(budget: Budget, at: int, feeds: Feeds) -> _Watched:
    load = feeds.shared(("load so far",), LoadSoFar)
    return _Watched(budget, at, load, _proof_of(budget, feeds))


def _proof_of(budget: Budget, feeds: Feeds) -> Callable[[], bool]:
    """A sliding window counts only when it holds enough, so what breaks it is proven."""
    if budget.over_s is not None or budget.function not in PROOFS:
        return lambda: True
    return PROOFS.get(budget.function)(budget, feeds)
