"""Growth in a container that doubles: few rises, each larger and farther apart than the last."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.trends.shifts import apart, jumps
from reli_analysis.trends.spread import noise

if TYPE_CHECKING:
    from reli_analysis.trends.floors import Floors

_OVER_NOISE = 5.0
_OF_RANGE = 0.03
_SIZES = (1.4, 2.9)
_GAPS = (1.5, 2.7)
_OF_ALL = 0.6


def doubles(floors: Floors) -> bool:
    """Whether the last three rises grow by 1.4 to 2.9 and their distances by 1.5 to 2.7.

    They must make up 60 % of the range: a list or a hash table that keeps everything doubles its
    memory after twice as many entries.
    """
    elapsed_s, levels = floors.elapsed_s, floors.levels
    spread = float(np.ptp(levels))
    steps = jumps(levels)
    least = max(_OVER_NOISE * noise(levels), _OF_RANGE * spread)
    rises: list[int] = []
    for at in np.argsort(-steps).tolist():
        if steps[at] <= least:
            break
        if apart(rises, at):
            rises.append(at)
    last = sorted(rises)[-3:]
    if len(last) < 3:
        return False
    sizes, gaps = steps[last], np.diff(elapsed_s[last])
    growth = sizes[1:] / sizes[:-1]
    return bool(
        ((growth >= _SIZES[0]) & (growth <= _SIZES[1])).all()
        and _GAPS[0] <= gaps[1] / gaps[0] <= _GAPS[1]
        and sizes.sum() > _OF_ALL * spread
    )
