"""How sure a number is: the 95 % interval of a share, a percentile and a mean.

Requests of one moment are alike: they met the same queue, the same garbage collection, the same
outage. A thousand of them are worth less than a thousand independent ones. So the window is cut
into stretches of time (``selection.block_of``), and what the stretches differ by beyond chance says
how many independent requests the window is worth. Stretches have to be longer than what makes
neighbours alike: 20 to a window are a compromise, and slower swings than a twentieth of the window
are not seen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from reli_analysis.budgets.beta import beta_quantile, student_quantile
from reli_analysis.budgets.enough import ALPHA
from reli_analysis.budgets.proof import at_most
from reli_analysis.intervals import LEVEL
from reli_analysis.selection import BLOCKS

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Interval:
    """From ``low`` to ``high`` in the unit of what it is of; ``None`` where nothing bounds it.

    ``blocks`` stretches of time held data; ``effective`` is how many independent requests they are
    worth, ``None`` where that is no question.
    """

    low: float | None
    high: float | None
    blocks: int
    effective: float | None = None

    def evidence(self) -> dict[str, Any]:
        """The keys of a finding's evidence."""
        told: dict[str, Any] = {
            "interval": [self.low, self.high],
            "interval_level": LEVEL,
            "interval_blocks": self.blocks,
        }
        if self.effective is not None:
            told["effective_requests"] = round(self.effective, 1)
        return told

    def complement(self) -> Interval:
        """The interval of 1 minus a share."""
        low = None if self.high is None else 1 - self.high
        high = None if self.low is None else 1 - self.low
        return Interval(low, high, self.blocks, self.effective)


def clopper_pearson(hits: float, total: float) -> tuple[float, float]:
    """The exact binomial interval of ``hits`` out of ``total`` independent tries.

    Quantiles of beta distributions: B(a/2; x, n - x + 1) and B(1 - a/2; x + 1, n - x) with
    a = 1 - LEVEL (Clopper and Pearson 1934). It covers the true share at least LEVEL of the time.
    Neither number needs to be whole (Korn and Graubard 1998).
    """
    tail = (1 - LEVEL) / 2
    low = beta_quantile(tail, hits, total - hits + 1) if hits > 0 else 0.0
    high = beta_quantile(1 - tail, hits + 1, total - hits) if hits < total else 1.0
    return low, high


def effective(hits: NDArray[np.float64], totals: NDArray[np.float64]) -> tuple[float, int]:
    """How many independent tries these are worth, and in how many stretches they lie.

    One hit count and one total a stretch. With p the share of all n tries, k stretches with tries,
    and residuals r = hits - p totals, the share's variance is k/(k-1) sum(r^2) / n^2 (ratio
    estimator, Cochran 1977, 6.3); p(1-p)/n would be that of independent tries. Their quotient is
    the design effect (Kish 1965). The number is n by it, by (t/z)^2 more for having estimated it
    from k stretches (Korn and Graubard 1998), and never more than n. With no hits, nothing but
    hits, or one stretch nothing can be estimated, and n stands.
    """
    busy = totals > 0
    hits, totals = hits[busy].astype(float), totals[busy].astype(float)
    blocks, total = int(busy.sum()), float(totals.sum())
    share = float(hits.sum()) / total if total else 0.0
    if blocks < 2 or not 0 < share < 1:
        return total, blocks
    residuals = hits - share * totals
    variance = blocks / (blocks - 1) * float(residuals @ residuals) / total**2
    design = variance / (share * (1 - share) / total)
    worth = total / design if design > 0 else math.inf
    return min(total, worth / _widening(blocks) ** 2), blocks


def share_interval(hits: NDArray[np.float64], totals: NDArray[np.float64]) -> Interval:
    """The interval of a share from one hit count and one total a stretch of time.

    Clopper and Pearson's with the effective number of tries (Korn and Graubard 1998).
    """
    worth, blocks = effective(hits, totals)
    total = float(totals.sum())
    if not total:
        return Interval(None, None, blocks)
    share = min(1.0, float(hits.sum()) / total)  # a drain drops what arrived before it
    low, high = clopper_pearson(share * worth, worth)
    return Interval(low, high, blocks, worth)


