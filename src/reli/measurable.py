"""What a run will have numbers of, and whether its budgets speak of that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli.sampling import PublishesMetrics, parse_target
from reli_analysis import budgets
from reli_analysis.errors import BudgetError, InputError
from reli_analysis.record.layout import RESULTS_COLUMNS
from reli_analysis.registry import nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reli_analysis.record import MetricSpec


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


def check_budget(text: str, metrics: Sequence[MetricSpec]) -> None:
    """Refuse now what could never be judged: a word that is wrong costs hours later."""
    known = [column.name for column in RESULTS_COLUMNS] + [metric.name for metric in metrics]
    for metric in budgets.parse(text).metrics:
        if metric not in known:
            raise BudgetError(
                f'budget "{text}": this run will not have a metric "{metric}"'
                f"{nearest(metric, known)}; known: {', '.join(sorted(known))}"
            )
