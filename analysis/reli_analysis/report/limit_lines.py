"""Which budgets are a level that a chart can show as a line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reli_analysis.budgets import parse
from reli_analysis.errors import BudgetError
from reli_analysis.record.layout import RESPONSE_QUANTILES, SERVICE_QUANTILES

if TYPE_CHECKING:
    from reli_analysis.budgets import Budget
    from reli_analysis.judgement import Judgement

_COLUMN_OF_QUANTILE = {
    function: {quantile: column for column, quantile in columns.items()}
    for function, columns in (("pNN", RESPONSE_QUANTILES), ("service_pNN", SERVICE_QUANTILES))
}
_COLUMN_OF_FUNCTION = {"max_latency": "max_ms", "mean": "mean_ms", "throughput": "completed_per_s"}
_LEVELS_OF_A_METRIC = {"NAME", "max NAME", "min NAME", "mean NAME", "last NAME"}


@dataclass(frozen=True)
class LimitLine:
    """The limit of one budget, in the unit of the column that it bounds."""

    column: str
    limit: float
    text: str


def limit_lines(judgement: Judgement) -> list[LimitLine]:
    """The limits of the budgets that were judged and speak of all requests or of one metric."""
    run = judgement.run
    units = {name: series.unit for name, series in run.series.items()}
    counters = {m.name for m in run.info.metrics if m.kind == "counter"} if run.info else set()
    lines = []
    for finding in judgement.findings:
        text = finding.evidence.get("budget")
        if finding.kind != "budget" or not isinstance(text, str):
            continue
        try:
            budget = parse(text, units)
        except BudgetError:  # the judge has said so already
            continue
        column = _column(budget)
        if column is not None and column not in counters:
            lines.append(LimitLine(column, budget.last_limit, budget.text))
    return lines


def _column(budget: Budget) -> str | None:
    """The results column on whose scale the limit lies; ``None`` where there is none."""
    if budget.endpoint is not None:
        return None
    if budget.function in _COLUMN_OF_QUANTILE and budget.quantile is not None:
        return _COLUMN_OF_QUANTILE[budget.function].get(round(budget.quantile, 9))
    if budget.function in _LEVELS_OF_A_METRIC:
        return budget.metric
    return _COLUMN_OF_FUNCTION.get(budget.function)
