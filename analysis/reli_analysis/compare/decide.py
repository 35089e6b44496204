"""What a row's numbers add up to, and the sentence that says so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reli_analysis.compare.outcome import Outcome
from reli_analysis.compare.repeats import MOST, needed_of_each, smallest_seen
from reli_analysis.compare.row import Row
from reli_analysis.compare.words import change, difference

if TYPE_CHECKING:
    from reli_analysis.compare.effect import Effect
    from reli_analysis.compare.metrics import Metric


FALSE_DISCOVERIES = 0.01
"""The share of wrong ones among the changes that are called, in each of two families of rows."""


@dataclass(frozen=True)
class Among:
    """With how many rows one is corrected together, and how many runs the larger side has."""

    rows: int
    runs: int


def decide(endpoint: str, metric: Metric, effect: Effect, q_value: float, among: Among) -> Row:
    """A row with its outcome.

    REGRESSED or IMPROVED: the estimate exceeds both floors and the q-value is at most 1 %. PASS: the
    bad end of the 95 % interval lies within the floors, so what is worse is too small to matter.
    Anything else is INCONCLUSIVE.
    """
    floor = effect.floor(metric)
    alpha = FALSE_DISCOVERIES / among.rows
    sees = smallest_seen(effect, floor, alpha)
    outcome = _outcome(metric, effect, q_value, floor)
    of_each = None
    if outcome is Outcome.INCONCLUSIVE:
        of_each = needed_of_each(effect, floor, alpha)
        of_each = None if of_each is None else max(of_each, among.runs + 1)
    row = Row(endpoint, metric, outcome, "", effect, q_value, floor, sees, of_each)
    return replace(row, message=_message(row, effect))


def _outcome(metric: Metric, effect: Effect, q_value: float, floor: float) -> Outcome:
    harm = metric.worse * effect.estimate
    if q_value <= FALSE_DISCOVERIES and abs(harm) > floor:
        return Outcome.REGRESSED if harm > 0 else Outcome.IMPROVED
    worst = harm + effect.half_width()
    return Outcome.PASS if worst < floor else Outcome.INCONCLUSIVE


def _message(row: Row, effect: Effect) -> str:
    metric, floor = row.metric, change(effect, row.metric, row.floor)
    low, high = (change(effect, metric, end) for end in effect.interval)
    moved = f"{change(effect, metric, effect.estimate)} (95 % interval {low} to {high})"
    told = f"{row.name} {moved}, {difference(effect, metric)}"
    match row.outcome:
        case Outcome.REGRESSED:
            return f"{told}: worse than noise and floors explain"
        case Outcome.IMPROVED:
            return f"{told}: better than noise and floors explain"
        case Outcome.PASS:
            return f"{told}: no worse than the floor of {floor.lstrip('+')}"
        case _:
            pass
    suspect = metric.worse * effect.estimate > row.floor
    doubt = "it may be worse" if suspect else f"a change of {floor.lstrip('+')} would not be seen"
    if row.of_each is None:
        return f"{told}: {doubt}; even {MOST} runs of each would not tell, so calm the noise"
    return f"{told}: {doubt}; {row.of_each} runs of each would tell"
