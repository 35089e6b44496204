"""From a run and its budgets to a verdict: checks, budgets, what they add up to, what to do."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from reli_analysis.aborted import with_abort
from reli_analysis.advice import ADVICE, gather
from reli_analysis.budgets import parse, parse_all
from reli_analysis.budgets.evaluate import evaluate, units_of
from reli_analysis.budgets.leaks.many import corrected
from reli_analysis.errors import BudgetError
from reli_analysis.judgement import Judgement
from reli_analysis.validity import check_run
from reli_analysis.verdict import Finding, Verdict, overall

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reli_analysis.series import Run

_SPELLED = {"<=": " le ", ">=": " ge ", "<": " lt ", ">": " gt ", "%": " percent "}


def judge(run: Run, budgets: Sequence[str] | None = None) -> Judgement:
    """Judge a run by these budgets, or by its own record's when none are given.

    Raises ``BudgetError`` when one does not parse; one of the record's own, which another version
    may have written, becomes a finding instead.
    """
    own = run.info.budgets if run.info else ()
    budgets = own if budgets is None else budgets
    run = replace(run, asked=tuple(budgets))
    units = units_of(run)
    parse_all((text for text in budgets if text not in own), units)
    asked = [found for text in dict.fromkeys(budgets) for found in _judge_budget(text, run, units)]
    asked = [*with_abort(corrected(asked), run)]
    findings = _with_ids([*check_run(run), *(asked or [_nothing_asked(run)])])
    return Judgement(run, overall(findings), findings, gather(findings))


def _nothing_asked(run: Run) -> Finding:
    example = "p95 < 250ms" if run.has_load else "no leak in rss, fds"
    return Finding(
        id="budgets",
        kind="budget",
        subject="budgets",
        verdict=Verdict.INCONCLUSIVE,
        message="nothing was asked: without a budget there is nothing to pass",
        evidence={ADVICE: f'Say what must hold, for example --budget "{example}".'},
    )


def _judge_budget(text: str, run: Run, units: dict[str, str]) -> tuple[Finding, ...]:
    try:
        budget = parse(text, units)
    except BudgetError as error:
        return (
            Finding(
                id=text,
                kind="budget",
                subject=text,
                verdict=Verdict.INCONCLUSIVE,
                message=f"a budget of the record cannot be read: {error}",
                evidence={"budget": text, ADVICE: "Mend the budget in the profile."},
            ),
        )
    return evaluate(budget, run)


def _with_ids(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Give each its id: the same for the same budget in every run, and unique in this one."""
    named: dict[str, Finding] = {}
    for finding in findings:
        slug = base = _slug(f"{finding.kind} {finding.id}")
        number = 2
        while slug in named:
            slug, number = f"{base}-{number}", number + 1
        named[slug] = replace(finding, id=slug)
    return tuple(named.values())


def _slug(text: str) -> str:
    for sign, word in _SPELLED.items():
        text = text.replace(sign, word)
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-")
