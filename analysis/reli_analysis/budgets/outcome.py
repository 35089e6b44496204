"""Turns what was measured into a finding."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reli_analysis.advice import ADVICE
from reli_analysis.budgets.vocabulary import NO_DRIFT, NO_LEAK
from reli_analysis.units import format_value
from reli_analysis.verdict import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reli_analysis.budgets.intervals import Interval
    from reli_analysis.budgets.model import Budget

KIND = "budget"


def finding(budget: Budget, verdict: Verdict, message: str, evidence: Mapping[str, Any]) -> Finding:
    """A finding of this budget without numbers yet; its id is made unique when all are known."""
    told = {"budget": budget.text, **evidence}
    return Finding(
        id=budget.label if budget.function in {NO_LEAK, NO_DRIFT} else budget.text,
        kind=KIND,
        subject=budget.subject,
        verdict=verdict,
        message=message,
        unit=budget.unit,
        evidence=told,
    )


def judged(  # noqa: PLR0913 -- a number, what it rests on, how sure it is, what to do
    budget: Budget,
    observed: float,
    basis: str,
    evidence: Mapping[str, Any],
    advice: str = "",
    *,
    interval: Interval | None = None,
) -> Finding:
    """PASS, PASS with a warning or FAIL of one number; ``basis`` says what it rests on."""
    if interval is not None:
        evidence = {**evidence, **interval.evidence()}
        basis += _interval_text(budget, observed, interval)
    says = f"{budget.label} is {format_value(observed, budget.unit)}"
    first = budget.limit_text(budget.limit)
    if budget.keeps(observed, budget.limit):
        message = f"{says}, within {first} ({basis})"
        found = finding(budget, Verdict.PASS, message, evidence)
        return replace(found, observed=observed, limit=budget.limit)
    if advice:
        evidence = {**evidence, ADVICE: advice}
    if budget.critical is not None and budget.keeps(observed, budget.critical):
        second = budget.limit_text(budget.critical)
        message = f"{says}: past {first}, yet within the critical {second} ({basis})"
        found = finding(budget, Verdict.PASS, message, {**evidence, "critical": budget.critical})
        return replace(found, observed=observed, limit=budget.limit, warning=True)
    message = f"{says}, which breaks {budget.limit_text(budget.last_limit)} ({basis})"
    found = finding(budget, Verdict.FAIL, message, evidence)
    return replace(found, observed=observed, limit=budget.last_limit)


def _interval_text(budget: Budget, observed: float, interval: Interval) -> str:
    """The interval, and that it reaches past a limit that the number itself keeps."""
    if interval.low is None and interval.high is None:
        return ""
    low, high = (
        None if end is None else format_value(end, budget.unit)
        for end in (interval.low, interval.high)
    )
    ends = f"{low} to {high}" if low and high else f"from {low}" if low else f"up to {high}"
    far = interval.high if budget.wants_less else interval.low
    near = budget.keeps(observed, budget.last_limit) and (
        far is None or not budget.keeps(far, budget.last_limit)
    )
    return f"; 95 % interval {ends}" + (", so another run may break it" if near else "")
