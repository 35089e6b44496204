"""Finds the sawtooth that a collector or a pool makes: memory climbs, and is given back at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.trends.spread import noise

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MEDIANS = 400
_FEWEST_MEDIANS = 60
_OVER_NOISE = 8.0
_FEWEST_VALLEYS = 5
_ONE_SIDED = 0.2
_MOST_IRREGULAR = 0.45
_USUAL_LEG = 0.6
_IN_BETWEEN = 0.25


@dataclass(frozen=True)
class Sawtooth:
    """``period_s`` from valley to valley, ``amplitude`` in the series' unit.

    ``peaks_s`` are the moments between which the teeth lie, each with one valley.
    """

    period_s: float
    amplitude: float
    peaks_s: tuple[float, ...]


def find_sawtooth(elapsed_s: NDArray[np.float64], values: NDArray[np.float64]) -> Sawtooth | None:
    """The sawtooth of a series, or ``None`` when it has none.

    A zigzag through 400 medians with the threshold ``max(A / 4, 3 noise)``, A the range of what
    is left of them without their trend. It is a sawtooth when A is 8 noise, there are 5 valleys in
    regular order (coefficient of variation below 0.45), the usual leg has 0.6 A, a quarter of
    the medians lie half-way up (a square wave's do not), and rises take longer than falls, or
    the reverse, by a fifth of the period (a sine's take the same).
    """
    count = min(_MEDIANS, len(values) // 3)
    if count < _FEWEST_MEDIANS:
        return None
    size = len(values) // count
    levels = np.median(values[: count * size].reshape(count, size), axis=1)
    times = elapsed_s[: count * size].reshape(count, size).mean(axis=1)
    rest = levels - np.polyval(np.polyfit(times - times[0], levels, 1), times - times[0])
    low, high = np.percentile(rest, [5, 95])
    amplitude, usual_noise = float(high - low), noise(levels)
    if amplitude < _OVER_NOISE * usual_noise:
        return None
    valleys, peaks = _zigzag(levels, max(amplitude / 4, 3 * usual_noise))
    if len(valleys) < _FEWEST_VALLEYS:
        return None
    periods = np.diff(times[valleys])
    rises = _rises(valleys, peaks)
    legs = [levels[peak] - levels[valley] for valley, peak in rises]
    half_way = np.mean((rest > low + amplitude / 4) & (rest < high - amplitude / 4))
    if (
        periods.std() >= _MOST_IRREGULAR * periods.mean()
        or not legs
        or np.median(legs) < _USUAL_LEG * amplitude
        or half_way < _IN_BETWEEN
    ):
        return None
    period_s = float(np.median(periods))
    rise_s = float(np.median([times[peak] - times[valley] for valley, peak in rises]))
    if abs(2 * rise_s - period_s) < _ONE_SIDED * period_s:
        return None
    return Sawtooth(period_s, amplitude, tuple(times[peaks].tolist()))


def _zigzag(levels: NDArray[np.float64], threshold: float) -> tuple[list[int], list[int]]:
    """Turning points that lie a threshold apart: valleys and peaks."""
    valleys: list[int] = []
    peaks: list[int] = []
    highest = lowest = 0
    rising: bool | None = None
    for at, level in enumerate(levels):
        highest = at if level > levels[highest] else highest
        lowest = at if level < levels[lowest] else lowest
        if rising is not False and levels[highest] - level >= threshold:
            peaks.append(highest)
            rising, lowest = False, at
        elif rising is not True and level - levels[lowest] >= threshold:
            valleys.append(lowest)
            rising, highest = True, at
    return valleys, peaks


def _rises(valleys: list[int], peaks: list[int]) -> list[tuple[int, int]]:
    """Each valley with the next peak after it."""
    later = np.searchsorted(peaks, valleys, side="right")
    return [(v, peaks[at]) for v, at in zip(valleys, later, strict=True) if at < len(peaks)]
