"""What an evaluator is: one function of a budget and a run, registered under a vocabulary's name."""

from __future__ import annotations

from collections.abc import Callable

from reli_analysis.budgets.model import Budget
from reli_analysis.registry import Registry
from reli_analysis.series import Run
from reli_analysis.verdict import Finding

Evaluator = Callable[[Budget, Run], Finding]
"""Judges one budget; raises ``Undecided`` when too little is known."""

EVALUATORS: Registry[Evaluator] = Registry("budget function")
