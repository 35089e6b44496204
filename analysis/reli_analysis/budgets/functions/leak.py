"""``no leak in rss, fds, threads``: what the trend of each says."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reli_analysis.advice import ADVICE
from reli_analysis.budgets.functions.base import EVALUATORS
from reli_analysis.budgets.lookup import spans_of
from reli_analysis.budgets.outcome import finding
from reli_analysis.budgets.samples import steady_samples
from reli_analysis.budgets.undecided import Undecided
from reli_analysis.trends import Growth, TooShort, answer, longest_life, trend
from reli_analysis.units import format_duration, format_value
from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from reli_analysis.budgets.model import Budget
    from reli_analysis.series import Run
    from reli_analysis.trends import Answer, Life, Trend
    from reli_analysis.verdict import Finding


def evaluate(budget: Budget, run: Run) -> Finding:
    """FAIL, PASS or INCONCLUSIVE with the rate, its interval and the rate that matters."""
    spans_of(run)
    samples = steady_samples(budget, run)
    life = longest_life(run)
    assert life is not None
    try:
        found = trend(samples, life.start_s, life.end_s)
    except TooShort as reason:
        longer = format_duration(reason.needed_s)
        raise Undecided(
            f"whether {samples.name} leaks cannot be seen: {reason}",
            advice=f"Let the steady window last at least {longer} to judge {samples.name}.",
        ) from None
    return _finding(budget, found, answer(found, samples.unit), life, samples.unit)


def _finding(budget: Budget, found: Trend, says: Answer, life: Life, unit: str) -> Finding:
    rate = f"{unit}/h"
    low, high = (format_value(value, rate) for value in (found.low_per_h, found.high_per_h))
    slope, limit = (format_value(v, rate) for v in (found.slope_per_h, says.threshold_per_h))
    interval = f"95 % interval {low} to {high}, {format_duration(life.length_s)}"
    if life.lives > 1:
        interval += f", the longest of {life.lives} lives: the target restarted"
    name, evidence = budget.metric, _evidence(found, life)
    match says.growth:
        case Growth.LEAK:
            verdict, message = (
                Verdict.FAIL,
                f"{name} grows by {slope}, more than {limit} ({interval})",
            )
            evidence[ADVICE] = (
                f"Find what keeps growing in the target: {name} gains {slope} under constant load."
            )
        case Growth.NONE:
            verdict, message = Verdict.PASS, f"{name} does not grow by {limit} or more ({interval})"
        case Growth.UNKNOWN:
            assert says.needed_s is not None
            longer = format_duration(says.needed_s)
            verdict = Verdict.INCONCLUSIVE
            message = (
                f"{name} grows by {slope}, which neither shows nor rules out {limit} ({interval})"
            )
            evidence[ADVICE] = f"Let the steady window last at least {longer} to judge {name}."
            evidence["needed_s"] = says.needed_s
    return replace(
        finding(budget, verdict, message, evidence),
        observed=found.slope_per_h,
        limit=says.threshold_per_h,
        unit=rate,
    )


def _evidence(found: Trend, life: Life) -> dict[str, Any]:
    numbers = {
        "slope_per_h": found.slope_per_h,
        "low_per_h": found.low_per_h,
        "high_per_h": found.high_per_h,
        "base": found.base,
        "length_s": found.length_s,
    }
    finite = {name: value if math.isfinite(value) else None for name, value in numbers.items()}
    return {**finite, "buckets": found.buckets, "samples": found.samples, "lives": life.lives}


EVALUATORS.register("no leak in", evaluate)
