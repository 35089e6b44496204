"""Percentiles of single intervals, judged by what they prove of the whole window, and no more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.advice import ADVICE
from reli_analysis.budgets.bounds import IntervalPercentiles
from reli_analysis.budgets.lookup import spans_of
from reli_analysis.budgets.outcome import finding
from reli_analysis.budgets.percentile_proof import SLOW, check_enough, check_proven
from reli_analysis.budgets.undecided import Undecided
from reli_analysis.latency import rank
from reli_analysis.record.layout import RESPONSE_QUANTILES, SERVICE_QUANTILES
from reli_analysis.selection import inside
from reli_analysis.units import format_value
from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from reli_analysis.budgets.model import Budget
    from reli_analysis.series import Run
    from reli_analysis.verdict import Finding


def judge_bounds(budget: Budget, run: Run, quantile: float) -> Finding:
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
        check_proven(budget, known.total, wrong, None, evidence)
    else:
        check_enough(budget, known.total, above=known.total - at_most, observed=None)
    if not keeps_last:
        message = f"{says}, which breaks {budget.limit_text(budget.last_limit)}"
        found = finding(budget, Verdict.FAIL, message, {**evidence, ADVICE: SLOW})
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
