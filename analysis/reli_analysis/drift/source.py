"""Where levels come from: a quantity over any cells of time, from a series or from histograms."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from reli_analysis.trends.spread import NORMAL

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FOR_MEDIAN = 5
_USUAL_SHARE = 0.25


class Source(Protocol):
    """A quantity between ``start_s`` and ``end_s`` in intervals of ``interval_s``."""

    @property
    def start_s(self) -> float: ...

    @property
    def end_s(self) -> float: ...

    @property
    def interval_s(self) -> float: ...

    def levels(self, borders_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """One value for each cell between neighbouring borders; NaN where too little is known."""
        ...

    def contrast(self, before_s: tuple[float, float], after_s: tuple[float, float]) -> Source:
        """The same moments, told by what differs most between two stretches."""
        ...


@dataclass(frozen=True)
class SampledSource:
    """A gauge: a cell's level is the median of its samples, or their mean when they are few.

    ``elapsed_s`` ascends; ``values`` are all finite.
    """

    elapsed_s: NDArray[np.float64]
    values: NDArray[np.float64]
    interval_s: float
    start_s: float
    end_s: float

    @classmethod
    def of(cls, elapsed_s: NDArray[np.float64], values: NDArray[np.float64]) -> SampledSource:
        """From the first sample to the last; the interval is the usual one between two."""
        steps = np.diff(elapsed_s)
        interval_s = float(np.median(steps)) if len(steps) else 1.0
        if interval_s <= 0:
            interval_s = max(float(np.ptp(elapsed_s)) / len(elapsed_s), 1e-3)
        end_s = float(elapsed_s[-1]) + interval_s
        return cls(elapsed_s, values, interval_s, float(elapsed_s[0]), end_s)

    def levels(self, borders_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Cells with less than a quarter of the usual number of samples are NaN."""
        places = np.searchsorted(self.elapsed_s, borders_s - 1e-9 * self.interval_s)
        counts = np.diff(places)
        needed = max(1.0, _USUAL_SHARE * float(np.median(counts)))
        found = np.full(len(counts), np.nan)
        for cell in np.flatnonzero(counts >= needed):
            part = self.values[places[cell] : places[cell + 1]]
            found[cell] = np.median(part) if len(part) >= _FOR_MEDIAN else part.mean()
        return found

    def contrast(self, before_s: tuple[float, float], after_s: tuple[float, float]) -> Source:
        """The samples, cut off at three times their noise beyond the two levels."""
        parts = [
            self.values[(self.elapsed_s >= start) & (self.elapsed_s < end)]
            for start, end in (before_s, after_s)
        ]
        if any(len(part) < _FOR_MEDIAN for part in parts):
            return self
        levels = [float(np.median(part)) for part in parts]
        noise = max(float(np.median(np.abs(p - m))) for p, m in zip(parts, levels, strict=True))
        reach = 3 * NORMAL * noise
        if reach <= 0:
            return self
        cut = np.clip(self.values, min(levels) - reach, max(levels) + reach)
        return replace(self, values=cut)


@dataclass(frozen=True)
class RatioSource:
    """A sum divided by another, both by interval: failures by requests, requests by seconds.

    Arrays of one length, in order of time; NaN where an interval is not known.
    """

    elapsed_s: NDArray[np.float64]
    above: NDArray[np.float64]
    below: NDArray[np.float64]
    interval_s: float
    start_s: float
    end_s: float

    def levels(self, borders_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """NaN for a cell with less than a quarter of the usual denominator."""
        places = np.searchsorted(self.elapsed_s, borders_s - 1e-9 * self.interval_s)
        known = np.isfinite(self.above) & np.isfinite(self.below)
        sums = [
            np.diff(np.concatenate([[0.0], np.cumsum(np.where(known, column, 0.0))])[places])
            for column in (self.above, self.below)
        ]
        usual = float(np.median(sums[1]))
        enough = (sums[1] > 0) & (sums[1] >= _USUAL_SHARE * usual)
        return np.where(enough, sums[0] / np.where(enough, sums[1], 1.0), np.nan)

    def contrast(self, before_s: tuple[float, float], after_s: tuple[float, float]) -> Source:
        """Itself: a ratio of counts has no more to tell."""
        del before_s, after_s
        return self
