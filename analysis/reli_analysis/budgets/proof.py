"""Whether hits among independent tries prove on which side of a limit the true share lies.

In the standard library alone: a recorder asks it while the load runs.
"""

from __future__ import annotations

from reli_analysis.budgets.beta import beta_below
from reli_analysis.budgets.enough import ALPHA

_MOST = 10**12
"""Past so many tries nothing is searched."""


def surely_below(hits: float, total: float, share: float) -> bool:
    """Whether so few hits say that the true share lies below ``share``.

    The probability of at most so many in ``total`` independent tries of that share is at most
    ALPHA, which is the same as the upper one-sided Clopper-Pearson bound lying at or below it. With
    no hits that is ``enough.requests_for_ratio``.
    """
    return total > 0 and at_most(hits, total, share) <= ALPHA


def surely_above(hits: float, total: float, share: float) -> bool:
    """Whether so many hits say that the true share lies above ``share``: the same the other way."""
    return total > 0 and hits > 0 and 1 - at_most(hits - 1, total, share) <= ALPHA


def needed_to_prove(hits: int, total: int, share: float) -> int | None:
    """How many tries with the same share of hits would be enough; ``None`` when none would be."""
    seen = hits / total if total else 0.0
    if seen >= share:
        return None
    few, many = total, max(2 * total, 1)
    while not surely_below(seen * many, many, share):
        few, many = many, 2 * many
        if many > _MOST:
            return None
    while many - few > max(1, many // 1000):
        middle = (few + many) // 2
        few, many = (few, middle) if surely_below(seen * middle, middle, share) else (middle, many)
    return many


def at_most(hits: float, total: float, share: float) -> float:
    """P(X <= hits) for X binomial: the incomplete beta function I(1 - share; n - k, k + 1)."""
    if hits < 0:
        return 0.0
    if hits >= total or share <= 0:
        return 1.0
    return beta_below(1 - min(share, 1.0), total - hits, hits + 1)
