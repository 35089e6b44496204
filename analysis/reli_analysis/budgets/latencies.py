"""The latencies that a budget speaks of: from the interval log, as long as it is complete."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.budgets.intervals import Interval, effective, quantile_ranks
from reli_analysis.budgets.lookup import endpoints_of, spans_of
from reli_analysis.budgets.unanswered import unanswered
from reli_analysis.budgets.undecided import Undecided
from reli_analysis.latency import ALL_REQUESTS
from reli_analysis.record.hlog import SERVICE_TAG
from reli_analysis.selection import inside

if TYPE_CHECKING:
    from reli_analysis.budgets.model import Budget
    from reli_analysis.latency import LatencyBlocks, LatencyLog
    from reli_analysis.series import Run

COMPLETE = 0.95
"""The share of the counted requests that the log must hold; the same as for missing intervals."""


def has_log(run: Run) -> bool:
    return run.latency is not None and bool(run.latency.tags())


def log_of(run: Run) -> LatencyLog:
    """The interval log; raises ``Undecided`` without one."""
    if run.latency is None or not run.latency.tags():
        raise Undecided(
            "there is no interval log (latency.hlog), which this budget needs",
            advice="Analyse the run directory with its latency.hlog.",
        )
    return run.latency


def tags_of(budget: Budget, run: Run, log: LatencyLog) -> tuple[str, ...]:
    """The tags of the rows that a budget speaks of."""
    if budget.endpoint is not None:
        tags = log.endpoints()
        return tuple(tags[name] for name in endpoints_of(tags, budget.endpoint))
    if budget.function != "service_pNN":
        return (ALL_REQUESTS,)
    # Without waits to begin, the closed model's response times are its service times.
    return (SERVICE_TAG if run.is_open else log.service_tag(),)


def judged_latencies(budget: Budget, run: Run) -> LatencyBlocks:
    """All latencies of the budget's window; raises ``Undecided`` when too many are missing."""
    log, spans = log_of(run), spans_of(run, budget.judged_window)
    blocks = log.in_blocks(tags_of(budget, run, log), spans)
    counts = blocks.whole
    told = _requests_told(budget, run)
    if told > 0 and counts.total < COMPLETE * told:
        requests = f"{told:,.0f} requests of the {budget.judged_window} window"
        raise Undecided(
            f"only {counts.total:,} of the {requests} have a latency"
            if run.info is None
            else f"latency.hlog holds {counts.total:,} of the {requests}; the others were lost",
            evidence={"requests": counts.total, "unreadable_rows": counts.unreadable_rows},
        )
    if not counts.total:
        raise Undecided(f"no request was answered in the {budget.judged_window} window")
    return blocks


def quantile_interval(
    blocks: LatencyBlocks, quantile: float, observed_ms: float | None
) -> Interval:
    """The interval of a percentile: two order statistics, see ``intervals.quantile_ranks``.

    ``observed_ms`` is the percentile itself, at which stretches of time are compared; without it
    all requests are taken as independent.
    """
    total = blocks.whole.total
    worth, stretches = float(total), 1
    if observed_ms is not None:
        within = blocks.below(observed_ms, or_equal=True)
        worth, stretches = effective(within.astype(float), blocks.totals.astype(float))
    low, high = (
        None if at is None else blocks.whole.quantile_ms(at / total)
        for at in quantile_ranks(quantile, total, worth)
    )
    return Interval(low, high, stretches, worth)


def _requests_told(budget: Budget, run: Run) -> float:
    """How many requests of the window the record's other files count; 0 when they do not say.

    A request that was never answered has a response time, its wait, and no service time.
    """
    spans = spans_of(run, budget.judged_window)
    if budget.endpoint is None:
        series = run.series.get("requests")
        if series is None:
            return 0.0
        told = float(np.nansum(series.values[inside(series.elapsed_s, spans)]))
        return told - unanswered(run, spans) if budget.function == "service_pNN" else told
    if not run.endpoints:
        return 0.0
    chosen = [run.endpoints[name] for name in endpoints_of(run.endpoints, budget.endpoint)]
    return float(sum(np.nansum(e.requests[inside(e.elapsed_s, spans)]) for e in chosen))
