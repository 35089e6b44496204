"""``p95 < 250ms``, of all requests, of one endpoint, or of every sliding window."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from reli_analysis.advice import ADVICE
from reli_analysis.budgets.bounds import IntervalPercentiles
from reli_analysis.budgets.enough import requests_for_quantile, surely_above
from reli_analysis.budgets.functions.base import EVALUATORS
from reli_analysis.budgets.intervals import reach, surely_below
from reli_analysis.budgets.latencies import (
    has_log,
    judged_latencies,
    log_of,
    quantile_interval,
    tags_of,
)
from reli_analysis.budgets.lookup import in_window, judged_part, spans_of
from reli_analysis.budgets.near import Tried, check_alike, too_near
from reli_analysis.budgets.outcome import finding, judged
from reli_analysis.budgets.sliding import WindowValues, judge_windows, window_starts
from reli_analysis.budgets.stretches import judge_stretches
from reli_analysis.budgets.undecided import Undecided
from reli_analysis.latency import rank
from reli_analysis.record.layout import RESPONSE_QUANTILES, SERVICE_QUANTILES
from reli_analysis.selection import inside
from reli_analysis.units import format_value
from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reli_analysis.budgets.intervals import Interval
    from reli_analysis.budgets.model import Budget
    from reli_analysis.series import Run
    from reli_analysis.verdict import Finding

_SLOW = "Find what the slowest requests wait for; the report shows when they were slow."


def evaluate(budget: Budget, run: Run) -> Finding:
    """Exact from the interval log; without one, what percentiles of single intervals prove."""
    assert budget.quantile is not None
    if run.stretches:
        return judge_stretches(budget, run, budget.quantile)
    if budget.over_s is not None:
        return _every_window(budget, run, budget.quantile, budget.over_s)
    if has_log(run) or budget.endpoint is not None:
        return _from_log(budget, run, budget.quantile)
    return _from_results(budget, run, budget.quantile)


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
        tried = _check_proven(budget, counts.total, wrong, observed, doubt)
        kept = blocks.below(budget.last_limit, or_equal=budget.comparison in {"<=", ">"})
        spread = reach(kept.astype(np.float64), blocks.totals.astype(np.float64))
        check_alike(budget, tried, spread, observed, doubt)
    else:
        _check_enough(budget, counts.total, above=counts.total - within, observed=observed)
    if counts.unreadable_rows:
        evidence["unreadable_rows"] = counts.unreadable_rows
    basis = _basis(budget, counts.total, run)
    return judged(budget, observed, basis, evidence, _SLOW, interval=interval)


def _basis(budget: Budget, requests: int, run: Run) -> str:
    window = budget.judged_window
    where = in_window(window, spans_of(run, window, under_load=True))
    return f"{requests:,} requests in {where}"


def _check_proven(
    budget: Budget,
    requests: int,
    wrong: int,
    observed: float | None,
    evidence: Mapping[str, Any],
) -> Tried:
    """Raise ``Undecided`` when luck alone could have made so few of them ``wrong``."""
    assert budget.quantile is not None
    _check_enough(budget, requests, above=None, observed=observed)
    share = 1 - budget.quantile if budget.wants_less else budget.quantile
    tried = Tried("requests", wrong, requests, share)
    if not surely_below(wrong, requests, share):
        raise too_near(budget, tried, observed, evidence)
    return tried


def _check_enough(
    budget: Budget, requests: int, *, above: int | None, observed: float | None
) -> None:
    """Raise ``Undecided`` when so few requests prove nothing; ``above`` of them broke the limit."""
    assert budget.quantile is not None
    needed = requests_for_quantile(budget.quantile)
    if requests >= needed:
        return
    if (
        above is not None
        and budget.wants_less
        and surely_above(above, requests, 1 - budget.quantile)
    ):
        return
    missing = needed - requests
    raise Undecided(
        f"only {requests:,} requests; {budget.word} needs at least {needed:,}, {missing:,} more",
        observed=observed,
        evidence={"requests": requests, "requests_needed": needed},
        advice=f"Run longer or send more: {budget.word} needs at least {needed:,} requests.",
    )


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
    return judge_windows(budget, run, measured, _SLOW)


def _from_results(budget: Budget, run: Run, quantile: float) -> Finding:
    """PASS or FAIL where the bounds of ``budgets.bounds`` prove it."""
    known = _interval_percentiles(budget, run)
    keeps_first = _kept(budget, known, budget.limit)
    keeps_last = _kept(budget, known, budget.last_limit)
    lowest, highest = known.quantile_range_ms(quantile)
    evidence = {"requests": known.total, "at_least_ms": lowest, "at_most_ms": highest}
    between = f"between {format_value(lowest, 'ms')} and {format_value(highest, 'ms')}"
    says = f"{budget.label} lies {between}, as the percentiles of single intervals prove"
    if keeps_last is None:
        raise Undecided(
            f"{says}; that does not decide {budget.limit_text(budget.last_limit)}",
            evidence=evidence,
            advice="Analyse the run directory, whose latency.hlog gives exact percentiles.",
        )
    or_equal = budget.comparison in {"<=", ">"}
    at_least, at_most = known.bounds(budget.last_limit, or_equal=or_equal)
    if keeps_last:
        wrong = known.total - at_least if budget.wants_less else at_most
        _check_proven(budget, known.total, wrong, None, evidence)
    else:
        _check_enough(budget, known.total, above=known.total - at_most, observed=None)
    if not keeps_last:
        message = f"{says}, which breaks {budget.limit_text(budget.last_limit)}"
        found = finding(budget, Verdict.FAIL, message, {**evidence, ADVICE: _SLOW})
        return replace(found, observed=lowest, limit=budget.last_limit)
    message = f"{says}, within {budget.limit_text(budget.limit)}"
    if not keeps_first:
        message = f"{says}; only the critical {budget.limit_text(budget.last_limit)} surely holds"
    found = finding(budget, Verdict.PASS, message, evidence)
    return replace(found, observed=highest, limit=budget.limit, warning=not keeps_first)


def _kept(budget: Budget, known: IntervalPercentiles, limit: float) -> bool | None:
    """Whether the percentile surely keeps a limit, surely breaks it, or ``None``."""
    assert budget.quantile is not None
    needed = rank(budget.quantile, known.total)
    at_least, at_most = known.bounds(limit, or_equal=budget.comparison in {"<=", ">"})
    if at_least >= needed:  # the percentile is below the limit
        return budget.wants_less
    if at_most < needed:
        return not budget.wants_less
    return None


def _interval_percentiles(budget: Budget, run: Run) -> IntervalPercentiles:
    """The percentile columns of the window's rows; raises ``Undecided`` without them."""
    spans = spans_of(run, budget.judged_window)
    columns = SERVICE_QUANTILES if budget.function == "service_pNN" else RESPONSE_QUANTILES
    present = {name: q for name, q in columns.items() if name in run.series}
    requests = run.series.get("requests")
    if requests is None or not present:
        raise Undecided(
            "the input has neither an interval log nor the columns requests and p95_ms",
            advice=f'Analyse a run directory, or ask for a column, such as "{budget.word}_ms".',
        )
    chosen = inside(requests.elapsed_s, spans)
    counts = requests.values
    if budget.function == "service_pNN" and "dropped" in run.series:
        counts = counts - np.nan_to_num(run.series["dropped"].values)
    known = IntervalPercentiles.of(
        counts[chosen], {q: run.series[name].values[chosen] for name, q in present.items()}
    )
    if not known.total:
        raise Undecided(f"no request was answered in the {budget.judged_window} window")
    return known


EVALUATORS.register("pNN", evaluate)
EVALUATORS.register("service_pNN", evaluate)
