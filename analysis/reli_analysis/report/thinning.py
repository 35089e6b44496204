"""Fewer points for a drawing, without losing a peak, a dip or a gap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from reli_analysis.series import Series

    Points = tuple[NDArray[np.float64], NDArray[np.float64]]

MOST_POINTS = 2000
_LARGEST = 1e30
"""Numbers beyond it are no measurements, and a drawing cannot hold them."""


def thin(series: Series, most: int = MOST_POINTS) -> Points:
    """At most ``most`` points, the smallest and the largest of each stretch kept.

    A stretch without any measurement stays as a gap.
    """
    finite = np.isfinite(series.values)
    values = np.where(finite, np.clip(series.values, -_LARGEST, _LARGEST), np.nan)
    if len(values) <= most:
        return series.elapsed_s, values
    edges = np.linspace(0, len(values), most // 2 + 1).astype(int)
    starts, stretch = edges[:-1], np.repeat(np.arange(most // 2), np.diff(edges))
    smallest = np.lexsort((np.where(finite, values, np.inf), stretch))[starts]
    largest = np.lexsort((np.where(finite, -values, np.inf), stretch))[starts]
    chosen = np.union1d(smallest, largest)
    return series.elapsed_s[chosen], values[chosen]


def with_gaps(points: Points, longest_s: float) -> Points:
    """Break the line where no point follows within ``longest_s``."""
    elapsed_s, values = points
    after = np.flatnonzero(np.diff(elapsed_s) > longest_s) + 1
    return np.insert(elapsed_s, after, elapsed_s[after]), np.insert(values, after, np.nan)


def broken_at(points: Points, moments_s: Sequence[float]) -> Points:
    """Break the line at moments that it must not be drawn across, wherever its points lie."""
    elapsed_s, values = points
    at = np.searchsorted(elapsed_s, moments_s)
    at = np.unique(at[(at > 0) & (at < len(elapsed_s))])
    return np.insert(elapsed_s, at, elapsed_s[at]), np.insert(values, at, np.nan)
