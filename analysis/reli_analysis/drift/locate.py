"""When a step happened: looked at ever closer, down to single intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from reli_analysis.drift.evidence import whitening
from reli_analysis.drift.search import Search, Terms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.drift.source import Source

_CELLS = 96
_AROUND = 4.0
_FEWEST_AROUND = 40
"""Intervals on each side of a step that tell its levels and the noise about them."""

_MOST_CONTRAST = 2000
"""Intervals on each side from which it is learnt what differs; more would tell no more."""

_MOST_LOOKS = 5


class Moment(NamedTuple):
    """A moment with its 95 % interval, in seconds."""

    at_s: float
    low_s: float
    high_s: float


def locate(source: Source, first: Moment, width_s: float, room_s: tuple[float, float]) -> Moment:
    """The moment of a step that lies between other steps (``room_s``), seen in cells ``width_s``.

    Each look takes the stretch of ``first``'s interval and four cells around it, cuts it into up to
    96 cells, and asks the same of them as was asked of the whole; its interval is the central 95 %
    of where the step lies. It ends at single intervals of the source.
    """
    interval_s = source.interval_s
    side_s = max(_AROUND * width_s, _FEWEST_AROUND * interval_s)
    apart_s = min(width_s, _MOST_CONTRAST * interval_s)
    side_s = min(side_s, apart_s + _MOST_CONTRAST * interval_s)
    before_s = max(room_s[0], first.low_s - side_s), max(first.low_s - apart_s, room_s[0])
    after_s = min(first.high_s + apart_s, room_s[1]), min(room_s[1], first.high_s + side_s)
    closer = source.contrast(before_s, after_s)
    found = first
    for _ in range(_MOST_LOOKS):
        if width_s <= interval_s * 1.001:
            break
        side_s = max(_AROUND * width_s, _FEWEST_AROUND * interval_s)
        start_s = max(room_s[0], found.low_s - side_s)
        end_s = min(room_s[1], found.high_s + side_s)
        intervals = max(1, round((end_s - start_s) / interval_s))
        per_cell = max(1, -(-intervals // _CELLS))
        if per_cell * interval_s >= width_s:
            per_cell = max(1, int(width_s / interval_s / 2))
        width_s = per_cell * interval_s
        count = max(1, round((end_s - start_s) / width_s))
        borders_s = start_s + width_s * np.arange(count + 1, dtype=np.float64)
        look = _look(closer, borders_s)
        if look is None:
            break
        found = look
    return found


def _look(source: Source, borders_s: NDArray[np.float64]) -> Moment | None:
    levels = source.levels(borders_s)
    known = np.flatnonzero(np.isfinite(levels))
    if len(known) < 8 or np.ptp(levels[known]) <= 0:
        return None
    times = known.astype(np.float64)
    search = Search(whitening(times), times, levels[known], np.empty((len(known), 0)), 2)
    place = search.place(Terms())
    if place is None:
        return None
    at_s = borders_s[known]
    low, high = place.interval
    return Moment(float(at_s[place.best]), float(at_s[low]), float(at_s[high]))
