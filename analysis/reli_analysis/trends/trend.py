"""The trend of one series: floors of equal buckets, and a robust slope through them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.trends.slope import Slope, theil_sen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.series import Series

MAX_BUCKETS = 64
MIN_BUCKETS = 12
SAMPLES_A_BUCKET = 3
MIN_LENGTH_S = 300.0
"""Below five minutes, warm-up and garbage collection cannot be told from a leak."""

SETTLING = 1 / 6
"""The share of a life that is left out at its beginning: caches and pools still fill there."""


class TooShort(Exception):  # noqa: N818 -- an answer, not an error
    """Too little data for a trend; ``needed_s`` is how long a window would have to be."""

    def __init__(self, reason: str, needed_s: float) -> None:
        super().__init__(reason)
        self.needed_s = needed_s


@dataclass(frozen=True)
class Trend:
    """A slope an hour with its 95 % interval, and ``late``, the same of the second half alone.

    ``base`` is the level at the beginning of what was judged; ``length_s`` how long that is.
    """

    slope_per_h: float
    low_per_h: float
    high_per_h: float
    late_low_per_h: float
    late_high_per_h: float
    base: float
    length_s: float
    buckets: int
    samples: int


def trend(series: Series, start_s: float, end_s: float) -> Trend:
    """The trend of a series between two moments of one life; raises ``TooShort``."""
    length_s = end_s - start_s
    if length_s < MIN_LENGTH_S:
        raise TooShort(f"{length_s:.0f} s are too short for a trend", MIN_LENGTH_S)
    judged = series.measured().between(start_s + SETTLING * length_s, end_s)
    x, y = floors(judged)
    if len(x) < MIN_BUCKETS:
        samples = max(len(judged), 1)
        needed_s = length_s * max(1.25, MIN_BUCKETS * SAMPLES_A_BUCKET / samples)
        raise TooShort(f"{len(judged):,} samples are too few for a trend", needed_s)
    whole, late = theil_sen(x, y), theil_sen(x[len(x) // 2 :], y[len(x) // 2 :])
    return Trend(
        *_an_hour(whole),
        *_an_hour(late)[1:],
        base=float(np.median(y[: max(1, len(y) // 10)])),
        length_s=length_s,
        buckets=len(x),
        samples=len(judged),
    )


def _an_hour(slope: Slope) -> tuple[float, float, float]:
    return slope.estimate * 3600, slope.low * 3600, slope.high * 3600


def floors(series: Series) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Time and level of at most 64 equal buckets; a level is the mean of the lower half.

    What a collector gives back within a bucket is thus no growth. A bucket with fewer samples than
    three, or than a quarter of the usual number, is left out.
    """
    wanted = min(MAX_BUCKETS, len(series) // SAMPLES_A_BUCKET)
    if wanted < MIN_BUCKETS:
        return np.empty(0), np.empty(0)
    edges = np.linspace(series.elapsed_s[0], series.elapsed_s[-1], wanted + 1)
    borders = np.searchsorted(series.elapsed_s, edges[1:-1])
    times, parts = np.split(series.elapsed_s, borders), np.split(series.values, borders)
    usual = float(np.median([len(part) for part in parts]))
    kept = [at for at, part in enumerate(parts) if len(part) >= max(SAMPLES_A_BUCKET, usual / 4)]
    lower_halves = [np.sort(parts[at])[: (len(parts[at]) + 1) // 2] for at in kept]
    return (
        np.array([times[at].mean() for at in kept]),
        np.array([half.mean() for half in lower_halves]),
    )
