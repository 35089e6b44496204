"""The slowest growth that matters, X: it belongs to the user, and is guessed only for want of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.budgets.leaks.resolution import unseen_per_h
from reli_analysis.budgets.undecided import Undecided
from reli_analysis.units import format_duration, format_value

if TYPE_CHECKING:
    from reli_analysis.budgets.leaks.limits import Limit
    from reli_analysis.budgets.leaks.subjects import Subject
    from reli_analysis.budgets.model import Budget

SHARE_AN_HOUR = 0.01
_HOUR_S = 3600.0


@dataclass(frozen=True)
class Threshold:
    """``per_h`` in the series' unit, above 0; ``why`` says where it comes from."""

    per_h: float
    why: str


def threshold_of(budget: Budget, subject: Subject, limit: Limit | None) -> Threshold:
    """What the budget says, else 1 % of the usual level an hour.

    ``above 2MiB/h`` is that rate, ``above 1%/h`` a share of the median level; ``for 30d`` is
    (limit - highest level) / 30 days. A rate that nobody gave is never one that this run could not
    see for want of resolution: see ``unseen_per_h``. Raises ``Undecided`` where a limit is needed
    and not known.
    """
    if budget.uptime_s is not None:
        return _until_limit(budget, subject, limit, budget.uptime_s)
    usual = float(np.median(np.abs(subject.measured)))
    if budget.above_per_h is None:
        per_h = max(SHARE_AN_HOUR * usual, unseen_per_h(subject))
        why = (
            "1 % of the usual level an hour"
            if per_h == SHARE_AN_HOUR * usual
            else ("the slowest that whole numbers can show in this time")
        )
        return Threshold(per_h or 1.0, why)
    if budget.unit != "ratio":
        return Threshold(budget.above_per_h, "as the budget says")
    share = format_value(budget.above_per_h, "ratio")
    return Threshold(budget.above_per_h * usual or 1.0, f"{share} of the usual level an hour")


def _until_limit(
    budget: Budget, subject: Subject, limit: Limit | None, uptime_s: float
) -> Threshold:
    if limit is None:
        raise Undecided(
            f"the limit of {subject.name} is not known, so neither is the growth that it has room for",
            advice=f"Say the growth that matters, as in no leak in {budget.metric} above 1%/h.",
        )
    left = limit.value - float(subject.measured.max())
    why = f"{limit.text} in {format_duration(uptime_s)}"
    # What has no room left is judged by the least growth there is.
    return Threshold(max(left, 1e-9 * limit.value) / uptime_s * _HOUR_S, why)
