"""How long a run would have to be to tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reli_analysis.trends.posterior import Posterior

_LEAST = 1.25
_LEAST_ROOM = 0.3
_CAUTION = 1.5


def needed_s(length_s: float, slope: Posterior | None, threshold: float) -> float:
    """At least so many seconds, for a slope in units a second.

    The interval of a slope narrows with the length T as ``T^(-3/2)``, so T has to grow with the
    narrowing that is wanted to the power of 2/3: the distance from the estimate to the interval's
    upper end must fit between the estimate and the threshold. That assumes that the rest of the
    run is like what was seen, which is optimistic; hence half as much again. Without a slope:
    twice the run.
    """
    if slope is None:
        return 2.0 * length_s
    width = slope.interval[1] - slope.estimate
    room = max(abs(threshold - max(slope.estimate, 0.0)), _LEAST_ROOM * threshold)
    return _CAUTION * length_s * float(max(_LEAST, (width / room) ** (2 / 3)))
