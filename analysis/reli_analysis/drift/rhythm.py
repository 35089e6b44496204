"""Behaviour that comes back after the same time: a cron job, a collector, a checkpoint."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.drift.source import Source

_CELLS = 576
_FEWEST_CELLS = 48
_FEWEST_CYCLES = 5
_CELLS_A_CYCLE = 3
_PADDING = 4
_HARMONICS = (1, 2, 4, 8)
_CHANCE = 1e-7
_AROUND = 24
_ALIKE = 0.7
_PHASES = 24
_KNOWN = 0.8
_PEAKS = 0.3


@dataclass(frozen=True)
class Rhythm:
    """``period_s`` and the height of the usual cycle, from its trough to its peak, in the unit.

    ``high_share`` is the share of the cycle above half of that height.
    """

    period_s: float
    amplitude: float
    high_share: float

    @property
    def kind(self) -> str:
        """What it looks like: short peaks, or a wave."""
        return "peaks" if self.high_share <= _PEAKS else "wave"


def find_rhythm(source: Source) -> Rhythm | None:
    """The rhythm of a source with at least 5 cycles in it, or ``None``.

    The periodogram of up to 576 levels, without a running mean, is compared with its own
    neighbourhood (the median of 24 frequencies on each side: noise with memory has no flat spectrum).
    A frequency and its first 1, 2, 4 or 8 multiples add up to a Gamma variate under noise; less
    than 1e-7 of chance is a rhythm, when the cycles of both halves of the run are alike too
    (correlation 0.7 of their folded medians).
    """
    intervals = max(1, round((source.end_s - source.start_s) / source.interval_s))
    width_s = max(1, intervals // _CELLS) * source.interval_s
    count = int((source.end_s - source.start_s) / width_s + 1e-6)
    if count < _FEWEST_CELLS:
        return None
    borders_s = source.end_s - width_s * np.arange(count, -1, -1, dtype=np.float64)
    levels = source.levels(borders_s)
    known = np.isfinite(levels)
    if known.mean() < _KNOWN or np.ptp(levels[known]) <= 0:
        return None
    filled = np.interp(np.arange(count), np.flatnonzero(known), levels[known])
    rest = _without_trend(filled)
    cycles = _cycles(rest)
    if cycles is None:
        return None
    return _folded(rest, cycles, width_s)


def _without_trend(levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Less a running median over a quarter, so that steps and slopes are no rhythm; cut at 6 MAD."""
    half = max(2, len(levels) // (2 * _FEWEST_CYCLES))
    padded = np.pad(levels, half, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1)
    rest = levels - np.median(windows, axis=1)
    return np.asarray(rest - rest.mean())


def _cycles(rest: NDArray[np.float64]) -> float | None:
    """How many cycles the levels hold of the frequency that stands out most."""
    n = len(rest)
    power = np.abs(np.fft.rfft(rest * np.hanning(n), _PADDING * n)) ** 2
    padded = np.pad(power, _AROUND * _PADDING, mode="reflect")
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * _AROUND * _PADDING + 1)
    usual = np.median(around[:, :: _PADDING // 2], axis=1) / np.log(2)
    ratio = power / np.maximum(usual, np.finfo(float).tiny)
    first, last = _FEWEST_CYCLES * _PADDING, len(power) // 2 * 2 // _CELLS_A_CYCLE * 2
    candidates = np.arange(first, min(last, len(power)))
    best, chance, of_best = None, float(np.log(_CHANCE / len(candidates))), 1
    for harmonics in _HARMONICS:
        of = candidates[candidates * harmonics < len(power)]
        if not len(of):
            continue
        total = sum(ratio[of * k] for k in range(1, harmonics + 1))
        unlikely = _log_tail(harmonics, total)
        at = int(np.argmin(unlikely))
        if unlikely[at] < chance:
            best, chance, of_best = float(of[at]) / _PADDING, float(unlikely[at]), harmonics
    return None if best is None else _closer(rest, best, of_best)


def _closer(rest: NDArray[np.float64], cycles: float, harmonics: int) -> float:
    """The frequency close by at which it and its multiples have most power."""
    n = len(rest)
    near = cycles + np.linspace(-1 / _PADDING, 1 / _PADDING, 101)
    phase = 2j * np.pi * np.outer(near, np.arange(n) / n)
    power = sum(np.abs(np.exp(k * phase) @ rest) ** 2 for k in range(1, harmonics + 1))
    return float(near[np.argmax(power)])


def _log_tail(shape: int, total: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logarithm of the probability that a Gamma variate of a whole shape exceeds a value."""
    terms = [k * np.log(np.maximum(total, 1e-300)) - math.lgamma(k + 1) for k in range(shape)]
    return np.asarray(np.logaddexp.reduce(terms, axis=0) - total)


def _folded(rest: NDArray[np.float64], cycles: float, width_s: float) -> Rhythm | None:
    """The usual cycle, when both halves of the run have it."""
    n = len(rest)
    phases = min(_PHASES, max(_CELLS_A_CYCLE, int(n / cycles)))
    phase = ((np.arange(n) * cycles / n + 1e-9) % 1 * phases).astype(int)
    halves = []
    for part in (slice(0, n // 2), slice(n // 2, n)):
        folded = [rest[part][phase[part] == k] for k in range(phases)]
        halves.append([np.median(cell) if len(cell) else np.nan for cell in folded])
    first, second = np.array(halves)[:, np.isfinite(halves).all(axis=0)]
    if (
        len(first) < _CELLS_A_CYCLE
        or first.std() <= 0
        or second.std() <= 0
        or np.corrcoef(first, second)[0, 1] < _ALIKE
    ):
        return None
    usual = (first + second) / 2
    low, high = float(usual.min()), float(usual.max())
    share = float(np.mean(usual > (low + high) / 2))
    return Rhythm(n * width_s / cycles, high - low, share)
