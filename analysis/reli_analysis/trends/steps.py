"""Growth in steps: many lasting rises, no falls, and no sign that they come less often."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.trends.spread import mad

if TYPE_CHECKING:
    from reli_analysis.trends.floors import Floors

_FEWEST_LEVELS = 24
_FEWEST_RISES = 8
_OVER_NOISE = 5.0
_OF_RANGE = 0.015
_OF_ALL = 0.8
_SLOWS = -1.645
_LONGEST_PAUSE = 3.0


def climbs_in_steps(floors: Floors) -> bool:
    """Whether nearly all of the range is at least 8 rises that go on as they began.

    A rise is a change between neighbours, joined with the next, of more than 5 standard deviations
    and 1.5 % of the range; a fall as large is none of it. They go on when the pause since the last is
    at most 3 mean ones and Laplace's test of a point process (Cox and Lewis 1966),
    ``(mean time / span - 1/2) sqrt(12 k)``, does not find them rarer with 95 %: a warm-up's are.
    Steps at random moments bend a line by chance, so a curve cannot tell them from a warm-up.
    """
    times_s, levels = floors.elapsed_s, floors.levels
    if len(levels) < _FEWEST_LEVELS or floors.sawtooth is not None:
        return False
    changes, spread = np.diff(levels), float(np.ptp(levels))
    least = max(_OVER_NOISE * mad(changes), _OF_RANGE * spread)
    if (changes < -least).any():
        return False
    rising = np.concatenate([[False], changes > least, [False]]).astype(int)
    first, last = np.flatnonzero(np.diff(rising)).reshape(-1, 2).T
    count = len(first)
    if count < _FEWEST_RISES or (levels[last] - levels[first]).sum() < _OF_ALL * spread:
        return False
    at_s = (times_s[first] + times_s[last]) / 2
    mean_share = float((at_s - times_s[0]).mean() / floors.span_s)
    pause_s = float(times_s[-1] - at_s[-1])
    return (
        bool((mean_share - 0.5) * np.sqrt(12 * count) > _SLOWS)
        and pause_s <= _LONGEST_PAUSE * floors.span_s / count
    )
