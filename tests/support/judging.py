"""Asks a run one budget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.budgets import parse
from reli_analysis.budgets.evaluate import evaluate, units_of

if TYPE_CHECKING:
    from reli_analysis.series import Run
    from reli_analysis.verdict import Finding


def ask(run: Run, text: str) -> Finding:
    """The one finding of a budget that speaks of one thing."""
    (finding,) = evaluate(parse(text, units_of(run)), run)
    return finding
