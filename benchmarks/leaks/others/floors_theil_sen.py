"""Minima of equal buckets, Theil and Sen's slope, and a bootstrap of whole blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from leaks.others.answer import Answer

if TYPE_CHECKING:
    from leaks.labelled import Labelled
    from numpy.typing import NDArray

_BUCKETS = 64
_BLOCK = 4
_DRAWS = 200


def floors_theil_sen(labelled: Labelled) -> Answer:
    """Leaks when the slope of the last two thirds matters and its interval lies above 0."""
    hours, floors = _minima(labelled)
    slope = _slope(hours, floors)
    rest = floors - slope * hours
    source = np.random.default_rng(1)
    count = -(-len(rest) // _BLOCK)
    draws = []
    for starts in source.integers(0, max(len(rest) - _BLOCK, 1), (_DRAWS, count)):
        at = (starts[:, None] + np.arange(_BLOCK)).ravel()[: len(rest)] % len(rest)
        draws.append(_slope(hours, slope * hours + rest[at]))
    low, high = np.percentile(draws, [2.5, 97.5]).tolist()
    return Answer(slope > labelled.threshold_per_h and low > 0, slope, low, high)


def _minima(labelled: Labelled) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    hours, values = labelled.observed.elapsed_s / 3600, labelled.observed.values
    kept = np.isfinite(values) & (hours >= hours[0] + np.ptp(hours) / 3)
    hours, values = hours[kept], values[kept]
    edges = np.linspace(hours[0], hours[-1], _BUCKETS + 1)[1:-1]
    borders = np.searchsorted(hours, edges)
    parts = [part for part in np.split(np.arange(len(hours)), borders) if len(part)]
    return (
        np.array([hours[part].mean() for part in parts]),
        np.array([values[part].min() for part in parts]),
    )


def _slope(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    first, second = np.triu_indices(len(x), 1)
    return float(np.median((y[second] - y[first]) / (x[second] - x[first])))
