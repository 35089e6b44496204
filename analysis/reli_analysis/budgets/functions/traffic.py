"""``error_ratio``, ``availability``, ``dropped_ratio``, ``throughput``: answered, failed, given up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from reli_analysis.budgets.enough import requests_for_ratio, surely_above
from reli_analysis.budgets.functions.base import EVALUATORS
from reli_analysis.budgets.intervals import (
    mean_interval,
    per_block,
    reach,
    share_interval,
    surely_below,
    surely_more,
)
from reli_analysis.budgets.lookup import in_window, judged_part
from reli_analysis.budgets.near import Tried, check_alike, too_near
from reli_analysis.budgets.outcome import judged
from reli_analysis.budgets.sliding import WindowValues, judge_windows, windows
from reli_analysis.budgets.traffic import DROPPED, Traffic, traffic_of
from reli_analysis.budgets.undecided import Undecided
from reli_analysis.selection import BLOCKS, block_of, length_s, steady_rows, steady_seconds
from reli_analysis.slo import slo_evidence
from reli_analysis.slo.burning import Counts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from reli_analysis.budgets.intervals import Interval
    from reli_analysis.budgets.model import Budget
    from reli_analysis.series import Run
    from reli_analysis.verdict import Finding

_FAILED = "Look at the failures that the report lists, the most frequent first."
_SLOW_TARGET = "See whether the target or the load generator was at its limit."


def share(budget: Budget, run: Run) -> Finding:
    """``error_ratio`` and its complement ``availability``, and ``dropped_ratio``."""
    traffic = traffic_of(budget, run)
    if not traffic.total:
        raise Undecided(f"there were no {_noun(budget)} in the {budget.judged_window} window")
    if budget.over_s is not None:
        return _share_of_every_window(budget, run, traffic, budget.over_s)
    requests, failures = traffic.total, traffic.failed
    dropped = budget.function == DROPPED
    observed = float(_ratio(budget, np.array(requests), np.array(failures)))
    interval = share_interval(*traffic.in_blocks())
    if budget.function == "availability":
        interval = interval.complement()
    evidence = {_noun(budget): requests, "failures": failures, **judged_part(budget, run)}
    if budget.function == "availability" and 0 < budget.last_limit < 1 and not budget.wants_less:
        evidence["slo"] = _slo(budget, traffic)
    doubt = {**evidence, **interval.evidence()}
    _check_enough(budget, traffic, observed, doubt)
    if budget.keeps(observed, budget.last_limit):
        _check_proven(budget, traffic, observed, doubt)
    return judged(
        budget,
        observed,
        f"{failures:,} of {requests:,} {_noun(budget)} {'were dropped' if dropped else 'failed'}",
        evidence,
        _FAILED,
        interval=interval,
    )


def _slo(budget: Budget, traffic: Traffic) -> dict[str, Any]:
    """What the run says of the limit as an objective: the last one, where there are two."""
    columns = traffic.elapsed_s, traffic.requests, traffic.failures
    counts = Counts(*columns, interval_s=traffic.longest_s)
    return slo_evidence(budget.last_limit, traffic.total, traffic.failed, counts, traffic.spans)


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


def _check_enough(
    budget: Budget, traffic: Traffic, observed: float, evidence: Mapping[str, Any]
) -> None:
    """Raise ``Undecided`` when so few requests prove nothing either way."""
    if not _bounds_errors(budget):
        return
    requests, failures = traffic.total, traffic.failed
    limit = _error_limit(budget, budget.last_limit)
    needed = requests_for_ratio(limit)
    if requests >= needed:
        return
    if not budget.keeps(observed, budget.last_limit) and surely_above(failures, requests, limit):
        return
    raise Undecided(
        f"only {requests:,} {_noun(budget)}; {budget.limit_text(budget.last_limit)} needs at least "
        f"{needed:,}, {needed - requests:,} more",
        observed=observed,
        evidence={**evidence, "requests_needed": needed},
        advice=f"Run longer or send more: {budget.word} needs at least {needed:,} {_noun(budget)}.",
    )


def _check_proven(
    budget: Budget, traffic: Traffic, observed: float, evidence: Mapping[str, Any]
) -> None:
    """Raise ``Undecided`` when luck alone could have kept the share on its side of the limit.

    A limit of none, or of all, asks about this run alone, and needs no proof.
    """
    limit = _error_limit(budget, budget.last_limit)
    if not 0 < limit < 1:
        return
    requests, failures = traffic.total, traffic.failed
    tried = Tried(_noun(budget), failures, requests, limit)
    proven = surely_below(failures, requests, limit)
    if not _bounds_errors(budget):
        tried = Tried(_noun(budget), requests - failures, requests, 1 - limit)
        proven = surely_more(failures, requests, limit)
    if not proven:
        raise too_near(budget, tried, observed, evidence)
    check_alike(budget, tried, reach(*traffic.in_blocks()), observed, evidence)


def _share_of_every_window(budget: Budget, run: Run, traffic: Traffic, over_s: float) -> Finding:
    every = windows(traffic.elapsed_s, traffic.spans, over_s, traffic.longest_s)
    requests, failures = every.sums(traffic.requests), every.sums(traffic.failures)
    needed = 1
    if _bounds_errors(budget):
        needed = requests_for_ratio(_error_limit(budget, budget.last_limit))
    values = _ratio(budget, requests, failures)

    def interval(at: int) -> Interval:
        """Of one window, whose requests are taken as independent: it is too short to cut."""
        found = share_interval(failures[at : at + 1], requests[at : at + 1])
        return found.complement() if budget.function == "availability" else found

    measured = WindowValues(every.start_s, values, requests >= needed, interval)
    return judge_windows(budget, run, measured, _FAILED)


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


FEWEST_ANSWERS = 30
"""As for a mean: fewer are single requests, and have to prove their rate as a Poisson process."""


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
        else surely_more(answers, many, expected / many)
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


EVALUATORS.register("error_ratio", share)
EVALUATORS.register("availability", share)
EVALUATORS.register(DROPPED, share)
EVALUATORS.register("throughput", throughput)
