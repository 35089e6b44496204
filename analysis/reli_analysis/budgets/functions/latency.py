"""``mean < 50ms`` and ``max_latency < 2s``, of all requests or of one endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.budgets.functions.base import EVALUATORS
from reli_analysis.budgets.latencies import has_log, steady_latencies
from reli_analysis.budgets.lookup import series_of, spans_of
from reli_analysis.budgets.outcome import judged
from reli_analysis.budgets.undecided import Undecided
from reli_analysis.selection import inside

if TYPE_CHECKING:
    from reli_analysis.budgets.model import Budget
    from reli_analysis.series import Run
    from reli_analysis.verdict import Finding

REQUESTS_FOR_MEAN = 30
"""The usual rule for a mean to say something at all; fewer are a handful of single requests."""

_SLOW = "Find what the slowest requests wait for; the report shows when they were slow."


def mean(budget: Budget, run: Run) -> Finding:
    requests, observed = _measured(budget, run, "mean_ms")
    if requests < REQUESTS_FOR_MEAN:
        raise Undecided(
            f"only {requests:,} requests; a mean needs at least {REQUESTS_FOR_MEAN}",
            observed=observed,
            evidence={"requests": requests, "requests_needed": REQUESTS_FOR_MEAN},
            advice="Run longer or send more load.",
        )
    return judged(budget, observed, f"{requests:,} requests", {"requests": requests}, _SLOW)


def max_latency(budget: Budget, run: Run) -> Finding:
    requests, observed = _measured(budget, run, "max_ms")
    return judged(budget, observed, f"{requests:,} requests", {"requests": requests}, _SLOW)


def _measured(budget: Budget, run: Run, column: str) -> tuple[int, float]:
    """How many steady requests there were, and their mean or maximum."""
    if has_log(run) or budget.endpoint is not None:
        counts = steady_latencies(budget, run)
        value = counts.mean_ms() if column == "mean_ms" else counts.quantile_ms(1.0)
        assert value is not None
        return counts.total, value
    spans = spans_of(run)
    requests, values = series_of(run, "requests"), series_of(run, column)
    chosen = inside(requests.elapsed_s, spans) & (np.nan_to_num(requests.values) > 0)
    weights, parts = requests.values[chosen], values.values[chosen]
    if not len(weights) or np.isnan(parts).any():
        raise Undecided(f"the column {column} is not known for every steady interval with requests")
    value = float(np.average(parts, weights=weights) if column == "mean_ms" else parts.max())
    return round(float(weights.sum())), value


EVALUATORS.register("mean", mean)
EVALUATORS.register("max_latency", max_latency)
