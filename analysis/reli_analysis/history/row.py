"""One level over the runs of a group, and what is said of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.compare.outcome import Outcome
    from reli_analysis.history.creep import Creep
    from reli_analysis.history.followed import Followed
    from reli_analysis.history.steps import Step


@dataclass(frozen=True)
class Course:
    """The values of a level by run, NaN where it was not measured, and the scale they are judged on.

    The scale is logarithmic where every value is above 0 and the level is no share.
    """

    followed: Followed
    values: NDArray[np.float64]

    @property
    def logarithmic(self) -> bool:
        known = self.values[np.isfinite(self.values)]
        return not self.followed.is_share and bool((known > 0).all())

    @property
    def known(self) -> NDArray[np.float64]:
        """The indexes of the runs that measured it."""
        return np.flatnonzero(np.isfinite(self.values)).astype(float)

    @property
    def on_scale(self) -> NDArray[np.float64]:
        """The measured values on the scale, by ``known``."""
        values = self.values[np.isfinite(self.values)]
        return np.log(values) if self.logarithmic else values

    def value(self, on_scale: float) -> float:
        """A value on the scale in the level's unit."""
        return math.exp(min(on_scale, 700.0)) if self.logarithmic else on_scale

    def floor(self, level: float) -> float:
        """The smallest change that matters from a level, both on the scale."""
        own = self.value(level)
        change = max(self.followed.relative_floor * abs(own), self.followed.absolute_floor)
        return math.log1p(change / own) if self.logarithmic else change


@dataclass(frozen=True)
class HistoryRow:
    """What was found of one level; ``creep`` is ``None`` with too few runs."""

    course: Course
    outcome: Outcome
    message: str
    steps: tuple[Step, ...] = ()
    creep: Creep | None = None
    q_value: float | None = None
