"""Scripted series whose truth is known: what drifts, what does not, under many laws of noise."""

from __future__ import annotations

import functools
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.signal import lfilter

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

HALVES = ("tune", "test")
LENGTHS = ((900, 1.0), (1200, 1.0), (3600, 1.0), (4320, 5.0), (2880, 60.0))
"""Intervals and their seconds: 15 min, 20 min, an hour, 6 hours, two days."""

BASE = 12.0
MATTERS = 0.1
VISIBLE_Z = 6.0
_WARM = 4000
_SEEN = 200


@dataclass(frozen=True)
class Law:
    """A law of noise: a sum of parts with a memory in intervals and a share of the variance."""

    name: str
    parts: tuple[tuple[float, float], ...]
    tail: str = "normal"


LAWS = (
    Law("white", ((0, 1.0),)),
    Law("AR .5", ((1.44, 1.0),)),
    Law("AR .9", ((9.5, 1.0),)),
    Law("AR .98", ((49.5, 1.0),)),
    Law("slow and white", ((150, 0.1), (0, 0.9))),
    Law("very slow and white", ((400, 0.03), (0, 0.97))),
    Law("wandering", ((250, 0.6), (0, 0.4))),
    Law("heavy tails", ((0, 1.0),), "t3"),
    Law("heavy tails, AR .9", ((9.5, 0.5), (0, 0.5)), "t3"),
    Law("log-normal", ((0, 1.0),), "lognormal"),
)


@dataclass(frozen=True)
class Scripted:
    """``change`` is that from start to end as a share of the start, ``steps_s`` when steps happen.

    ``z`` is how many standard errors a fit that knows the shape sees of the change; infinite for
    series without one.
    """

    kind: str
    law: str
    elapsed_s: NDArray[Any]
    values: NDArray[np.float64]
    interval_s: float
    drifts: bool
    change: float = 0.0
    steps_s: tuple[float, ...] = ()
    steady: bool = True
    z: float = np.inf


def noise(law: Law, n: int, source: np.random.Generator) -> NDArray[np.float64]:
    """Of standard deviation 1."""
    total = np.zeros(n)
    for memory, share in law.parts:
        phi = float(np.exp(-1 / memory)) if memory else 0.0
        shocks = source.standard_normal(n + _WARM)
        if law.tail == "t3" and not memory:
            shocks = source.standard_t(3, n + _WARM) / np.sqrt(3)
        if law.tail == "lognormal":
            shocks = (np.exp(0.8 * shocks) - np.exp(0.32)) / 1.31
        part = lfilter([np.sqrt(1 - phi**2)], [1, -phi], shocks)[_WARM:]
        total += np.sqrt(share) * part
    return total


@functools.cache
def standard_error(law: Law, n: int, at: int) -> float:
    """Of the difference of the means before and after ``at``, under a law, by simulation."""
    source = np.random.default_rng(zlib.crc32(f"{law.name} {n} {at}".encode()))
    found = []
    for _ in range(_SEEN):
        one = noise(law, n, source)
        found.append(one[at:].mean() - one[:at].mean())
    return float(np.std(found))


def _flat(share: NDArray[np.float64], _source: np.random.Generator) -> _Shape:
    return _Shape(np.zeros(len(share)))


@dataclass(frozen=True)
class _Shape:
    """The change at each moment as a share of the start; ``at`` are the places of steps."""

    change: NDArray[Any]
    at: tuple[int, ...] = ()
    steady: bool = True


def _wave(share: NDArray[np.float64], source: np.random.Generator) -> _Shape:
    cycles, height = source.uniform(6, 60), source.uniform(0.1, 0.4)
    return _Shape(height * np.sin(2 * np.pi * (cycles * share + source.random())))


def _peaks(share: NDArray[np.float64], source: np.random.Generator) -> _Shape:
    cycles, height = source.uniform(6, 40), source.uniform(0.3, 1.5)
    phase = (cycles * share + source.random()) % 1
    return _Shape(height * (phase < source.uniform(0.04, 0.2)))


def _sawtooth(share: NDArray[np.float64], source: np.random.Generator) -> _Shape:
    cycles, height = source.uniform(6, 60), source.uniform(0.1, 0.5)
    return _Shape(height * ((cycles * share + source.random()) % 1))


