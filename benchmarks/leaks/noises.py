"""Laws of noise: how much a level moves by itself, and how long it remembers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.signal import lfilter

if TYPE_CHECKING:
    from numpy.typing import NDArray

LAWS = ("white", "short", "medium", "long", "heavy", "skewed", "mixed")
"""``short``, ``medium`` and ``long`` forget with a time constant of about 1/700, 1/70 and 1/10 run."""

_MEMORY = {"short": 1 / 700, "medium": 1 / 70, "long": 1 / 10}
_BURN_IN = 10


@dataclass(frozen=True)
class Part:
    """One part of the noise; ``memory_s`` 0 forgets at once."""

    sd: float
    memory_s: float

    def covariances(self, lags_s: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.memory_s == 0:
            return np.asarray(self.sd**2 * (lags_s == 0))
        return np.asarray(self.sd**2 * np.exp(-lags_s / self.memory_s))


def parts_of(law: str, sd: float, length_s: float, source: np.random.Generator) -> tuple[Part, ...]:
    """The parts of a law; memories vary by a factor of two to either side."""

    def memory_s(name: str) -> float:
        return length_s * _MEMORY[name] * float(np.exp(source.uniform(-0.7, 0.7)))

    if law in _MEMORY:
        return (Part(sd, memory_s(law)),)
    if law == "mixed":
        return Part(0.8 * sd, memory_s("medium")), Part(0.6 * sd, 0.0)
    return (Part(sd, 0.0),)


def drawn(
    law: str, parts: tuple[Part, ...], count: int, step_s: float, source: np.random.Generator
) -> NDArray[np.float64]:
    """``count`` values a step apart; heavy tails are Student's t(3), skewed ones an exponential."""
    values = np.zeros(count)
    for part in parts:
        values += part.sd * _unit(law, part.memory_s, count, step_s, source)
    return values


def _unit(
    law: str, memory_s: float, count: int, step_s: float, source: np.random.Generator
) -> NDArray[np.float64]:
    if law == "heavy":
        return np.asarray(source.standard_t(3, count) / np.sqrt(3))
    if law == "skewed":
        return np.asarray(source.standard_exponential(count) - 1)
    if memory_s == 0:
        return source.standard_normal(count)
    kept = np.exp(-step_s / memory_s)
    before = int(_BURN_IN * memory_s / step_s) + 1
    shocks = source.standard_normal(before + count) * np.sqrt(1 - kept**2)
    return np.asarray(lfilter([1.0], [1.0, -kept], shocks)[before:])
