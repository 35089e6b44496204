"""``recovery < 30s``: how long after a fault the service is back at its steady level."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reli_analysis.advice import ADVICE
from reli_analysis.budgets.functions.base import EVALUATORS
from reli_analysis.budgets.latencies import log_of
from reli_analysis.budgets.outcome import finding, judged
from reli_analysis.budgets.recovering import (
    FEWEST_BEFORE_S,
    STAYS_S,
    faults,
    level,
    recoveries,
)
from reli_analysis.budgets.undecided import Undecided
from reli_analysis.units import format_duration
from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from reli_analysis.budgets.model import Budget
    from reli_analysis.budgets.recovering import Level, Recovery
    from reli_analysis.series import Run
    from reli_analysis.verdict import Finding

_SLOW = "See in the report what stays slow or failing after the fault: queues, retries, caches."


def evaluate(budget: Budget, run: Run) -> Finding:
    """The longest of all faults; ``recovering.recoveries`` defines when one is over."""
    normal, found = _measured(run)
    unfinished = [one for one in found if one.after_s is None]
    evidence = _evidence(normal, found)
    longest = max((one.after_s for one in found if one.after_s is not None), default=None)
    if longest is not None and not budget.keeps(longest, budget.last_limit):
        return judged(budget, longest, _basis(found), evidence, _SLOW)
    for one in unfinished:
        at_least_s = one.watched_s - STAYS_S
        if at_least_s > 0 and not budget.keeps(at_least_s, budget.last_limit):
            return _never(budget, one, at_least_s, evidence)
    if unfinished or longest is None:
        one = unfinished[0]
        wanted = format_duration(budget.last_limit + STAYS_S)
        raise Undecided(
            f"after the fault that ended at {format_duration(one.fault_end_s)} the load was watched "
            f"for {format_duration(one.watched_s)}, and it was not back for {STAYS_S:.0f} s by then",
            observed=longest,
            evidence=evidence,
            advice=f"Let the load go on for at least {wanted} after each fault.",
        )
    return judged(budget, longest, _basis(found), evidence, _SLOW)


def _measured(run: Run) -> tuple[Level, tuple[Recovery, ...]]:
    log = log_of(run)
    if not faults(run):
        raise Undecided(
            "the run has no fault window",
            advice="Give the stage that disturbs the target window: fault.",
        )
    if "failures" not in run.series:
        raise Undecided("the input has no column failures")
    normal = level(run, log)
    if normal is None:
        raise Undecided(
            f"less than {format_duration(FEWEST_BEFORE_S)} of steady load with requests came before "
            "the first fault, so there is no level to come back to",
            advice=f"Hold the load for {format_duration(FEWEST_BEFORE_S)} before the first fault.",
        )
    return normal, recoveries(run, log, normal)


def _evidence(normal: Level, found: tuple[Recovery, ...]) -> dict[str, Any]:
    return {
        "steady_p95_ms": normal.p95_ms,
        "steady_error_ratio": normal.error_ratio,
        "windows_before": normal.windows,
        "recoveries": [
            {
                "fault_end_s": one.fault_end_s,
                "watched_s": one.watched_s,
                "recovered_after_s": one.after_s,
            }
            for one in found
        ],
        "windows_s": [[one.fault_end_s, one.fault_end_s + one.watched_s] for one in found],
    }


def _basis(found: tuple[Recovery, ...]) -> str:
    return f"the longest of {len(found)} faults" if len(found) > 1 else "after one fault"


def _never(budget: Budget, one: Recovery, at_least_s: float, evidence: dict[str, Any]) -> Finding:
    """FAIL: it was watched for long enough to see it back within the limit, and was not."""
    message = (
        f"{budget.label} takes longer than {format_duration(at_least_s)}, which breaks "
        f"{budget.limit_text(budget.last_limit)} (after the fault that ended at "
        f"{format_duration(one.fault_end_s)} it was not back for {STAYS_S:.0f} s while the load "
        "went on)"
    )
    failed = finding(budget, Verdict.FAIL, message, {**evidence, ADVICE: _SLOW})
    return replace(failed, observed=at_least_s, limit=budget.last_limit)


EVALUATORS.register("recovery", evaluate)
