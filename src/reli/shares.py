"""Who takes which arrivals: shares that follow the load processes that are there."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reli.arrivals import Axis, Share

if TYPE_CHECKING:
    from collections.abc import Iterable

LEAD_S = 0.4
"""A change is announced this much ahead, so that every process knows of it when it begins."""


@dataclass
class Shares:
    """The members of a run in the order in which they came, and the share of each."""

    axis: Axis
    members: list[str] = field(default_factory=list)

    def change(
        self, elapsed_s: float, *, join: Iterable[str] = (), leave: Iterable[str] = ()
    ) -> dict[str, Share]:
        """The new share of every process concerned, those that leave included.

        Empty when nothing changes. Ranks close up, so that the shares stay evenly spread.
        """
        leaving = [process for process in leave if process in self.members]
        kept = [process for process in self.members if process not in leaving]
        joined = list(dict.fromkeys(process for process in join if process not in kept))
        if not leaving and not joined:
            return {}
        # The first shares replace none: the sooner the better.
        lead_s = LEAD_S if self.members else 0.0
        begin = math.ceil(self.axis.place(elapsed_s + lead_s))
        self.members = kept + joined
        count = len(self.members)
        shares = {process: Share(begin, rank, count) for rank, process in enumerate(self.members)}
        return shares | {p: Share(begin, 0, 0) for p in leaving if p not in self.members}
