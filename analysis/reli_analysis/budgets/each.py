"""Budgets of each endpoint: which endpoints those are, and which have a budget of their own."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.budgets.folded import FOLDED
from reli_analysis.budgets.grammar import parse
from reli_analysis.budgets.lookup import matching, spans_of
from reli_analysis.budgets.unanswered import is_unanswered
from reli_analysis.budgets.undecided import Undecided
from reli_analysis.errors import BudgetError
from reli_analysis.selection import inside

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from reli_analysis.budgets.model import Budget
    from reli_analysis.series import Run


def endpoints_of_each(
    budget: Budget, run: Run, units: Mapping[str, str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The endpoints that a budget of each judges, and those that it leaves to a closer one.

    Those are endpoints that had a request in the judged window and match its pattern, if it has
    one. Arrivals that nobody answered are no endpoint, nor are requests counted under ``(other)``.
    Raises ``Undecided`` when there is none.
    """
    if not run.endpoints:
        raise Undecided(
            "the input does not tell endpoints apart (requests.csv)",
            advice="Analyse the run directory with its requests.csv.",
        )
    named = [n for n in run.endpoints if not is_unanswered(n) and n != FOLDED]
    if budget.endpoint is not None:
        named = list(matching(named, budget.endpoint))
    spans = spans_of(run, budget.judged_window)
    called = tuple(
        name
        for name in sorted(named)
        if np.nansum(run.endpoints[name].requests[inside(run.endpoints[name].elapsed_s, spans)]) > 0
    )
    if not called:
        raise Undecided(
            f"no endpoint that it speaks of was called in the {budget.judged_window} window",
            advice="Let the load call the endpoints, or correct the pattern of the budget.",
        )
    closer = [other for other in _others(run.asked, units) if _is_closer(other, budget)]
    left = tuple(name for name in called if any(_names(other, name) for other in closer))
    return tuple(name for name in called if name not in left), left


def _others(asked: Iterable[str], units: Mapping[str, str]) -> list[Budget]:
    found = []
    for text in asked:
        try:
            found.append(parse(text, units))
        except BudgetError:  # the judge says so
            continue
    return found


def _is_closer(other: Budget, budget: Budget) -> bool:
    """Whether another budget of the same measure speaks of fewer endpoints."""
    if _measure(other) != _measure(budget) or other.endpoint is None:
        return False
    if not other.each:
        return True
    return budget.endpoint is None or len(other.endpoint) > len(budget.endpoint)


def _measure(budget: Budget) -> tuple[object, ...]:
    return (budget.function, budget.quantile, budget.error, budget.window, budget.over_s)


def _names(other: Budget, endpoint: str) -> bool:
    """Whether it means this endpoint by its name or, of each, by a pattern.

    A pattern without ``each`` judges its endpoints together, and so excuses none of them.
    """
    assert other.endpoint is not None
    names = (endpoint, endpoint.partition(" ")[2])
    by_pattern = other.each and any(fnmatchcase(name, other.endpoint) for name in names)
    return other.endpoint in names or by_pattern
