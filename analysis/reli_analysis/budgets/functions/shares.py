"""``error_ratio``, ``availability``, ``dropped_ratio``: the shares that failed, did not, were given up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from reli_analysis.budgets.enough import requests_for_ratio
from reli_analysis.budgets.functions.base import EVALUATORS
from reli_analysis.budgets.intervals import reach, share_interval
from reli_analysis.budgets.lookup import judged_part
from reli_analysis.budgets.near import Tried, check_alike, too_near
from reli_analysis.budgets.outcome import judged
from reli_analysis.budgets.proof import surely_above, surely_below
from reli_analysis.budgets.sliding import WindowValues, judge_windows, windows
from reli_analysis.budgets.traffic import DROPPED, Traffic, traffic_of
from reli_analysis.budgets.undecided import Undecided
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
        proven = surely_above(failures, requests, limit)
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


EVALUATORS.register("error_ratio", share)
EVALUATORS.register("availability", share)
EVALUATORS.register(DROPPED, share)
