"""Turns what was measured into a finding."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reli_analysis.advice import ADVICE
from reli_analysis.units import format_value
from reli_analysis.verdict import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reli_analysis.budgets.model import Budget

KIND = "budget"
_NO_LIVE_ABORT = "judged after the run; ending a run early is not known yet"


def finding(budget: Budget, verdict: Verdict, message: str, evidence: Mapping[str, Any]) -> Finding:
    """A finding of this budget without numbers yet; its id is made unique when all are known."""
    told = {"budget": budget.text, **evidence}
    if budget.abort:
        told["abort"] = _NO_LIVE_ABORT
    return Finding(
        id=budget.label if budget.function == "no leak in" else budget.text,
        kind=KIND,
        subject=budget.subject,
        verdict=verdict,
        message=message,
        unit=budget.unit,
        evidence=told,
    )


def judged(
    budget: Budget, observed: float, basis: str, evidence: Mapping[str, Any], advice: str = ""
) -> Finding:
    """PASS, PASS with a warning or FAIL of one number; ``basis`` says what it rests on."""
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
