"""A series whose truth is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reli_analysis.trends.observed import Observed

CLEAN = "clean"
SLOW = "slow"
LEAKY = "leaky"


@dataclass(frozen=True)
class Labelled:
    """``rate_per_h`` is the true growth while it grows, ``threshold_per_h`` what would matter.

    ``group``: clean (no growth at the end), slow (growth that will end, as far as a run of this
    length can show) or leaky. ``visible_z`` is how many standard errors a fit sees that knows the
    noise and the shape. ``began_s`` and ``clock`` tell of a leak when it began and what it follows.
    """

    kind: str
    group: str
    observed: Observed
    rate_per_h: float
    threshold_per_h: float
    visible_z: float = float("inf")
    began_s: float = 0.0
    clock: str = "time"

    @property
    def counts(self) -> bool:
        """Whether an answer can be asked of it: not of a leak that the noise hides from anyone."""
        if self.group != LEAKY:
            return True
        return self.visible_z >= 5 and self.rate_per_h >= 1.5 * self.threshold_per_h
