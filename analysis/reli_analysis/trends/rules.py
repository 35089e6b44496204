"""From a slope with its uncertainty to an answer."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.trends.clocks import TIME, Clock, find_clock, other_clocks
from reli_analysis.trends.doubling import doubles
from reli_analysis.trends.settling import settles
from reli_analysis.trends.steps import climbs_in_steps
from reli_analysis.trends.window import Bend, Window, clock_s, find_window

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.trends.observed import Observed
    from reli_analysis.trends.posterior import Posterior
    from reli_analysis.trends.prepared import Prepared

SURE = 0.99
SURE_OF_LAST_LIFE = 0.995
SURE_OF_ONSET = 0.999
_LAST_LIFE = 0.2
_FEWEST_IN_LAST_LIFE = 12
_STILL_GROWING = 0.3
_LATE_GROWTH = 3.0
_LATE_WINDOW = 0.5


class Growth(enum.Enum):
    """The three answers."""

    LEAK = "leak"
    NONE = "none"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Judged:
    """All levels, the window of them that is judged, and what its growth follows."""

    prepared: Prepared
    window: Window
    clock: Clock
    settled: bool

    @property
    def slope(self) -> Posterior:
        return self.clock.slope


def judge(observed: Observed, prepared: Prepared) -> Judged | None:
    """Find the window and the clock; ``None`` when growth cannot be told from the load's.

    A counter's step, up or down within the window, may go unseen: that is twice the standard error
    added to the slope. What is counted and does grow comes one by one at random: that adds the
    standard error of a Poisson rate, ``sqrt(rate / span)``.
    """
    window = find_window(prepared)
    if window is None:
        return None
    clock = find_clock(observed, window)
    span_s = window.prepared.floors.span_s
    slope = clock.slope.widened(prepared.resolution / 2 / span_s)
    if slope.above(0.0) >= SURE and (observed.values == np.rint(observed.values)).all():
        slope = slope.widened(math.sqrt(max(slope.estimate, 0.0) / span_s))
    whole = prepared.where(np.ones(len(prepared), dtype=bool))
    settled = window.slows_at_first and settles(whole, _followed(observed, whole, clock))
    return Judged(prepared, window, replace(clock, slope=slope), settled)


def _followed(observed: Observed, prepared: Prepared, clock: Clock) -> list[NDArray[np.float64]]:
    """The clock that growth follows at all levels, when it is not time."""
    others = other_clocks(observed, prepared.floors.elapsed_s) if clock.name != TIME else []
    return [seconds for name, seconds in others if name == clock.name]


def decide(judged: Judged, threshold: float) -> tuple[Growth, str]:
    """The answer and the rule that gave it; ``threshold`` in units a second.

    LEAK: the slope is above 0 with 99 %, since an onset that was searched for with 99.9 %, and at
    least the threshold, still under way in the last third; or what grows does so in steps. NONE:
    the slope's 97.5 % end lies below the threshold, and no growth began in the last third. In
    between: UNKNOWN.
    """
    prepared, window, slope = judged.prepared, judged.window, judged.slope
    if slope.estimate >= threshold and _plain(prepared) and doubles(prepared.floors):
        return Growth.LEAK, "growth in doubling steps"
    if slope.estimate >= threshold and _plain(prepared) and climbs_in_steps(prepared.floors):
        return Growth.LEAK, "growth in steps"
    tail = _tail(window)
    if judged.settled or window.bend is Bend.SLOWING:
        flat = _flat(slope, tail, threshold) and not _creeps(window, slope, threshold)
        return Growth.NONE if flat else Growth.UNKNOWN, "growth that slows down"
    sure = SURE_OF_ONSET if window.speeds_up_once else SURE
    if grows(slope, threshold, sure) and _under_way(slope, tail):
        return Growth.LEAK, "steady growth"
    if _flat(slope, tail, threshold):
        return Growth.NONE, "no growth"
    return Growth.UNKNOWN, "the interval holds both"


def grows(slope: Posterior, threshold: float, sure: float = SURE) -> bool:
    """Whether there is growth, as sure as that, and as much as matters."""
    return slope.estimate >= threshold and slope.above(0.0) >= sure


def _plain(prepared: Prepared) -> bool:
    """Whether the levels are moved by nothing but growth and noise."""
    return not prepared.has_lives and not prepared.others.shape[1]


def _under_way(slope: Posterior, tail: Posterior | None) -> bool:
    return tail is None or tail.quantile(0.975) > _STILL_GROWING * slope.estimate


def _flat(slope: Posterior, tail: Posterior | None, threshold: float) -> bool:
    """No growth over the window, and none that began in its last third and is sure by itself."""
    if slope.quantile(0.975) >= threshold:
        return False
    return (
        tail is None
        or tail.quantile(0.975) < _LATE_GROWTH * threshold
        or not grows(tail, threshold)
    )


def _creeps(window: Window, slope: Posterior, threshold: float) -> bool:
    """Whether it still grows for sure in a late window, though by less than what matters."""
    late = window.left_out >= _LATE_WINDOW
    return late and slope.estimate > _STILL_GROWING * threshold and slope.above(0.0) >= SURE


def _tail(window: Window) -> Posterior | None:
    """The slope of the window's last third alone; ``None`` when it has too few levels.

    What else moves the levels is taken out as the whole window shows it: a third of a wave is a
    slope.
    """
    whole, bare = window.prepared, bare_levels(window)
    elapsed_s = whole.floors.elapsed_s
    late = elapsed_s >= elapsed_s[0] + (elapsed_s[-1] - elapsed_s[0]) * 2 / 3
    floors = replace(whole.floors, levels=bare)
    part = replace(whole, floors=floors, others=np.empty((len(whole), 0))).where(late)
    design = part.design(clock_s(part)) if len(part) else np.empty((0, 1))
    if len(part) < max(6, design.shape[1] + 3):
        return None
    return part.laws().fit(design, part.floors.levels)


def bare_levels(window: Window) -> NDArray[np.float64]:
    """The levels without what a line with the other causes says that those do."""
    part = window.prepared
    first = part.design().shape[1] - part.others.shape[1]
    fitted = np.linalg.lstsq(part.design(clock_s(part)), part.floors.levels, rcond=None)[0]
    return np.asarray(part.floors.levels - part.others @ fitted[first:-1])


def last_life(observed: Observed, prepared: Prepared) -> Judged | None:
    """The last of several lives by itself, when it is long enough and straight somewhere."""
    if not prepared.has_lives:
        return None
    alone = prepared.where(prepared.floors.lives == prepared.floors.lives[-1])
    if len(alone) < _FEWEST_IN_LAST_LIFE:
        return None
    if alone.floors.span_s < _LAST_LIFE * prepared.floors.span_s:
        return None
    judged = judge(observed, alone)
    return judged if judged and judged.window.bend is Bend.NONE else None


def leaks_alone(last: Posterior, all_lives: Posterior, threshold: float) -> bool:
    """Whether the last life leaks though the lives together do not, or at another rate."""
    if not grows(last, threshold, SURE_OF_LAST_LIFE):
        return False
    if not grows(all_lives, threshold):
        return True
    spread = np.hypot(*(np.ptp(one.interval) / 4 for one in (last, all_lives)))
    return bool(abs(last.estimate - all_lives.estimate) > 2 * spread)
