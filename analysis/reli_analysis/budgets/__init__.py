"""Budgets: what must hold, one line each. Parsing is light; ``budgets.evaluate`` needs numpy."""

from reli_analysis.budgets.grammar import parse, parse_all
from reli_analysis.budgets.model import Budget
from reli_analysis.budgets.vocabulary import VOCABULARY, FunctionSpec

__all__ = ["VOCABULARY", "Budget", "FunctionSpec", "parse", "parse_all"]
