"""From a run and its budgets to a verdict: checks, budgets, what they add up to, what to do."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from reli_analysis.budgets import parse_all
from reli_analysis.budgets.evaluate import evaluate, units_of
from reli_analysis.judgement import Judgement
from reli_analysis.validity import check_run
from reli_analysis.verdict import Finding, Verdict, overall

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reli_analysis.series import Run

_ADVICE = "advice"
_SPELLED = {"<=": " le ", ">=": " ge ", "<": " lt ", ">": " gt ", "%": " percent "}
_NOTHING_ASKED = Finding(
    id="budgets",
    kind="budget",
    subject="budgets",
    verdict=Verdict.INCONCLUSIVE,
    message="nothing was asked: without a budget there is nothing to pass",
    evidence={_ADVICE: 'Say what must hold, for example --budget "p95 < 250ms".'},
)


def judge(run: Run, budgets: Sequence[str] | None = None) -> Judgement:
    """Judge a run by these budgets, or by its own record's when none are given.

    Raises ``BudgetError`` when one does not parse.
    """
    if budgets is None:
        budgets = run.info.budgets if run.info else ()
    parsed = parse_all(budgets, units_of(run))
    asked = [finding for budget in parsed for finding in evaluate(budget, run)]
    findings = _with_ids([*check_run(run), *(asked or [_NOTHING_ASKED])])
    return Judgement(run, overall(findings), findings, _advice(findings))


def _with_ids(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Give each its id: the same for the same budget in every run, and unique in this one."""
    named: dict[str, Finding] = {}
    for finding in findings:
        subject = finding.id or _budget_text(finding)
        slug = base = _slug(f"{finding.kind} {subject}")
        number = 2
        while slug in named:
            slug, number = f"{base}-{number}", number + 1
        named[slug] = replace(finding, id=slug)
    return tuple(named.values())


def _budget_text(finding: Finding) -> str:
    """The budget's line; of one that names several metrics, the part that is judged here."""
    text = str(finding.evidence["budget"])
    return f"no leak in {finding.subject}" if text.startswith("no leak") else text


def _slug(text: str) -> str:
    for sign, word in _SPELLED.items():
        text = text.replace(sign, word)
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-")


def _advice(findings: Iterable[Finding]) -> tuple[str, ...]:
    """What to do next, what weighs most first, each sentence once."""
    order = (Verdict.INVALID, Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.PASS)
    weighed = sorted(findings, key=lambda finding: order.index(finding.verdict))
    sentences = (finding.evidence.get(_ADVICE) for finding in weighed)
    return tuple(dict.fromkeys(str(sentence) for sentence in sentences if sentence))
