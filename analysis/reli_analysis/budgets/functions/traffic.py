"""``error_ratio``, ``availability``, ``dropped_ratio``, ``throughput``: answered, failed, given up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.budgets.enough import requests_for_ratio, surely_above
from reli_analysis.budgets.functions.base import EVALUATORS
from reli_analysis.budgets.lookup import spans_of
from reli_analysis.budgets.outcome import judged
from reli_analysis.budgets.sliding import WindowValues, judge_windows, windows
from reli_analysis.budgets.traffic import DROPPED, Traffic, traffic_of
from reli_analysis.budgets.undecided import Undecided
from reli_analysis.selection import steady_seconds
from reli_analysis.units import format_duration

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.budgets.model import Budget
    from reli_analysis.series import Run
    from reli_analysis.verdict import Finding

_FAILED = "Look at the failures that the report lists, the most frequent first."
_SLOW_TARGET = "See whether the target or the load generator was at its limit."


def share(budget: Budget, run: Run) -> Finding:
    """``error_ratio`` and its complement ``availability``, and ``dropped_ratio``."""
    traffic = traffic_of(budget, run)
    if not traffic.total:
        raise Undecided(f"there were no {_noun(budget)} in the steady window")
    if budget.over_s is not None:
        return _share_of_every_window(budget, run, traffic, budget.over_s)
    requests, failures = traffic.total, traffic.failed
    dropped = budget.function == DROPPED
    observed = float(_ratio(budget, np.array(requests), np.array(failures)))
    _check_enough(budget, requests, failures, observed)
    return judged(
        budget,
        observed,
        f"{failures:,} of {requests:,} {_noun(budget)} {'were dropped' if dropped else 'failed'}",
        {_noun(budget): requests, "failures": failures},
        _FAILED,
    )


def _noun(budget: Budget) -> str:
    return "arrivals" if budget.function == DROPPED else "requests"


def _ratio(
    budget: Budget, requests: NDArray[np.float64], failures: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The share that failed or, for availability, that did not; NaN without requests."""
    hits = requests - failures if budget.function == "availability" else failures
    return np.asarray(hits / np.where(requests > 0, requests, np.nan))


def _error_limit(budget: Budget, limit: float) -> float:
    return 1 - limit if budget.function == "availability" else limit


def _bounds_errors(budget: Budget) -> bool:
    """Whether the budget asks for few errors, as all but odd ones do."""
    return budget.wants_less != (budget.function == "availability")


def _check_enough(budget: Budget, requests: int, failures: int, observed: float) -> None:
    """Raise ``Undecided`` when so few requests prove nothing either way."""
    if not _bounds_errors(budget):
        return
    kept = budget.keeps(observed, budget.limit)
    limit = _error_limit(budget, budget.limit if kept else budget.last_limit)
    needed = requests_for_ratio(limit)
    if requests >= needed:
        return
    if not budget.keeps(observed, budget.last_limit) and surely_above(failures, requests, limit):
        return
    raise Undecided(
        f"only {requests:,} {_noun(budget)}; {budget.limit_text(budget.last_limit)} needs at least "
        f"{needed:,}, {needed - requests:,} more",
        observed=observed,
        evidence={_noun(budget): requests, "failures": failures, "requests_needed": needed},
        advice=f"Run longer or send more: {budget.word} needs at least {needed:,} {_noun(budget)}.",
    )


def _share_of_every_window(budget: Budget, run: Run, traffic: Traffic, over_s: float) -> Finding:
    every = windows(traffic.elapsed_s, spans_of(run), over_s, traffic.longest_s)
    requests, failures = every.sums(traffic.requests), every.sums(traffic.failures)
    needed = 1
    if _bounds_errors(budget):
        needed = requests_for_ratio(_error_limit(budget, budget.last_limit))
    values = _ratio(budget, requests, failures)
    measured = WindowValues(every.start_s, values, requests >= needed)
    return judge_windows(budget, run, measured, _FAILED)


def throughput(budget: Budget, run: Run) -> Finding:
    """Answered requests by seconds of steady load that the input holds."""
    traffic, seconds = traffic_of(budget, run), steady_seconds(run)
    if seconds <= 0:
        raise Undecided("the input holds no steady interval")
    if budget.over_s is not None:
        return _rate_of_every_window(budget, run, traffic, budget.over_s)
    basis = f"{traffic.total:,} requests in {format_duration(seconds)} of steady load"
    evidence = {"requests": traffic.total, "steady_s": seconds}
    return judged(budget, traffic.total / seconds, basis, evidence, _SLOW_TARGET)


def _rate_of_every_window(budget: Budget, run: Run, traffic: Traffic, over_s: float) -> Finding:
    """A missing interval is unknown; an endpoint without a row was not called."""
    spans = spans_of(run, under_load=True)
    every = windows(traffic.elapsed_s, spans, over_s, traffic.longest_s)
    seconds = np.full(len(every.start_s), over_s)
    if budget.endpoint is None:
        seconds = every.sums(np.ones(len(traffic.elapsed_s))) * run.interval_s
    enough = seconds >= over_s / 2
    rates = every.sums(traffic.requests) / np.where(enough, seconds, np.nan)
    measured = WindowValues(every.start_s, rates, enough)
    return judge_windows(budget, run, measured, _SLOW_TARGET)


EVALUATORS.register("error_ratio", share)
EVALUATORS.register("availability", share)
EVALUATORS.register(DROPPED, share)
EVALUATORS.register("throughput", throughput)
