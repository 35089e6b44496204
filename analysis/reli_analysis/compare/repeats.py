"""How many runs of each would tell."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.compare.effect import quantile_of_t
from reli_analysis.intervals import LEVEL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.compare.effect import Effect

MOST = 100
"""More repeats than that are not asked for: the noise has to be mended instead."""
_FEWEST = 3
_POWER = 1.2816  # the normal quantile of 0.9
_DOUBT = 0.8


def needed_of_each(effect: Effect, floor: float, alpha: float) -> int | None:
    """The runs of each side that decide nine times out of ten; ``None`` when more than 100.

    With s the noise of a run and m a margin, the smallest n for which (t(n) + 1.28) s sqrt(2/n) <= m.
    It is asked for the floor, at the level of the 95 % interval: so many runs show that nothing got
    worse by the floor, or find what did. An estimate is trusted only as far as the near end of its
    95 % interval (the largest of noisy estimates are too large); where that lies beyond the floor, n
    may be the smaller one that shows a change of that size at ``alpha``, the level that many rows
    ask for. A noise that few repeats showed may be larger than it seems: its 80 % upper limit is
    taken (chi-squared).
    """
    noise = _upper_noise(effect)
    counts = [_smallest(noise / floor, 1 - LEVEL)] if floor > 0 else []
    sure = abs(effect.estimate) - effect.half_width()
    if sure > floor:
        counts.append(_smallest(noise / sure, alpha))
    return min((count for count in counts if count is not None), default=None)


def _smallest(noise_by_margin: float, level: float) -> int | None:
    enough = np.flatnonzero(_reaches(level) * noise_by_margin <= 1)
    return _FEWEST + int(enough[0]) if len(enough) else None


@functools.lru_cache(maxsize=64)
def _reaches(level: float) -> NDArray[np.float64]:
    """(t(n) + 1.28) sqrt(2/n) for n = 3, 4, ..., 100."""
    counts = range(_FEWEST, MOST + 1)
    quantiles = (quantile_of_t(1 - level / 2, 2 * count - 2) for count in counts)
    pairs = zip(quantiles, counts, strict=True)
    return np.array([(t + _POWER) * math.sqrt(2 / count) for t, count in pairs])


def _upper_noise(effect: Effect) -> float:
    if not effect.measured_noise:
        return effect.noise
    from scipy.special import chdtri  # noqa: PLC0415 -- scipy costs --help dearly

    lower = float(chdtri(effect.freedom, _DOUBT))
    return effect.noise * math.sqrt(effect.freedom / lower)


def smallest_seen(effect: Effect, floor: float, alpha: float) -> float:
    """The smallest change, on the scale, that this comparison calls nine times out of ten."""
    reach = quantile_of_t(1 - alpha / 2, effect.freedom) + _POWER
    return max(floor, reach * effect.error)
