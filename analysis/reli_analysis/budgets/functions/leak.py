"""``no leak in rss, fds above 1%/h``: what the trend of each target's series says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reli_analysis.advice import ADVICE
from reli_analysis.budgets.functions.base import EVALUATORS
from reli_analysis.budgets.leaks.answer import answer, refuse
from reli_analysis.budgets.leaks.case import Case
from reli_analysis.budgets.leaks.evidence import evidence_of
from reli_analysis.budgets.leaks.limits import limit_of
from reli_analysis.budgets.leaks.says import Says
from reli_analysis.budgets.leaks.subjects import subject_of
from reli_analysis.budgets.leaks.threshold import threshold_of
from reli_analysis.budgets.leaks.wording import advice, message
from reli_analysis.budgets.lookup import metric_of
from reli_analysis.budgets.outcome import finding
from reli_analysis.budgets.undecided import Undecided
from reli_analysis.budgets.vocabulary import NO_LEAK
from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from reli_analysis.budgets.model import Budget
    from reli_analysis.series import Run
    from reli_analysis.verdict import Finding

_VERDICTS = {
    Says.LEAK: Verdict.FAIL,
    Says.NONE: Verdict.PASS,
    Says.UNKNOWN: Verdict.INCONCLUSIVE,
}


def evaluate(budget: Budget, run: Run) -> Finding:
    """FAIL, PASS or INCONCLUSIVE with the rate, its interval and the rate that matters."""
    column = budget.metric
    spec = metric_of(run, column)
    if spec is not None and spec.kind == "counter":
        raise Undecided(
            f"{column} is a counter, which only grows", advice=f"Bound it: {column} < its limit."
        )
    subject = subject_of(budget, run)
    refuse(subject, column)
    limit = limit_of(run, subject, column)
    threshold = threshold_of(budget, subject, limit)
    case = Case(column, subject, threshold, limit, answer(subject, threshold))
    evidence = evidence_of(case)
    if told := advice(case):
        evidence[ADVICE] = told
    return replace(
        finding(budget, _VERDICTS[case.answer.says], message(case), evidence),
        observed=evidence["rate_per_h"],
        limit=threshold.per_h,
        unit=f"{subject.unit}/h",
    )


EVALUATORS.register(NO_LEAK, evaluate)
