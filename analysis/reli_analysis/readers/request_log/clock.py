"""Which interval a moment lies in, and how long the intervals of a log are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LENGTHS_S = (1.0, 10.0, 60.0, 600.0, 3600.0)
_MOST = 100_000
"""Intervals that a log is cut into at most: a little more than a day by seconds."""
FINE = 10
"""Intervals of all requests in one of an endpoint."""
_SPARE_S = 3600.0


@dataclass(frozen=True)
class Clock:
    """Intervals of ``interval_s`` from ``begin_s`` on; ``most`` of them before it and after it."""

    begin_s: float
    interval_s: float
    most: int

    @classmethod
    def of(cls, moments_s: NDArray[np.float64], last_s: float) -> Clock:
        """For a log whose first rows lie at these moments, and its last at ``last_s`` (or NaN).

        The median tells where the log is, so a few broken times do not move it.
        """
        middle = float(np.median(moments_s))
        span = abs(last_s - middle) if np.isfinite(last_s) else 0.0
        near = moments_s[np.abs(moments_s - middle) <= max(span, _SPARE_S)]
        span = 2 * max(span, float(near.max() - near.min())) + _SPARE_S
        fitting = (length for length in _LENGTHS_S if span / length <= 2 * _MOST)
        length = next(fitting, _LENGTHS_S[-1])
        return cls(float(near.min()), length, min(2 * _MOST, int(span / length) + 1))

    def intervals(
        self, moments_s: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """The number of each moment's interval, never negative, and which moments have one."""
        at = np.floor((moments_s - self.begin_s) / self.interval_s)
        with np.errstate(invalid="ignore"):
            usable = np.abs(at) <= self.most
        return np.where(usable, at, 0).astype(np.int64) + self.offset, usable

    @property
    def offset(self) -> int:
        """The number of the interval that begins at ``begin_s``; a multiple of ``FINE``."""
        return (self.most // FINE + 1) * FINE

    @property
    def count(self) -> int:
        """One more than the largest number of an interval."""
        return 2 * self.offset
