"""One file a family of budget functions; importing this package registers them all."""

from reli_analysis.budgets.functions import (
    drift,
    errors,
    growth,
    latency,
    leak,
    level,
    metric,
    percentile,
    recovery,
    shares,
    throughput,
)
from reli_analysis.budgets.functions.base import EVALUATORS, Evaluator

__all__ = [
    "EVALUATORS",
    "Evaluator",
    "drift",
    "errors",
    "growth",
    "latency",
    "leak",
    "level",
    "metric",
    "percentile",
    "recovery",
    "shares",
    "throughput",
]
