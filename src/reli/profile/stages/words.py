"""How stages speak of levels and times."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reli.profile.levels import USERS
from reli_analysis.units import format_duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reli.profile.stages.base import Scale


def format_rate(per_s: float) -> str:
    return f"{per_s:,.6g}/s" if per_s < 1000 else f"{per_s:,.0f}/s"


def format_users(users: float) -> str:
    return "1 user" if users == 1 else f"{users:,.0f} users"


@dataclass(frozen=True)
class Words:
    """Says levels and times of one profile; times are shortened by ``time_scale``."""

    scale: Scale
    time_scale: float

    def time(self, seconds: float) -> str:
        return format_duration(seconds * self.time_scale)

    def short(self, level: float) -> str:
        """``"5/s"``, ``"100 users"`` or ``"0"``."""
        if level == 0:
            return "0"
        return format_users(level) if self.scale.unit == USERS else format_rate(level)

    def level(self, level: float) -> str:
        """``"5/s (10 % of 50/s)"`` or ``"100 users"``."""
        base = self.scale.base_rate_per_s
        if level == 0 or self.scale.unit == USERS or base is None or math.isclose(level, base):
            return self.short(level) + (" (100 %)" if base and math.isclose(level, base) else "")
        return f"{self.short(level)} ({level / base * 100:,.4g} % of {format_rate(base)})"

    def steps(self, levels: Sequence[float]) -> str:
        """``"from 75/s to 100/s (200 % of 50/s) in 3 steps"``."""
        count = len(levels)
        return f"from {self.short(levels[0])} to {self.level(levels[-1])} in {count} steps"
