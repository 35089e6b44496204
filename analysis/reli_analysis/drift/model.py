"""What is found in a series: steps with their time, and a steady change beside them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ChangePoint:
    """A level that changed for good.

    ``at_s`` is the first moment at the new level, ``low_s`` to ``high_s`` its 95 % interval, all on
    the axis that the series had. ``before`` and ``after`` are in the series' unit. ``probability``
    is that of a change at all, against noise with memory that makes such a step by itself.
    """

    at_s: float
    low_s: float
    high_s: float
    before: float
    after: float
    probability: float

    @property
    def size(self) -> float:
        return self.after - self.before


@dataclass(frozen=True)
class Slope:
    """A steady change from ``begins_s`` on: its rate, 95 % interval and probability as above."""

    begins_s: float
    per_s: float
    low_per_s: float
    high_per_s: float
    probability: float


@dataclass(frozen=True)
class Shape:
    """What a series does beside its noise; nothing at all when both are empty."""

    changes: tuple[ChangePoint, ...] = ()
    slope: Slope | None = None
