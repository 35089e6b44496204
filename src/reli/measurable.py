"""What a run will have numbers of, and whether its budgets speak of that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli.sampling import PublishesMetrics, parse_target
from reli_analysis import budgets
from reli_analysis.errors import BudgetError, InputError
from reli_analysis.record.layout import RESULTS_COLUMNS
from reli_analysis.registry import nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from reli_analysis.record import MetricSpec

FAULT = "fault"
AFTERWARDS = "cool-down"
"""What follows the last stage, in every run."""


def with_published(metrics: Sequence[MetricSpec], targets: Sequence[str]) -> tuple[MetricSpec, ...]:
    """``metrics`` followed by those of the targets, in their order.

    Raises ``ReliError`` for a target that cannot be, and for a name that is taken.
    """
    found = list(metrics)
    holders = {column.name: "a column of results.csv" for column in RESULTS_COLUMNS}
    holders |= {metric.name: "a metric of the service" for metric in metrics}
    for text in targets:
        target = parse_target(text).target
        for metric in target.metrics if isinstance(target, PublishesMetrics) else ():
            if metric.name in holders:
                raise InputError(
                    f'target "{text}" names a metric "{metric.name}", which is '
                    f"{holders[metric.name]}; give it another name"
                )
            holders[metric.name] = f'a metric of the target "{text}"'
            found.append(metric)
    return tuple(found)


def check_budget(
    text: str, metrics: Sequence[MetricSpec], windows: Collection[str] | None = None
) -> None:
    """Refuse now what could never be judged: a word that is wrong costs hours later.

    ``windows`` are those that the run will have, where that is known.
    """
    budget = budgets.parse(text)
    if windows is not None:
        _check_window(budget, windows)
    known = [column.name for column in RESULTS_COLUMNS] + [metric.name for metric in metrics]
    for metric in budget.metrics:
        if metric not in known:
            raise BudgetError(
                f'budget "{text}": this run will not have a metric "{metric}"'
                f"{nearest(metric, known)}; known: {', '.join(sorted(known))}"
            )


def _check_window(budget: budgets.Budget, windows: Collection[str]) -> None:
    window = FAULT if budget.function == "recovery" else budget.judged_window
    said = budget.window is not None or budget.function == "recovery"
    if said and window not in {*windows, AFTERWARDS}:
        raise BudgetError(
            f'budget "{budget.text}": no stage of this run lies in the window {window}; '
            f"write window: {window} into one"
        )
