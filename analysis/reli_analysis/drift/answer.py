"""What the shape of a quantity says about drift: there is some, there is none above X, or unknown."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.drift.changes import Levels, shape_of_levels
from reli_analysis.drift.fit import FEWEST_A_LEVEL, STILL_THERE, Fit

if TYPE_CHECKING:
    from collections.abc import Callable

    from reli_analysis.drift.model import Shape
    from reli_analysis.drift.source import Source
    from reli_analysis.trends.posterior import Posterior

FEWEST_LEVELS = 12

SURE = 0.99
"""Drift that fails a run is in the bad direction with this probability."""

_CHECKS = 2
_CHECK_SHARE = 0.04
_LONGER = (1.25, 20.0)


class Drift(enum.Enum):
    """The three answers."""

    DRIFT = "DRIFT"
    NONE = "NO DRIFT ABOVE"
    UNKNOWN = "INCONCLUSIVE"


@dataclass(frozen=True)
class Answer:
    """What was found between ``start_s`` and ``end_s``.

    ``change`` is that over the run (from ``reference_s`` on, where an earlier level was left for
    good by an improvement), ``low`` to ``high`` its 95 % interval, ``start`` the level it began
    from; all in the quantity's unit. ``passing`` tells of steps that took each other back.
    ``needed_s`` is how long a run would tell. ``why`` names the rule that decided.
    """

    drift: Drift
    why: str
    shape: Shape
    change: float
    low: float
    high: float
    start: float
    threshold: float
    start_s: float
    end_s: float
    reference_s: float
    passing: bool = False
    needed_s: float | None = None

    @property
    def length_s(self) -> float:
        return self.end_s - self.reference_s

    @property
    def per_h(self) -> tuple[float, float, float]:
        """Estimate, low and high of the mean change an hour."""
        hours = self.length_s / 3600
        return self.change / hours, self.low / hours, self.high / hours


def answer(
    levels: Levels,
    source: Source | None,
    worse: int,
    threshold_of: Callable[[float], float],
) -> Answer:
    """The three answers for levels, of which there are at least 12.

    ``worse`` is 1 when more is worse, -1 when less is, 0 when either is drift. The change over the
    run is the coefficient of a regression (``trends.noise``) with the steps that were found.

    DRIFT: a step or a slope is believed, the change is X or more, in the bad direction with
    probability 0.99, and still there in the last two checks (the medians of 4 % of
    the run each): what goes away again is a passing rise. NONE: the 95 % interval of the change ends
    below X, its middle by ends alone (last quarter less first) does, and neither of the last levels
    lies X above what was fitted. Else UNKNOWN.
    """
    shape = shape_of_levels(levels, source, FEWEST_A_LEVEL)
    fit = Fit(levels, shape)
    reference = fit.reference(worse)
    start = float(fit.fitted[reference])
    threshold = threshold_of(start)
    change, bound = fit.change(reference), fit.bound(reference)
    low, high = bound.interval
    found = Answer(
        Drift.UNKNOWN,
        "the interval holds the threshold",
        shape,
        bound.estimate,
        low,
        high,
        start,
        threshold,
        float(levels.elapsed_s[0]),
        levels.end_s,
        float(levels.elapsed_s[reference]),
        passing=_passing(shape, change.estimate, worse),
    )
    sides = (1, -1) if worse == 0 else (worse,)
    claimed = [side for side in sides if _drifts(found, change, side)]
    if any(_stays(found, fit, side) for side in claimed):
        low, high = change.interval
        told = replace(found, change=change.estimate, low=low, high=high)
        return replace(told, drift=Drift.DRIFT, why="the change is believed, matters and stays")
    sudden = bool(claimed) or any(
        fit.late(side, threshold) or _surely(found, side) for side in sides
    )
    if not sudden and all(_none(found, fit, side) for side in sides):
        return replace(found, drift=Drift.NONE, why="the interval ends below the threshold")
    if sudden or all(_within(found, side) for side in sides):
        needed = _LONGER[0] * found.length_s
        return replace(found, why="it changed too late to tell whether it stays", needed_s=needed)
    return replace(found, needed_s=needed_s(found, sides))


def _drifts(found: Answer, change: Posterior, side: int) -> bool:
    believed = bool(found.shape.changes) or found.shape.slope is not None
    sure = change.above(0.0) if side > 0 else change.below(0.0)
    return believed and sure >= SURE and side * change.estimate >= found.threshold


def _stays(found: Answer, fit: Fit, side: int) -> bool:
    """Whether both of the last two checks still show it."""
    size = max(1, round(_CHECK_SHARE * len(fit.plain)))
    last = np.median(fit.plain[-_CHECKS * size :].reshape(_CHECKS, size), axis=1)
    return bool((side * (last - found.start) > STILL_THERE * found.threshold).all())


def _surely(found: Answer, side: int) -> bool:
    """Whether the whole interval lies beyond X on the bad side."""
    return (found.low if side > 0 else -found.high) > found.threshold


def _none(found: Answer, fit: Fit, side: int) -> bool:
    return _within(found, side) and side * fit.by_ends() < found.threshold


def _within(found: Answer, side: int) -> bool:
    return (found.high if side > 0 else -found.low) < found.threshold


def _passing(shape: Shape, change: float, worse: int) -> bool:
    """Whether some step was taken back: larger than what is left of all."""
    bad = [c for c in shape.changes if worse == 0 or c.size * worse > 0]
    return any(abs(c.size) > 2 * abs(change) for c in bad) and len(shape.changes) > 1


def needed_s(found: Answer, sides: tuple[int, ...]) -> float:
    """How long the run would have to be, at least.

    The interval of a mean change narrows with the length T as T^(-1/2); the room that it must fit
    in is what lies between the estimate and X, at least 0.3 X.
    """
    half = (found.high - found.low) / 2
    least = min(abs(found.threshold - side * found.change) for side in sides)
    room = max(least, 0.3 * found.threshold)
    shortest, longest = _LONGER
    return found.length_s * float(np.clip((half / room) ** 2, shortest, longest))
