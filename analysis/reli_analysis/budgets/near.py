"""A number that keeps its limit, but so narrowly that luck may have kept it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reli_analysis.budgets.proof import needed_to_prove
from reli_analysis.budgets.undecided import Undecided
from reli_analysis.units import format_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reli_analysis.budgets.model import Budget


@dataclass(frozen=True)
class Tried:
    """``hits`` of ``total`` are on the wrong side of the limit; fewer than ``share`` may be."""

    noun: str
    hits: int
    total: int
    share: float


def too_near(
    budget: Budget, tried: Tried, observed: float | None, evidence: Mapping[str, Any]
) -> Undecided:
    """That so many do not prove the limit, and how many would."""
    noun = tried.noun
    limit = budget.limit_text(budget.last_limit)
    is_ = "it" if observed is None else f"{format_value(observed, budget.unit)}"
    needed = needed_to_prove(tried.hits, tried.total, tried.share)
    if needed is None:
        more = f"it lies at the limit, and no number of {noun} would tell"
        advice = f"Ask for less than {limit}, or make the target better than that."
    else:
        more = f"about {needed:,} would tell"
        advice = f"Run longer or send more: {budget.label} needs about {needed:,} {noun}."
        evidence = {**evidence, f"{noun}_needed": needed}
    return Undecided(
        f"{is_} is so near to {limit} that {tried.total:,} {noun} do not prove it; {more}",
        observed=observed,
        evidence=evidence,
        advice=advice,
    )


def check_alike(
    budget: Budget, tried: Tried, reach: float, observed: float | None, evidence: Mapping[str, Any]
) -> None:
    """Raise ``Undecided`` when what is wrong comes together, so that it may as well be more.

    ``reach`` is ``intervals.reach`` of the share that is wrong, by stretches of time.
    """
    room = tried.share - tried.hits / tried.total
    if reach < room:
        return
    limit = budget.limit_text(budget.last_limit)
    value = "it" if observed is None else format_value(observed, budget.unit)
    longer = (reach / room) ** 2
    raise Undecided(
        f"{value} keeps {limit}, but what breaks it comes together in time, so that "
        f"{tried.total:,} {tried.noun} do not prove it; {longer:.3g} times as many would tell",
        observed=observed,
        evidence={**evidence, "times_as_long": longer},
        advice=f"Run about {longer:.3g} times as long, and find what comes in bursts.",
    )
