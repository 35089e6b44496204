"""Reduces a series to the floors of equal stretches of time: what a collector cannot give back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.trends.sawtooth import Sawtooth, find_sawtooth

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.trends.observed import Observed

BUCKETS = 64
_SAMPLES = 3
_USUAL_SHARE = 0.25
_OVER_PERIOD = 1.5
_FEWEST_TEETH = 9


@dataclass(frozen=True)
class Floors:
    """Levels of buckets in order of time, arrays of one length.

    ``width_s`` is a bucket's; ``lives`` and ``requests_per_s`` as in ``Observed``; ``in_fault``
    marks buckets that touch a fault, or follow one.
    """

    elapsed_s: NDArray[np.float64]
    levels: NDArray[np.float64]
    lives: NDArray[np.int64]
    requests_per_s: NDArray[np.float64] | None
    in_fault: NDArray[np.bool_]
    width_s: float
    sawtooth: Sawtooth | None

    def __len__(self) -> int:
        return len(self.levels)

    @property
    def span_s(self) -> float:
        return float(self.elapsed_s[-1] - self.elapsed_s[0])

    def where(self, kept: NDArray[np.bool_]) -> Floors:
        """Some of the buckets."""
        load = self.requests_per_s
        return Floors(
            self.elapsed_s[kept],
            self.levels[kept],
            self.lives[kept],
            None if load is None else load[kept],
            self.in_fault[kept],
            self.width_s,
            self.sawtooth,
        )


def floors(observed: Observed) -> Floors:
    """The floors of a cleaned series with at least one sample.

    64 buckets; a bucket's level is the mean of the lower half of its samples. Under a sawtooth of
    which less than one and a half fit a bucket: the minimum of each tooth. A bucket with fewer than
    three samples, or than a quarter of the usual number, is left out. A life's buckets are its own.
    """
    start_s, length_s = float(observed.elapsed_s[0]), float(np.ptp(observed.elapsed_s)) + 1e-9
    sawtooth = _sawtooth(observed)
    level_of, edges_s = _lower_half, _equal_edges(observed, start_s, length_s)
    if sawtooth is not None and _OVER_PERIOD * sawtooth.period_s > length_s / BUCKETS:
        level_of, edges_s = _lowest, np.array([*sawtooth.peaks_s, start_s + length_s])
    width_s = float(np.median(np.diff(edges_s)))
    groups, load = _groups(observed, edges_s), observed.varying_load
    times_s = np.array([observed.elapsed_s[at].mean() for at in groups])
    return Floors(
        times_s,
        np.array([level_of(observed.values[at]) for at in groups]),
        np.array([observed.lives[at[0]] for at in groups], dtype=np.int64),
        None if load is None else np.array([load[at].mean() for at in groups]),
        _touch_fault(times_s, width_s, observed.faults),
        width_s,
        sawtooth,
    )


def _groups(observed: Observed, edges_s: NDArray[np.float64]) -> list[NDArray[np.int64]]:
    """The samples of each bucket and life."""
    place = np.searchsorted(edges_s, observed.elapsed_s, side="right") - 1
    counts = np.bincount(place[place >= 0])
    needed = max(_SAMPLES, _USUAL_SHARE * float(np.median(counts[counts > 0])))
    found: list[NDArray[np.int64]] = []
    for life in observed.life_numbers:
        own = np.flatnonzero((observed.lives == life) & (place >= 0))
        found += np.split(own, np.flatnonzero(np.diff(place[own])) + 1)
    return [at for at in found if len(at) >= needed]


def _equal_edges(observed: Observed, start_s: float, length_s: float) -> NDArray[np.float64]:
    buckets = max(1, min(BUCKETS, len(observed.values) // _SAMPLES))
    return np.linspace(start_s, start_s + length_s, buckets + 1)


def _sawtooth(observed: Observed) -> Sawtooth | None:
    """The sawtooth within a single life, after what follows the load is taken out."""
    if len(observed.life_numbers) > 1:
        return None
    values, load = observed.values, observed.varying_load
    if load is not None:
        clock = np.linspace(0, 1, len(values))
        design = np.stack([np.ones(len(values)), clock, load], axis=1)
        values = values - load * np.linalg.lstsq(design, values, rcond=None)[0][2]
    found = find_sawtooth(observed.elapsed_s, values)
    return found if found and len(found.peaks_s) >= _FEWEST_TEETH else None


def _lower_half(values: NDArray[np.float64]) -> float:
    half = (len(values) + 1) // 2
    return float(np.partition(values, half - 1)[:half].mean())


def _lowest(values: NDArray[np.float64]) -> float:
    return float(values.min())


def _touch_fault(
    elapsed_s: NDArray[np.float64], width_s: float, faults: tuple[tuple[float, float], ...]
) -> NDArray[np.bool_]:
    touched = np.zeros(len(elapsed_s), dtype=bool)
    for start_s, end_s in faults:
        touched |= (elapsed_s + width_s / 2 > start_s) & (elapsed_s - 1.5 * width_s < end_s)
    return touched
