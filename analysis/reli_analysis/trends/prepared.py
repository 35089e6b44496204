"""The levels that a slope is asked of, and what else than growth moves them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.trends.cycle import find_cycle, waves
from reli_analysis.trends.floors import Floors, floors
from reli_analysis.trends.left_out import FAULT, PULSE, RESTART, SHIFT, LeftOut, stretches
from reli_analysis.trends.noise import Laws
from reli_analysis.trends.observed import resolution
from reli_analysis.trends.pulses import outside_pulses
from reli_analysis.trends.shifts import find_shifts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.trends.observed import Observed

_FEWEST_A_SEGMENT = 3


@dataclass(frozen=True)
class Prepared:
    """Levels without faults, pulses and the buckets that straddle a shift.

    ``segments`` numbers what has a level of its own: lives, and the parts on both sides of a
    shift. ``others`` are columns of the design, shape (n, any), that explain the levels beside
    growth: the load, or a rhythm. ``ages_s`` count from the beginning of each life.
    ``left_out`` tells what of the run is no longer there, ``resolution`` how much may change unseen.
    """

    floors: Floors
    segments: NDArray[np.int64]
    others: NDArray[np.float64]
    ages_s: NDArray[np.float64]
    shifts: int
    left_out: tuple[LeftOut, ...] = ()
    resolution: float = 0.0

    def __len__(self) -> int:
        return len(self.floors)

    @property
    def has_lives(self) -> bool:
        return len(np.unique(self.floors.lives)) > 1

    def where(self, kept: NDArray[np.bool_]) -> Prepared:
        """Some of the levels, without segments too short to have a slope."""
        segments = self.segments
        counts = {s: int((segments[kept] == s).sum()) for s in np.unique(segments)}
        kept = kept & np.array([counts[s] >= _FEWEST_A_SEGMENT for s in segments], dtype=bool)
        return Prepared(
            self.floors.where(kept),
            segments[kept],
            self.others[kept],
            self.ages_s[kept],
            self.shifts,
            self.left_out,
            self.resolution,
        )

    def laws(self) -> Laws:
        """Of noise at these levels: at least that of rounding, ``resolution / sqrt(12)``."""
        return Laws(self.times(), self.resolution / math.sqrt(12))

    def times(self) -> NDArray[np.float64]:
        """Times in buckets, as the laws of noise count."""
        return self.floors.elapsed_s / self.floors.width_s

    def design(self, *terms: NDArray[np.float64]) -> NDArray[np.float64]:
        """An intercept a segment, the other causes, and then ``terms``, each of n values."""
        intercepts = self.segments[:, None] == np.unique(self.segments)[None, :]
        columns = [intercepts.astype(float), self.others, *(term[:, None] for term in terms)]
        return np.concatenate(columns, axis=1)


def prepare(clean: Observed) -> Prepared | None:
    """From cleaned samples to levels; ``None`` when nothing is left."""
    if not len(clean.values):
        return None
    found = floors(clean)
    left_out = stretches(found, found.in_fault, FAULT)
    found = found.where(~found.in_fault)
    if found.sawtooth is None:
        outside = outside_pulses(found.levels)
        left_out += stretches(found, ~outside, PULSE)
        found = found.where(outside)
    if not len(found):
        return None
    segments, straddles, shifts = _segments(found)
    left_out += stretches(found, straddles, SHIFT if shifts else RESTART)
    kept = found.where(~straddles)
    ages_s = kept.elapsed_s.copy()
    for life in np.unique(kept.lives):
        ages_s[kept.lives == life] -= kept.elapsed_s[kept.lives == life][0]
    return Prepared(
        kept,
        segments[~straddles],
        _others(kept),
        ages_s,
        shifts,
        left_out,
        resolution(clean, kept.levels),
    )


def _segments(found: Floors) -> tuple[NDArray[np.int64], NDArray[np.bool_], int]:
    """Segment of each level, which levels straddle two, and how many shifts there are."""
    segments = found.lives.copy()
    straddles = np.concatenate([[False], segments[1:] != segments[:-1]])
    if found.sawtooth is not None or straddles.any():
        return segments, straddles, 0
    levels, load = found.levels, found.requests_per_s
    if load is not None:
        design = np.stack([np.ones(len(levels)), found.elapsed_s, load], axis=1)
        levels = levels - load * np.linalg.lstsq(design, levels, rcond=None)[0][2]
    shifts = find_shifts(levels)
    for at in shifts:
        segments[at:] += 1
        straddles[at - 1 : at + 1] = True
    return segments, straddles, len(shifts)


def _others(kept: Floors) -> NDArray[np.float64]:
    """The load where it varies; else a rhythm, if there is one."""
    load = kept.requests_per_s
    if load is not None:
        return np.asarray(load / load.mean())[:, None]
    cycles = None
    if kept.sawtooth is None and len(np.unique(kept.lives)) == 1:
        cycles = find_cycle(kept.elapsed_s, kept.levels)
    return np.empty((len(kept), 0)) if cycles is None else waves(kept.elapsed_s, cycles)
