"""One process of a target, between its first sample and its end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reli.sampling.proc.parse import Stat


@dataclass(slots=True, eq=False)
class Member:
    """``values`` are its columns as last read; those of the newest sample when ``read_now``.

    ``counted`` says whether it is part of the sums yet; ``base`` are its counters as they stood
    when it joined a target that was sampled before, so that its past is not counted as the target's
    present. ``child_ticks`` are the user and system time of its ended children as far as they are
    taken over, ``owed_ticks`` what of that was counted as theirs and will come up again as its own.
    """

    stat: Stat
    root: bool
    values: dict[str, float] = field(default_factory=dict)
    read_now: bool = False
    counted: bool = False
    base: dict[str, float] | None = None
    child_ticks: tuple[int, int] = (0, 0)
    owed_ticks: tuple[int, int] = (0, 0)
    fds_limit: int | None = None
    limit_due_s: float = float("-inf")

    @property
    def pid(self) -> int:
        return self.stat.pid

    def is_still(self, stat: Stat | None) -> bool:
        """Whether that is the same process: its pid may have gone to another one."""
        return stat is not None and stat.started_ticks == self.stat.started_ticks
