"""Level shifts that are no growth: a cache that was emptied, a feature that was switched on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from reli_analysis.trends.spread import noise

if TYPE_CHECKING:
    from numpy.typing import NDArray

_REACH = 3
_MEMORY = 12
_MOST_FALLS = 3
_FALL_OVER_NOISE = 5.0
_FALL_OF_LEVEL = 0.02
_FALL_OF_RANGE = 0.1
_RISE_OVER_NOISE = 8.0
_RISE_OF_RANGE = 0.4
_ANOTHER = 0.35


def find_shifts(levels: NDArray[np.float64]) -> tuple[int, ...]:
    """Where a new segment begins: up to three isolated lasting falls, and one dominating rise.

    Falls are cut only when no rise is a third as large, else cutting them alone would leave
    growth in a series that merely jumps about. A rise is cut when it has 40 % of the range and no
    other step, up or down, comes near it: one rise is a step, several are a staircase, which may
    be a leak. Steps are counted from the usual one, which a steady growth makes too.
    """
    n = len(levels)
    spread = float(np.ptp(levels)) if n else 0.0
    if n < _MEMORY or spread == 0:
        return ()
    steps, usual = jumps(levels), noise(levels)
    inner = slice(_REACH, n - _REACH + 1)
    steps[inner] -= np.median(steps[inner])
    falls = _falls(levels, steps, usual, spread)
    return tuple(sorted({*falls, *_rise(steps, usual, spread)}))


def jumps(levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far the median of the next three levels lies above that of the last three."""
    found = np.zeros(len(levels))
    if len(levels) >= 2 * _REACH:
        medians = np.median(sliding_window_view(levels, _REACH), axis=1)
        found[_REACH : len(levels) - _REACH + 1] = medians[_REACH:] - medians[:-_REACH]
    return found


def apart(found: list[int], at: int) -> bool:
    """Whether a place is none of those found, seen from the next bucket."""
    return all(abs(at - other) > _REACH for other in found)


def _falls(
    levels: NDArray[np.float64], steps: NDArray[np.float64], usual: float, spread: float
) -> list[int]:
    level = float(np.median(np.abs(levels)))
    least = max(_FALL_OVER_NOISE * usual, _FALL_OF_LEVEL * level, _FALL_OF_RANGE * spread)
    distinct: list[int] = []
    for at in np.argsort(steps).tolist():
        if steps[at] < -least and apart(distinct, at):
            distinct.append(at)
    falls = [at for at in distinct if _lasts(levels, steps, at)]
    if not 1 <= len(falls) <= _MOST_FALLS:
        return []
    deepest = -min(steps[at] for at in falls)
    rises = [at for at in np.flatnonzero(steps > _ANOTHER * deepest) if apart(falls, int(at))]
    return [] if rises else falls


def _lasts(levels: NDArray[np.float64], steps: NDArray[np.float64], at: int) -> bool:
    """Whether a fall goes below what was there before, and is not taken back."""
    depth = -steps[at]
    before, after = levels[max(0, at - _MEMORY) : max(0, at - 1)], levels[at : at + _MEMORY]
    if len(before) and before.min() <= np.median(levels[at : at + _REACH]) + 0.3 * depth:
        return False
    if len(after) < _REACH:
        return False
    old = np.median(levels[max(0, at - _REACH) : at])
    return bool(np.median(after) <= old - 0.5 * depth)


def _rise(steps: NDArray[np.float64], usual: float, spread: float) -> list[int]:
    at = int(np.argmax(steps))
    if steps[at] <= max(_RISE_OVER_NOISE * usual, _RISE_OF_RANGE * spread):
        return []
    high = np.flatnonzero(np.abs(steps) > _RISE_OVER_NOISE * usual).tolist()
    others = [abs(steps[i]) for i in high if apart([at], i)]
    return [at] if max(others, default=0.0) < _ANOTHER * steps[at] else []
