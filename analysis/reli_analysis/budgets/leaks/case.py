"""One series with everything that was found of it: what its sentences and its evidence are made of."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reli_analysis.budgets.leaks.says import Says

if TYPE_CHECKING:
    from reli_analysis.budgets.leaks.answer import Answer
    from reli_analysis.budgets.leaks.limits import Limit
    from reli_analysis.budgets.leaks.subjects import Subject
    from reli_analysis.budgets.leaks.threshold import Threshold

_HOUR_S = 3600.0
_EVER_S = 1000 * 365 * 86400.0


@dataclass(frozen=True)
class Case:
    """``column`` is what was judged of the subject; ``limit`` is ``None`` where none is known."""

    column: str
    subject: Subject
    threshold: Threshold
    limit: Limit | None
    answer: Answer

    @property
    def time_left_s(self) -> tuple[float | None, float | None, float | None] | None:
        """Low, estimate and high until the limit; ``None`` within for never, for all without a leak."""
        if self.limit is None or self.answer.says is not Says.LEAK:
            return None
        room = max(0.0, self.limit.value - self.answer.leak.last_level)
        estimate, low, high = self.answer.rates_per_h
        return _lasts_s(room, high), _lasts_s(room, estimate), _lasts_s(room, low)


def _lasts_s(room: float, per_h: float) -> float | None:
    lasts_s = room / per_h * _HOUR_S if per_h > 0 else math.inf
    return lasts_s if lasts_s < _EVER_S else None
