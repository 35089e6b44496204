"""Judges budgets against a run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reli_analysis.advice import ADVICE
from reli_analysis.budgets.each import endpoints_of_each
from reli_analysis.budgets.folded import folded_requests, refuse_folded
from reli_analysis.budgets.functions import EVALUATORS
from reli_analysis.budgets.leaks.subjects import by_target
from reli_analysis.budgets.outcome import finding
from reli_analysis.budgets.undecided import Undecided
from reli_analysis.budgets.vocabulary import NO_LEAK
from reli_analysis.record.layout import OTHER
from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from reli_analysis.budgets.model import Budget
    from reli_analysis.series import Run
    from reli_analysis.verdict import Finding


def evaluate(budget: Budget, run: Run) -> tuple[Finding, ...]:
    """One finding, or one a metric for a budget that names several; leaks also one a target."""
    if budget.each:
        return _of_each(budget, run)
    single = (replace(budget, metrics=(metric,)) for metric in budget.metrics)
    return tuple(
        _evaluate(one, run)
        for each in (single if budget.metrics else (budget,))
        for one in (by_target(each, run) if budget.function == NO_LEAK else (each,))
    )


def _of_each(budget: Budget, run: Run) -> tuple[Finding, ...]:
    """One finding an endpoint, and one more for requests whose endpoint is not known."""
    try:
        names, left = endpoints_of_each(budget, run, units_of(run))
    except Undecided as reason:
        return (_undecided(budget, reason),)
    told = {"default": budget.text, "with_their_own": list(left)}
    findings = (_evaluate(budget.for_endpoint(name), run) for name in names)
    found = tuple(replace(one, evidence={**one.evidence, **told}) for one in findings)
    folded = folded_requests(run)
    if not folded:
        return found
    unknown = Undecided(
        f"{folded:,} requests were counted under {OTHER}, so their endpoints are not told apart",
        evidence={"folded_requests": folded},
        advice="Give requests that differ only in an id one name: name= in the task's call.",
    )
    return (*found, _undecided(budget, unknown))


def _evaluate(budget: Budget, run: Run) -> Finding:
    try:
        refuse_folded(budget, run)
        return EVALUATORS.get(budget.function)(budget, run)
    except Undecided as reason:
        return _undecided(budget, reason)


def _undecided(budget: Budget, reason: Undecided) -> Finding:
    evidence = reason.evidence
    if reason.advice:
        evidence[ADVICE] = reason.advice
    message = f"{budget.label} cannot be judged: {reason}"
    return replace(
        finding(budget, Verdict.INCONCLUSIVE, message, evidence),
        observed=reason.observed,
        limit=budget.limit if budget.comparison else None,
    )


def units_of(run: Run) -> dict[str, str]:
    """The units of a run's columns, for reading budgets in its own terms."""
    return {name: series.unit for name, series in run.series.items()}
