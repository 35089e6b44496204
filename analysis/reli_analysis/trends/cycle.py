"""A rhythm in the levels whose cause was not recorded, such as a daily load."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FEWEST_LEVELS = 24
_FEWEST_CYCLES = 1.75
_STEP = 0.125
_DOMINATES = 0.6


def find_cycle(times: NDArray[np.float64], levels: NDArray[np.float64]) -> float | None:
    """How many cycles of one sine the run holds when it explains 60 % of what no parabola does.

    At least 1.75 cycles, at most one in four levels; ``None`` without such a sine (a periodogram
    by least squares, exact at irregular times: Lomb 1976).
    """
    n = len(levels)
    if n < _FEWEST_LEVELS:
        return None
    x = (times - times[0]) / (times[-1] - times[0])
    rest = levels - np.polyval(np.polyfit(x, levels, 2), x)
    total = float(rest @ rest)
    if total <= 0:
        return None
    cycles = np.arange(_FEWEST_CYCLES, n / 4, _STEP)
    phases = 2 * np.pi * np.outer(cycles, x)
    waves = np.stack([np.cos(phases), np.sin(phases)], axis=1)
    moments = waves @ rest
    grams = waves @ np.swapaxes(waves, 1, 2)
    explained = np.einsum("ki,ki->k", moments, np.linalg.solve(grams, moments[..., None])[..., 0])
    best = int(np.argmax(explained))
    return float(cycles[best]) if explained[best] > _DOMINATES * total else None


def waves(times: NDArray[np.float64], cycles: float) -> NDArray[np.float64]:
    """Two columns of a design, shape (n, 2): the sine and cosine of that rhythm."""
    phase = 2 * np.pi * cycles * (times - times[0]) / (times[-1] - times[0])
    return np.stack([np.cos(phase), np.sin(phase)], axis=1)
