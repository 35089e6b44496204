"""``throughput > 50/s``: answered requests a second, of the run or of every sliding window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.budgets.functions.base import EVALUATORS
from reli_analysis.budgets.intervals import mean_interval, per_block
from reli_analysis.budgets.lookup import in_window, judged_part
from reli_analysis.budgets.outcome import judged
from reli_analysis.budgets.proof import surely_above, surely_below
from reli_analysis.budgets.sliding import WindowValues, judge_windows, windows
from reli_analysis.budgets.traffic import Traffic, traffic_of
from reli_analysis.budgets.undecided import Undecided
from reli_analysis.selection import BLOCKS, block_of, length_s, steady_rows, steady_seconds

if TYPE_CHECKING:
    from reli_analysis.budgets.intervals import Interval
    from reli_analysis.budgets.model import Budget
    from reli_analysis.series import Run
    from reli_analysis.verdict import Finding

FEWEST_ANSWERS = 30
"""As for a mean: fewer are single requests, and have to prove their rate as a Poisson process."""

_SLOW_TARGET = "See whether the target or the load generator was at its limit."


def throughput(budget: Budget, run: Run) -> Finding:
    """Answered requests by seconds of steady load that the input holds."""
    traffic, seconds = traffic_of(budget, run), steady_seconds(run, budget.judged_window)
    if seconds <= 0:
        raise Undecided(f"the input holds no interval of the {budget.judged_window} window")
    if budget.over_s is not None:
        return _rate_of_every_window(budget, run, traffic, budget.over_s)
    observed = traffic.total / seconds
    if budget.keeps(observed, budget.last_limit):
        _check_answers(budget, traffic.total, seconds, observed)
    where = in_window(budget.judged_window, ((0.0, seconds),))
    evidence = {
        "requests": traffic.total,
        "steady_s": seconds,
        **judged_part(budget, run, under_load=True),
    }
    basis, interval = f"{traffic.total:,} requests in {where}", _rate_interval(budget, run, traffic)
    return judged(budget, observed, basis, evidence, _SLOW_TARGET, interval=interval)


def _check_answers(budget: Budget, answers: int, seconds: float, observed: float) -> None:
    """Raise ``Undecided`` when so few answers may have kept the limit by luck.

    With answers that come independently their number is Poisson (the limit of the binomial): at the
    limit's rate r the probability of at least (at most) so many in the time t must be at most ALPHA.
    """
    expected = budget.last_limit * seconds
    many = 10**9
    lucky = (
        surely_below(answers, many, expected / many)
        if budget.wants_less
        else surely_above(answers, many, expected / many)
    )
    if answers < FEWEST_ANSWERS and not lucky:
        raise Undecided(
            f"only {answers:,} requests were answered; a rate needs {FEWEST_ANSWERS}, or to lie "
            f"farther from {budget.limit_text(budget.last_limit)}",
            observed=observed,
            evidence={"requests": answers, "requests_needed": FEWEST_ANSWERS},
            advice=f"Run longer: {budget.label} was kept by {answers:,} requests.",
        )


def _rate_interval(budget: Budget, run: Run, traffic: Traffic) -> Interval | None:
    """Batch means of the rate by stretch of time; ``None`` where intervals are too long for that."""
    if traffic.longest_s > length_s(traffic.spans) / BLOCKS / 2:
        return None
    rows = steady_rows(run, budget.judged_window)
    seconds = per_block(block_of(rows, traffic.spans), np.full(len(rows), run.interval_s), BLOCKS)
    return mean_interval(traffic.in_blocks()[1], seconds)


def _rate_of_every_window(budget: Budget, run: Run, traffic: Traffic, over_s: float) -> Finding:
    """A missing interval is unknown; an endpoint without a row was not called."""
    every = windows(traffic.elapsed_s, traffic.spans, over_s, traffic.longest_s)
    seconds = np.full(len(every.start_s), over_s)
    if budget.endpoint is None:
        seconds = every.sums(np.ones(len(traffic.elapsed_s))) * run.interval_s
    enough = seconds >= over_s / 2
    rates = every.sums(traffic.requests) / np.where(enough, seconds, np.nan)
    measured = WindowValues(every.start_s, rates, enough)
    return judge_windows(budget, run, measured, _SLOW_TARGET)


EVALUATORS.register("throughput", throughput)
