"""How much higher a series ends than it began, and how well that is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.trends.spread import mad

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.series import Series

_EDGE = 0.1
_FEWEST_AT_EDGE = 3
_LEVELS = 24
_FAR = 4.0


@dataclass(frozen=True)
class Edges:
    """The medians at both ends, and the 95 % interval of their difference."""

    first: float
    last: float
    low: float
    high: float

    @property
    def growth(self) -> float:
        return self.last - self.first


def edges(samples: Series) -> Edges:
    """Median of the last tenth of at least six samples minus that of the first tenth.

    The interval is that of a regression of both tenths, as up to 24 mean levels each, on which of
    them it is, with noise of unknown memory (``trends.noise``): neighbours in a series are alike, so
    a hundred samples are not a hundred measurements. It is laid about the medians' difference.
    Assumes that the noise at both ends is alike; growth within a tenth makes the interval wider.
    """
    # It needs scipy, which takes longer to import than most runs to judge.
    from reli_analysis.trends.noise import Laws  # noqa: PLC0415 -- as said

    edge = max(_FEWEST_AT_EDGE, round(_EDGE * len(samples)))
    begin, end = samples.values[:edge], samples.values[-edge:]
    first, last = float(np.median(begin)), float(np.median(end))
    if not np.ptp(begin) and not np.ptp(end):
        return Edges(first, last, last - first, last - first)  # there is no noise
    levels = np.concatenate([_levels(_without_outliers(begin)), _levels(_without_outliers(end))])
    times_s = np.concatenate(
        [_levels(samples.elapsed_s[:edge]), _levels(samples.elapsed_s[-edge:])]
    )
    at_end = np.arange(len(levels)) >= len(levels) // 2
    design = np.stack([np.ones(len(levels)), at_end], axis=1)
    known = Laws(times_s / (float(times_s[1] - times_s[0]) or 1.0)).fit(design, levels)
    low, high = (bound - known.estimate for bound in known.interval)
    return Edges(first, last, last - first + min(low, 0.0), last - first + max(high, 0.0))


def _levels(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The means of up to 24 equal parts."""
    parts = np.array_split(values, min(_LEVELS, len(values)))
    return np.array([part.mean() for part in parts])


def _without_outliers(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """What lies far from the median is drawn in: as of the median itself, a few peaks say nothing."""
    middle, reach = float(np.median(values)), _FAR * mad(values)
    return np.clip(values, middle - reach, middle + reach)
