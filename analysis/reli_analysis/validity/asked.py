"""What the budgets that a run is judged by speak of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.budgets import parse
from reli_analysis.errors import BudgetError

if TYPE_CHECKING:
    from reli_analysis.budgets import Budget
    from reli_analysis.series import Run


def asked_budgets(run: Run) -> tuple[Budget, ...]:
    """Those that can be read; of others the judge tells."""
    budgets = []
    for text in run.asked:
        try:
            budgets.append(parse(text))
        except BudgetError:
            continue
    return tuple(budgets)


def asked_columns(run: Run) -> frozenset[str]:
    """The columns that they name."""
    return frozenset(column for budget in asked_budgets(run) for column in budget.metrics)
