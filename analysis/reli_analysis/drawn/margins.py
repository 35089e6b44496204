"""How far each budget is from its limit, on one scale for all of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reli_analysis.budgets import parse
from reli_analysis.errors import BudgetError
from reli_analysis.intervals import interval_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reli_analysis.verdict import Finding


@dataclass(frozen=True)
class Margin:
    """Distances from the limit in parts of it: negative on the right side, positive past it.

    -0.25 is a quarter of the limit to spare. ``low`` and ``high`` are the ends of the interval of
    what was observed, -inf or inf where it has none, ``None`` without an interval. ``first`` is the
    first of two levels. ``ratio`` is observed by limit; ``of`` says by what.

    Of a share that must be large, as an availability, the limit is what may be missing: of 99.9 %
    a tenth of a per cent.
    """

    observed: float
    ratio: float
    low: float | None = None
    high: float | None = None
    first: float | None = None
    of: str = "the limit"


def margin(finding: Finding, units: Mapping[str, str]) -> Margin | None:
    """The margin of one finding; ``None`` without two numbers, or with a limit of 0."""
    numbers = (finding.observed, finding.limit)
    if any(number is None or not math.isfinite(number) for number in numbers) or not finding.limit:
        return None
    first, limit, less = _limits(finding, units)
    rest = finding.unit == "ratio" and not less and 0.5 < limit < 1
    whole = 1 - limit if rest else abs(limit)

    def distance(value: float) -> float:
        return (value - limit if less else limit - value) / whole

    assert finding.observed is not None
    ends = interval_of(finding)
    low, high = sorted(map(distance, ends)) if ends else (None, None)
    ratio = (1 - finding.observed) / whole if rest else finding.observed / limit
    return Margin(
        observed=distance(finding.observed),
        ratio=ratio,
        low=low,
        high=high,
        first=distance(first) if first != limit else None,
        of="what may be missing" if rest else "the limit",
    )


def _limits(finding: Finding, units: Mapping[str, str]) -> tuple[float, float, bool]:
    """The first limit and the one that must not be passed, and whether less is right."""
    assert finding.limit is not None
    written = finding.evidence.get("budget")
    try:
        budget = parse(written, units) if isinstance(written, str) else None
    except BudgetError:
        budget = None
    if budget is None or not budget.comparison:
        return finding.limit, finding.limit, True
    if budget.critical is None:
        return finding.limit, finding.limit, budget.wants_less
    return budget.limit, budget.critical, budget.wants_less
