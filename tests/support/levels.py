"""Scripted series of one quantity, whose truth is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.trends.floors import floors
from reli_analysis.trends.observed import Observed, cleaned
from reli_analysis.trends.prepared import Prepared, prepare

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.trends.floors import Floors

HOUR_S = 3600


def clock(length_s: float = HOUR_S, step_s: float = 2.0) -> NDArray[np.float64]:
    return np.arange(0.0, length_s, step_s)


def white(times_s: NDArray[np.float64], sd: float = 0.2, seed: int = 0) -> NDArray[np.float64]:
    return sd * np.random.default_rng(seed).standard_normal(len(times_s))


def observed(
    times_s: NDArray[np.float64],
    values: NDArray[np.float64],
    lives: NDArray[np.int64] | None = None,
    load: NDArray[np.float64] | None = None,
    faults: tuple[tuple[float, float], ...] = (),
) -> Observed:
    if lives is None:
        lives = np.zeros(len(times_s), dtype=np.int64)
    return Observed(times_s, values, lives, load, faults)


def floors_of(times_s: NDArray[np.float64], values: NDArray[np.float64]) -> Floors:
    return floors(cleaned(observed(times_s, values)))


def prepared_of(series: Observed) -> Prepared:
    found = prepare(cleaned(series))
    assert found is not None
    return found
