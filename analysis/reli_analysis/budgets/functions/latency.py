"""``mean < 50ms`` and ``max_latency < 2s``, of all requests or of one endpoint."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from reli_analysis.budgets.enough import REQUESTS_FOR_MEAN
from reli_analysis.budgets.functions.base import EVALUATORS
from reli_analysis.budgets.intervals import mean_interval, per_block, reach
from reli_analysis.budgets.latencies import has_log, judged_latencies
from reli_analysis.budgets.lookup import judged_part, series_of, spans_of
from reli_analysis.budgets.outcome import judged
from reli_analysis.budgets.percentile_proof import SLOW
from reli_analysis.budgets.undecided import Undecided
from reli_analysis.selection import BLOCKS, block_of, inside
from reli_analysis.units import format_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reli_analysis.budgets.intervals import Interval
    from reli_analysis.budgets.model import Budget
    from reli_analysis.series import Run
    from reli_analysis.verdict import Finding

REQUESTS_FOR_MAX = 59
"""With fewer, not even the 95th percentile surely lies below the longest of them."""


def mean(budget: Budget, run: Run) -> Finding:
    """The mean; its interval is that of batch means over stretches of time."""
    measured = _measured(budget, run, "mean_ms")
    evidence = {"requests": measured.requests, **judged_part(budget, run)}
    _check_enough(budget, measured, REQUESTS_FOR_MEAN, "a mean")
    if budget.keeps(measured.value_ms, budget.last_limit):
        _check_proven(budget, measured, evidence)
    basis = f"{measured.requests:,} requests"
    interval = measured.interval
    return judged(budget, measured.value_ms, basis, evidence, SLOW, interval=interval)


def max_latency(budget: Budget, run: Run) -> Finding:
    """The longest of all requests of the window: each was measured, so it has no interval."""
    measured = _measured(budget, run, "max_ms")
    if budget.keeps(measured.value_ms, budget.last_limit):
        _check_enough(budget, measured, REQUESTS_FOR_MAX, budget.word)
    evidence = {"requests": measured.requests, **judged_part(budget, run)}
    return judged(budget, measured.value_ms, f"{measured.requests:,} requests", evidence, SLOW)


@dataclass(frozen=True)
class _Measured:
    """How many requests there were, and their mean or maximum.

    ``reach_ms`` is how far a mean has to lie from its limit to keep it by more than luck.
    """

    requests: int
    value_ms: float
    interval: Interval | None = None
    reach_ms: float = 0.0


def _check_enough(budget: Budget, measured: _Measured, needed: int, what: str) -> None:
    requests = measured.requests
    if requests < needed:
        raise Undecided(
            f"only {requests:,} requests; {what} needs at least {needed:,}",
            observed=measured.value_ms,
            evidence={"requests": requests, "requests_needed": needed},
            advice=f"Run longer or send more: {budget.word} needs at least {needed:,} requests.",
        )


def _check_proven(budget: Budget, measured: _Measured, evidence: Mapping[str, Any]) -> None:
    """Raise ``Undecided`` when luck alone could have kept a mean within its limit.

    It is proven when its one-sided 95 % bound keeps the limit: by 1.645 standard errors of
    independent requests, and by as much as batch means ask for (``intervals.reach``).
    """
    worse = measured.reach_ms if budget.wants_less else -measured.reach_ms
    if not budget.keeps(measured.value_ms + worse, budget.last_limit):
        shown = format_value(measured.value_ms, budget.unit)
        limit = budget.limit_text(budget.last_limit)
        raise Undecided(
            f"{shown} is so near to {limit} that {measured.requests:,} requests do not prove it",
            observed=measured.value_ms,
            evidence={**evidence, **(measured.interval.evidence() if measured.interval else {})},
            advice=f"Run longer or send more load: {budget.label} is near its limit.",
        )


_ONE_SIDED = 1.6448536269514722


def _measured(budget: Budget, run: Run, column: str) -> _Measured:
    if has_log(run) or budget.endpoint is not None:
        blocks = judged_latencies(budget, run)
        counts = blocks.whole
        if column == "max_ms":
            longest = counts.quantile_ms(1.0)
            assert longest is not None
            return _Measured(counts.total, longest)
        value, spread = counts.mean_ms(), counts.spread_ms()
        assert value is not None
        parts = blocks.sums_ms(), blocks.totals.astype(np.float64)
        independent = _ONE_SIDED * (spread or 0.0) / math.sqrt(counts.total)
        needed = max(independent, reach(*parts))
        return _Measured(counts.total, value, mean_interval(*parts), needed)
    return _from_results(budget, run, column)


def _from_results(budget: Budget, run: Run, column: str) -> _Measured:
    spans = spans_of(run, budget.judged_window)
    requests, values = series_of(run, "requests"), series_of(run, column)
    chosen = inside(requests.elapsed_s, spans) & (np.nan_to_num(requests.values) > 0)
    weights, parts = requests.values[chosen], values.values[chosen]
    if not len(weights) or np.isnan(parts).any():
        raise Undecided(f"the column {column} is not known for every interval with requests")
    total = round(float(weights.sum()))
    if column == "max_ms":
        return _Measured(total, float(parts.max()))
    stretch = block_of(requests.elapsed_s[chosen], spans)
    sums, numbers = (per_block(stretch, each, BLOCKS) for each in (weights * parts, weights))
    value = float(np.average(parts, weights=weights))
    return _Measured(total, value, mean_interval(sums, numbers), reach(sums, numbers))


EVALUATORS.register("mean", mean)
EVALUATORS.register("max_latency", max_latency)
