"""Where growth is judged: after the warm-up, which is found from the data."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.trends.onset import speeds_up_once

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.trends.noise import Laws
    from reli_analysis.trends.posterior import Posterior
    from reli_analysis.trends.prepared import Prepared

LEFT_OUT = (0.0, 1 / 6, 1 / 3, 1 / 2, 2 / 3)
"""Shares of each life that are left out at its beginning, in the order in which they are tried."""

FEWEST = 8

_STRAIGHT = (0.08, 0.975)
_STRAIGHT_LATER = (0.25, 0.93)
_ALIKE = 0.97


class Bend(enum.Enum):
    """What the levels do in every window that was tried."""

    NONE = "straight"
    SLOWING = "slowing down"
    SPEEDING = "speeding up"


@dataclass(frozen=True)
class Window:
    """The levels that are judged, with the posterior of their slope in units a second.

    ``speeds_up_once`` when nothing grows until an onset, and then in a straight line.
    """

    prepared: Prepared
    left_out: float
    laws: Laws
    slope: Posterior
    bend: Bend
    slows_at_first: bool
    falls_at_first: bool
    speeds_up_once: bool = False

    @property
    def bent_before(self) -> bool:
        """Whether something fades that may not be over: a warm-up, or a cache that is given back."""
        return self.left_out > 0 and (self.slows_at_first or self.falls_at_first)


def clock_s(prepared: Prepared) -> NDArray[np.float64]:
    """Seconds about their mean, so that an intercept and a slope hardly depend on each other."""
    elapsed_s = prepared.floors.elapsed_s
    return np.asarray(elapsed_s - elapsed_s.mean())


def find_window(prepared: Prepared) -> Window | None:
    """The first window in which growth is straight.

    Each window leaves out more of the beginning of each life. With a quadratic term in the age
    beside the slope, growth counts as straight when 0.08 <= P(quadratic < 0) <= 0.975; once the
    beginning was not, what follows must be straighter: 0.25 to 0.93, because a bend that hardly
    shows biases a slope all the same. The upper side is wider: growth that slows down is
    no leak, but growth that does not must not be missed. Growth that begins within the run and is
    straight from then on keeps all levels. ``None`` when too few levels are left,
    or when the load grew along with time so that neither can be told from the other.
    """
    tried: list[Window] = []
    slows: list[float] = []
    for share in LEFT_OUT:
        part = prepared.where(_after(prepared, share))
        if len(part) < FEWEST or _load_grows_with_time(part):
            break
        laws, clock = part.laws(), clock_s(part)
        slope = laws.fit(part.design(clock), part.floors.levels)
        slows.append(_slows(part, laws, clock))
        low, high = _STRAIGHT if not tried else _STRAIGHT_LATER
        at_first = slows[0] > _STRAIGHT[1], bool(tried) and _falls_at_first(prepared)
        tried.append(Window(part, share, laws, slope, Bend.NONE, *at_first))
        if len(tried) == 1 and slows[0] < low and speeds_up_once(part, laws, slope):
            return replace(tried[0], speeds_up_once=True)
        if low <= slows[-1] <= high:
            return tried[-1]
    if not tried:
        return None
    bend = Bend.SLOWING if slows[-1] > _STRAIGHT[1] else Bend.SPEEDING
    return replace(tried[-1], bend=bend)


def _falls_at_first(prepared: Prepared) -> bool:
    """Whether the slope of each life's first third is below 0 with 97.5 %."""
    part = prepared.where(~_after(prepared, 1 / 3))
    clock = clock_s(part)
    design = part.design(clock)
    if len(part) < design.shape[1] + 3:
        return False
    return part.laws().fit(design, part.floors.levels).below(0.0) > _STRAIGHT[1]


def _after(prepared: Prepared, share: float) -> NDArray[np.bool_]:
    kept = np.zeros(len(prepared), dtype=bool)
    for life in np.unique(prepared.floors.lives):
        own = prepared.floors.lives == life
        kept |= own & (prepared.ages_s >= share * prepared.ages_s[own].max())
    return kept


def _slows(part: Prepared, laws: Laws, clock: NDArray[np.float64]) -> float:
    """P(the coefficient of the squared age is negative); 0.5 when it cannot be asked."""
    ages = part.ages_s - part.ages_s.mean()
    squared = ages**2 - np.mean(ages**2)
    design = part.design(clock, squared)
    if len(part) < design.shape[1] + 3:
        return 0.5
    return laws.fit(design, part.floors.levels).below(0.0)


def _load_grows_with_time(part: Prepared) -> bool:
    """Whether load and time, each without its segments' means, correlate by 0.97 or more."""
    if part.others.shape[1] != 1:
        return False
    intercepts = part.design()[:, :-1]
    basis, _ = np.linalg.qr(intercepts)

    def rest(column: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(column - basis @ (basis.T @ column))

    load, time = rest(part.others[:, 0]), rest(clock_s(part))
    size = float(np.linalg.norm(load) * np.linalg.norm(time))
    return size < 1e-9 or abs(float(load @ time)) > _ALIKE * size
