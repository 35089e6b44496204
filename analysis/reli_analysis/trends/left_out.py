"""What of a run was not judged, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.trends.floors import Floors

WARM_UP = "warm-up"
FAULT = "fault"
PULSE = "pulse"
SHIFT = "shift"
RESTART = "restart"
EARLIER_LIFE = "earlier life"


@dataclass(frozen=True)
class LeftOut:
    """A stretch of the run in seconds; ``why`` is one of this module's words."""

    from_s: float
    to_s: float
    why: str


def stretches(floors: Floors, dropped: NDArray[np.bool_], why: str) -> tuple[LeftOut, ...]:
    """The buckets that were dropped, neighbours joined."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], dropped, [False]]).astype(int)))
    half_s = floors.width_s / 2
    return tuple(
        LeftOut(
            max(float(floors.elapsed_s[first] - half_s), 0.0),
            float(floors.elapsed_s[end - 1] + half_s),
            why,
        )
        for first, end in edges.reshape(-1, 2)
    )
