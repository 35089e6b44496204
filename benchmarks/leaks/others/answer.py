"""What a detector says of a series."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """``leaks`` is ``None`` when the detector says that it cannot know.

    Rates are in units an hour, ``low`` and ``high`` a 95 % interval; ``None`` where the detector
    gives none. ``none_above`` is the x of "no leak above x an hour".
    """

    leaks: bool | None
    rate: float | None = None
    low: float | None = None
    high: float | None = None
    none_above: float | None = None
