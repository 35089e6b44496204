"""One quantity of one target over time: what a trend is asked of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.trends.spread import noise

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FAILED_READ = 0.02
"""A value below this share of the median is a read that failed, not a level."""

_VARIES = 0.1
"""Coefficient of variation from which the load's own changes must be told from growth."""

_KNOWN_LOAD = 0.5

_STANDS_STILL = 0.6
_CONSTANT = 1e-12


@dataclass(frozen=True)
class Observed:
    """Samples, arrays of one length; NaN is a value that could not be read.

    ``lives`` numbers the process that each sample is of (a restart begins the next).
    ``requests_per_s`` is the load at the same moments, NaN where a moment has none and ``None``
    where it is not known at all. ``faults`` are the stretches (start, end, in seconds) in which a
    fault was injected.
    """

    elapsed_s: NDArray[np.float64]
    values: NDArray[np.float64]
    lives: NDArray[np.int64]
    requests_per_s: NDArray[np.float64] | None = None
    faults: tuple[tuple[float, float], ...] = ()

    def where(self, kept: NDArray[np.bool_] | NDArray[np.int64]) -> Observed:
        """Some of the samples."""
        load = self.requests_per_s
        return Observed(
            self.elapsed_s[kept],
            self.values[kept],
            self.lives[kept],
            None if load is None else load[kept],
            self.faults,
        )

    @property
    def life_numbers(self) -> list[int]:
        """The number of each life, ascending; nearly always there is one."""
        if not len(self.lives):
            return []
        if (self.lives == self.lives[0]).all():
            return [int(self.lives[0])]
        return [int(life) for life in np.unique(self.lives)]

    @property
    def load(self) -> NDArray[np.float64] | None:
        """The load, straight between its known moments; ``None`` when half of them are unknown."""
        load = self.requests_per_s
        if load is None or not len(load):
            return None
        known = np.isfinite(load)
        if known.mean() < _KNOWN_LOAD:
            return None
        return np.interp(self.elapsed_s, self.elapsed_s[known], load[known])

    @property
    def varying_load(self) -> NDArray[np.float64] | None:
        """The load, when it is known and changes enough to matter."""
        load = self.load
        if load is None or load.mean() <= 0:
            return None
        return load if load.std() > _VARIES * load.mean() else None


def cleaned(observed: Observed) -> Observed:
    """In order of time, without what was not measured, failed reads, and lone outliers of a life.

    Lone outliers go by a median of three neighbours.
    """
    in_order = observed
    if (np.diff(observed.elapsed_s) < 0).any():
        in_order = observed.where(np.argsort(observed.elapsed_s, kind="stable"))
    known = in_order.where(np.isfinite(in_order.values) & np.isfinite(in_order.elapsed_s))
    if not len(known.values):
        return known
    known = known.where(known.values >= _FAILED_READ * np.median(known.values))
    values = known.values.copy()
    for life in known.life_numbers:
        at = np.flatnonzero(known.lives == life)
        if len(at) >= 3:
            own = known.values[at]
            before, here, after = own[:-2], own[1:-1], own[2:]
            low, high = np.minimum(before, after), np.maximum(before, after)
            values[at[1:-1]] = np.clip(here, low, high)
    return Observed(known.elapsed_s, values, known.lives, known.requests_per_s, known.faults)


def resolution(observed: Observed, levels: NDArray[np.float64]) -> float:
    """How much a value may change unseen: the step of a counter that mostly stands still, else 0.

    When six neighbours in ten are equal, or the floors do not move at all, noise does not carry the
    values across the steps between them, and averages cannot be finer than a step.
    """
    values = observed.values
    if len(values) < 2:
        return 0.0
    constant = noise(levels) <= _CONSTANT * float(np.abs(levels).max(initial=1.0))
    if not constant and np.mean(np.diff(values) == 0) < _STANDS_STILL:
        return 0.0
    steps = np.diff(np.unique(values))
    return float(steps.min()) if len(steps) else float(np.spacing(abs(values[0])))