def quantile_ranks(quantile: float, total: int, worth: float) -> tuple[int | None, int | None]:
    """The ranks (from 1) among ``total`` values in order between which a true quantile lies.

    With n independent values the number of those below the quantile is binomial; the ranks l and u
    are the innermost with P(X <= l - 1) and P(X >= u) at most (1 - LEVEL) / 2, so the interval
    covers the quantile at least LEVEL of the time whatever the law of the values (Thompson 1936,
    David and Nagaraja 2003, 7.1). For values that are worth fewer, n is that number and the ranks
    are stretched to ``total`` (Woodruff 1952). ``None``: so few values have no rank beyond it.
    """
    tries = max(1, math.floor(min(worth, total)))
    tail = (1 - LEVEL) / 2
    low, high = _binomial_rank(tail, tries, quantile), _binomial_rank(1 - tail, tries, quantile) + 1
    return (
        max(1, math.floor(low * total / tries)) if low >= 1 else None,
        min(total, math.ceil(high * total / tries)) if high <= tries else None,
    )


def _binomial_rank(probability: float, tries: int, share: float) -> int:
    """The smallest k with P(X <= k) >= probability for X binomial."""
    low, high = -1, tries
    while high - low > 1:
        middle = (low + high) // 2
        if at_most(middle, tries, share) >= probability:
            high = middle
        else:
            low = middle
    return high


def mean_interval(sums: NDArray[np.float64], weights: NDArray[np.float64]) -> Interval:
    """The interval of a mean from the sum of the values and their number in each stretch.

    Batch means (Conway 1963): with m the mean of all, and residuals r = sums - m weights of the k
    stretches with values, the variance is k/(k-1) sum(r^2) / (sum of weights)^2, and the interval
    m +- t(k-1) of its root. It assumes stretches longer than what makes neighbours alike.
    """
    blocks = int((weights > 0).sum())
    if blocks < 2:
        return Interval(None, None, blocks)
    mean = float(sums.sum()) / float(weights.sum())
    width = _T[blocks - 2] * _error(sums, weights)
    return Interval(mean - width, mean + width, blocks)


def reach(sums: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    """How far a mean (or share) has to lie from a limit to keep it by more than luck.

    The one-sided 1 - ALPHA quantile of Student's t by the standard error of batch means; 0 where
    there are no two stretches to compare.
    """
    blocks = int((weights > 0).sum())
    return _T_ONE_SIDED[blocks - 2] * _error(sums, weights) if blocks > 1 else 0.0


def _error(sums: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    """The standard error of the mean of all, from what at least two stretches differ by."""
    busy = weights > 0
    sums, weights = sums[busy].astype(float), weights[busy].astype(float)
    blocks, whole = len(sums), float(weights.sum())
    residuals = sums - float(sums.sum()) / whole * weights
    return math.sqrt(blocks / (blocks - 1) * float(residuals @ residuals)) / whole


_T = tuple(student_quantile(LEVEL, freedom) for freedom in range(1, BLOCKS))
"""Student's t by degrees of freedom, from 1."""

_T_ONE_SIDED = tuple(student_quantile(1 - 2 * ALPHA, freedom) for freedom in range(1, BLOCKS))

_Z = 1.959963984540054


def _widening(blocks: int) -> float:
    """How much wider an interval is for a variance that was estimated from so many stretches."""
    return _T[blocks - 2] / _Z


def per_block(
    blocks: NDArray[np.int64], values: NDArray[np.float64], count: int
) -> NDArray[np.float64]:
    """The sum of the values of each of ``count`` stretches; NaN counts as nothing."""
    sums = np.bincount(blocks, weights=np.nan_to_num(values), minlength=count)
    return np.asarray(sums, np.float64)
