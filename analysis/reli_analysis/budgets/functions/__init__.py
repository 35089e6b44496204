"""One file a family of budget functions; importing this package registers them all."""

from reli_analysis.budgets.functions import (
    growth,
    latency,
    leak,
    level,
    metric,
    percentile,
    traffic,
)
from reli_analysis.budgets.functions.base import EVALUATORS, Evaluator

__all__ = [
    "EVALUATORS",
    "Evaluator",
    "growth",
    "latency",
    "leak",
    "level",
    "metric",
    "percentile",
    "traffic",
]
