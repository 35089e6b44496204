"""Judges budgets against a run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reli_analysis.advice import ADVICE
from reli_analysis.budgets.folded import refuse_folded
from reli_analysis.budgets.functions import EVALUATORS
from reli_analysis.budgets.outcome import finding
from reli_analysis.budgets.undecided import Undecided
from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from reli_analysis.budgets.model import Budget
    from reli_analysis.series import Run
    from reli_analysis.verdict import Finding


def evaluate(budget: Budget, run: Run) -> tuple[Finding, ...]:
    """One finding, or one a metric for a budget that names several."""
    return tuple(
        _evaluate(replace(budget, metrics=(metric,)) if metric else budget, run)
        for metric in budget.metrics or ("",)
    )


def _evaluate(budget: Budget, run: Run) -> Finding:
    try:
        refuse_folded(budget, run)
        return EVALUATORS.get(budget.function)(budget, run)
    except Undecided as reason:
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
