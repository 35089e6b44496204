"""What else people ask whether something drifts, on the same 72 medians."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from reli_analysis.drift.changes import levels_of
from reli_analysis.drift.source import SampledSource

if TYPE_CHECKING:
    from collections.abc import Callable

    from drift_corpus import Scripted
    from numpy.typing import NDArray

MATTERS = 0.1
SURE = 0.01
_FEWEST = 3


def medians(series: Scripted) -> NDArray[np.float64]:
    """The levels that reli takes before it looks for a rhythm."""
    source = SampledSource.of(series.elapsed_s, series.values)
    return levels_of(source).values


def ols(levels: NDArray[np.float64]) -> bool:
    """A line through the levels rises by a tenth, p < 0.01."""
    fit = stats.linregress(np.arange(len(levels)), levels)
    grows = fit.slope * len(levels) > MATTERS * (fit.intercept or 1.0)
    return bool(grows and fit.pvalue < SURE)


def halves(levels: NDArray[np.float64]) -> bool:
    """The second half lies a tenth above the first, p < 0.01 by Welch's t-test."""
    first, second = np.array_split(levels, 2)
    found = stats.ttest_ind(first, second, equal_var=False)
    return bool(second.mean() > (1 + MATTERS) * first.mean() and found.pvalue < SURE)


def mann_kendall(levels: NDArray[np.float64]) -> bool:
    """Kendall's tau with time, p < 0.01, and a slope of Theil and Sen that makes a tenth."""
    time = np.arange(len(levels))
    tau = stats.kendalltau(time, levels)
    slope = stats.theilslopes(levels, time)[0]
    return bool(tau.pvalue < SURE and slope * len(levels) > MATTERS * np.median(levels))


def pelt(levels: NDArray[np.float64]) -> bool:
    """Optimal partitioning with the penalty of BIC; the last level lies a tenth above the first."""
    steps = segments(levels)
    first, last = levels[: steps[0] if steps else None], levels[steps[-1] if steps else 0 :]
    return bool(steps and last.mean() > (1 + MATTERS) * first.mean())


def segments(levels: NDArray[np.float64]) -> list[int]:
    """Where the levels change, by least squares (Jackson et al. 2005, Killick et al. 2012)."""
    n = len(levels)
    noise = np.median(np.abs(np.diff(levels))) * 1.4826 / np.sqrt(2)
    penalty = 3 * np.log(n) * max(noise, 1e-12) ** 2
    sums = np.concatenate([[0.0], np.cumsum(levels)])
    squares = np.concatenate([[0.0], np.cumsum(levels**2)])
    best, last = np.full(n + 1, np.inf), np.zeros(n + 1, int)
    best[0] = -penalty
    for end in range(_FEWEST, n + 1):
        starts = np.arange(0, end - _FEWEST + 1)
        total = sums[end] - sums[starts]
        cost = squares[end] - squares[starts] - total**2 / (end - starts)
        found = best[starts] + cost + penalty
        last[end] = int(starts[np.argmin(found)])
        best[end] = float(found.min())
    steps, at = [], n
    while at > 0:
        at = int(last[at])
        steps.append(at)
    return sorted(step for step in steps if step > 0)


RIVALS: dict[str, Callable[[NDArray[np.float64]], bool]] = {
    "a line (OLS), p < 0.01 and > 10 %": ols,
    "second half against first, p < 0.01 and > 10 %": halves,
    "Mann-Kendall p < 0.01 and Sen > 10 %": mann_kendall,
    "change points by PELT (BIC), end > 10 %": pelt,
}