def _passing(share: NDArray[np.float64], source: np.random.Generator) -> _Shape:
    start, length = source.uniform(0.15, 0.6), source.uniform(0.05, 0.25)
    height = source.uniform(0.2, 0.6)
    return _Shape(height * ((share >= start) & (share < start + length)), steady=False)


def _better(share: NDArray[np.float64], source: np.random.Generator) -> _Shape:
    start = source.uniform(0.1, 0.7)
    return _Shape(-0.25 * (share >= start), steady=False)


def _settling(share: NDArray[np.float64], source: np.random.Generator) -> _Shape:
    return _Shape(0.5 * np.exp(-share / source.uniform(0.02, 0.1)), steady=False)


def _slow(share: NDArray[np.float64], source: np.random.Generator) -> _Shape:
    return _Shape(source.uniform(0.15, 0.5) * share)


def _late(share: NDArray[np.float64], source: np.random.Generator) -> _Shape:
    start = source.uniform(0.3, 0.6)
    return _Shape(source.uniform(0.2, 0.5) * np.maximum(share - start, 0) / (1 - start))


def _step(share: NDArray[np.float64], source: np.random.Generator) -> _Shape:
    at = int(len(share) * source.uniform(0.2, 0.8))
    return _Shape(0.2 * (np.arange(len(share)) >= at), (at,))


def _steps(share: NDArray[np.float64], source: np.random.Generator) -> _Shape:
    first, second = (int(len(share) * source.uniform(*r)) for r in ((0.2, 0.4), (0.6, 0.8)))
    place = np.arange(len(share))
    return _Shape(0.2 * (place >= first) + 0.25 * (place >= second), (first, second))


def _step_in_wave(share: NDArray[np.float64], source: np.random.Generator) -> _Shape:
    step, wave = _step(share, source), _wave(share, source)
    return _Shape(step.change + wave.change / 2, step.at)


def _slow_in_peaks(share: NDArray[np.float64], source: np.random.Generator) -> _Shape:
    return _Shape(_slow(share, source).change + _peaks(share, source).change / 3)


def _after_settling(share: NDArray[np.float64], source: np.random.Generator) -> _Shape:
    """Slow at first, then settled, then 20 % slower: still no slower than at the very start."""
    step = _step(np.asarray(share), source)
    at = int(len(share) * source.uniform(0.5, 0.8))
    place = np.arange(len(share))
    del step
    return _Shape(-0.25 * (place >= int(0.12 * len(share))) + 0.2 * (place >= at), (at,))


CLEAN: dict[str, Callable[..., _Shape]] = {
    "flat": _flat,
    "wave": _wave,
    "peaks": _peaks,
    "sawtooth": _sawtooth,
    "passing rise": _passing,
    "better": _better,
    "settling": _settling,
}
DRIFTING: dict[str, Callable[..., _Shape]] = {
    "slow": _slow,
    "late": _late,
    "step of 20 %": _step,
    "two steps": _steps,
    "step in a wave": _step_in_wave,
    "slow in peaks": _slow_in_peaks,
    "step after settling": _after_settling,
}


def scripted(kind: str, half: str, seed: int) -> Scripted:
    """The same for the same arguments, on any machine."""
    source = np.random.default_rng([zlib.crc32(kind.encode()), HALVES.index(half), seed])
    law = LAWS[int(source.integers(len(LAWS)))]
    n, interval_s = LENGTHS[int(source.integers(len(LENGTHS)))]
    share = np.arange(n) / n
    shape = (CLEAN | DRIFTING)[kind](share, source)
    sd = source.uniform(0.03, 0.12)
    values = BASE * (1 + shape.change + sd * noise(law, n, source))
    change, z = 0.0, np.inf
    if kind in DRIFTING:
        at = shape.at[-1] if shape.at else n // 2
        before = shape.change[: shape.at[0]].mean() if shape.at else shape.change[0]
        change = float(shape.change[-(n // 20) :].mean() - before)
        if kind == "step after settling":
            change = 0.2 / 0.75
        if kind in {"step in a wave", "slow in peaks"}:
            change = 0.2 if shape.at else change
        z = abs(0.2 if shape.at else change / 2) / (
            sd * standard_error(law, n, at * 20 // n * n // 20)
        )
    return Scripted(
        kind,
        law.name,
        np.arange(n) * interval_s,
        np.maximum(values, 0.0),
        interval_s,
        kind in DRIFTING,
        change,
        tuple(at * interval_s for at in shape.at),
        shape.steady,
        z,
    )
