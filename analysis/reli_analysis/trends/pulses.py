"""Short rises that are given back: a batch job, not growth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.trends.spread import mad

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HALF_WINDOW = 10
_LONGEST = 8
_LONGEST_AT_EDGE = 2
_OVER_MAD = 6.0
_SHARE_OF_LEVEL = 0.01


def outside_pulses(levels: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which levels belong to no pulse.

    A pulse is up to 8 levels, 2 at either end, more than 6 standard deviations and 1 % of the
    base above the rolling median of 21, and neither rises nor falls by
    more than twice the other: what grew and is given back at once is no pulse. The deviation is that of
    what lies below that median, where pulses do not reach.
    """
    n = len(levels)
    kept = np.ones(n, dtype=bool)
    if n < _HALF_WINDOW + 5:
        return kept
    around = [levels[max(0, at - _HALF_WINDOW) : at + _HALF_WINDOW + 1] for at in range(n)]
    above = levels - np.array([np.median(window) for window in around])
    base = abs(float(np.median(levels)))
    usual = mad(np.concatenate([above[above <= 0], -above[above <= 0]]))
    high = (above > _OVER_MAD * usual) & (above > _SHARE_OF_LEVEL * base)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], high, [False]]).astype(int)))
    for first, end in edges.reshape(-1, 2):
        at_edge = first == 0 or end == n
        if at_edge and end - first <= _LONGEST_AT_EDGE:
            kept[first:end] = False
        if at_edge or end - first > _LONGEST:
            continue
        peak = levels[first:end].max()
        rise, fall = peak - levels[first - 1], peak - levels[end]
        if min(rise, fall) > max(rise, fall) / 2:
            kept[first:end] = False
    return kept
