"""How many requests a percentile needs before it says anything, and before it is proven."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reli_analysis.budgets.enough import requests_for_quantile
from reli_analysis.budgets.near import Tried, too_near
from reli_analysis.budgets.proof import surely_above, surely_below
from reli_analysis.budgets.undecided import Undecided

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reli_analysis.budgets.model import Budget

SLOW = "Find what the slowest requests wait for; the report shows when they were slow."
"""What to do about a percentile that breaks its limit."""


def check_proven(
    budget: Budget,
    requests: int,
    wrong: int,
    observed: float | None,
    evidence: Mapping[str, Any],
) -> Tried:
    """Raise ``Undecided`` when luck alone could have made so few of them ``wrong``."""
    assert budget.quantile is not None
    check_enough(budget, requests, above=None, observed=observed)
    share = 1 - budget.quantile if budget.wants_less else budget.quantile
    tried = Tried("requests", wrong, requests, share)
    if not surely_below(wrong, requests, share):
        raise too_near(budget, tried, observed, evidence)
    return tried


def check_enough(
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
