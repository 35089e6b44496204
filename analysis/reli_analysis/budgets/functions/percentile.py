"""``p95 < 250ms``, of all requests, of one endpoint, or of every sliding window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from reli_analysis.budgets.enough import requests_for_quantile
from reli_analysis.budgets.functions.base import EVALUATORS
from reli_analysis.budgets.intervals import reach
from reli_analysis.budgets.judge_bounds import judge_bounds
from reli_analysis.budgets.latencies import (
    has_log,
    judged_latencies,
    log_of,
    quantile_interval,
    tags_of,
)
from reli_analysis.budgets.lookup import in_window, judged_part, spans_of
from reli_analysis.budgets.near import check_alike
from reli_analysis.budgets.outcome import judged
from reli_analysis.budgets.percentile_proof import SLOW, check_enough, check_proven
from reli_analysis.budgets.sliding import WindowValues, judge_windows, window_starts
from reli_analysis.budgets.stretches import judge_stretches

if TYPE_CHECKING:
    from reli_analysis.budgets.intervals import Interval
    from reli_analysis.budgets.model import Budget
    from reli_analysis.series import Run
    from reli_analysis.verdict import Finding


def evaluate(budget: Budget, run: Run) -> Finding:
    """Exact from the interval log; without one, what percentiles of single intervals prove."""
    assert budget.quantile is not None
    if run.stretches:
        return judge_stretches(budget, run, budget.quantile)
    if budget.over_s is not None:
        return _every_window(budget, run, budget.quantile, budget.over_s)
    if has_log(run) or budget.endpoint is not None:
        return _from_log(budget, run, budget.quantile)
    return judge_bounds(budget, run, budget.quantile)


def _from_log(budget: Budget, run: Run, quantile: float) -> Finding:
    blocks = judged_latencies(budget, run)
    counts = blocks.whole
    observed = counts.quantile_ms(quantile)
    assert observed is not None
    within = counts.count_below(budget.last_limit, or_equal=budget.comparison in {"<=", ">"})
    interval = quantile_interval(blocks, quantile, observed)
    evidence: dict[str, Any] = {"requests": counts.total, **judged_part(budget, run)}
    if budget.keeps(observed, budget.last_limit):
        wrong = counts.total - within if budget.wants_less else within
        doubt = {**evidence, **interval.evidence()}
        tried = check_proven(budget, counts.total, wrong, observed, doubt)
        kept = blocks.below(budget.last_limit, or_equal=budget.comparison in {"<=", ">"})
        spread = reach(kept.astype(np.float64), blocks.totals.astype(np.float64))
        check_alike(budget, tried, spread, observed, doubt)
    else:
        check_enough(budget, counts.total, above=counts.total - within, observed=observed)
    if counts.unreadable_rows:
        evidence["unreadable_rows"] = counts.unreadable_rows
    basis = _basis(budget, counts.total, run)
    return judged(budget, observed, basis, evidence, SLOW, interval=interval)


def _basis(budget: Budget, requests: int, run: Run) -> str:
    window = budget.judged_window
    where = in_window(window, spans_of(run, window, under_load=True))
    return f"{requests:,} requests in {where}"


def _every_window(budget: Budget, run: Run, quantile: float, over_s: float) -> Finding:
    log, spans = log_of(run), spans_of(run, budget.judged_window)
    tags = tags_of(budget, run, log)
    judged_latencies(budget, run)
    row_s = max(run.interval_s, log.row_length_s(tags))
    windows = log.sliding_quantiles(tags, quantile, window_starts(spans, over_s, row_s), over_s)
    enough = windows.totals >= requests_for_quantile(quantile)

    def interval(at: int) -> Interval | None:
        """Of one window, whose requests are taken as independent: it is too short to cut."""
        start_s = float(windows.start_s[at])
        blocks = log.in_blocks(tags, ((start_s, start_s + over_s),))
        if blocks.whole.total != windows.totals[at]:  # a row lies in it only in part
            return None
        return quantile_interval(blocks, quantile, None)

    measured = WindowValues(windows.start_s, windows.values_ms, enough, interval)
    return judge_windows(budget, run, measured, SLOW)


EVALUATORS.register("pNN", evaluate)
EVALUATORS.register("service_pNN", evaluate)
