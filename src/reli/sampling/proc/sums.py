"""What a target's processes consume together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli.sampling.proc.files import CLOCK_TICKS
from reli_analysis.record.layout import RESOURCES_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Collection

    from reli.sampling.proc.member import Member

LEVELS = (
    *("rss_bytes", "uss_bytes", "pss_bytes", "swap_bytes"),
    *("fds", "file_fds", "socket_fds", "pipe_fds", "other_fds", "threads"),
    *("sockets_established", "sockets_listen", "sockets_close_wait", "sockets_other"),
)
"""Columns that add up as they are."""

COUNTERS = tuple(
    column.name
    for column in RESOURCES_COLUMNS
    if column.counter and column.name.startswith(("cpu_", "io_", "vol", "invol", "minor", "major"))
)
"""Columns that add up over the processes that have ended, too, so that the sum never falls."""


class Sums:
    """The sum over a target's processes, sample by sample.

    A sum over some of the processes would read as a fall, so that a column is there for all of
    them or not at all. CPU time holds that of processes that came and went between two samples: the
    kernel adds it to the parent that waited for them, from where it is taken over, less what was
    already counted as theirs. Of a child that nobody waits for, that much is lost.
    """

    def __init__(self) -> None:
        self._ended = dict.fromkeys(COUNTERS, 0.0)

    def joined(self, member: Member, *, old: bool) -> None:
        """Count a process from now on; ``old`` when it had lived before the last sample."""
        member.counted = True
        member.base = {c: member.values.get(c, 0.0) for c in COUNTERS} if old else None
        member.child_ticks = member.stat.child_user_ticks, member.stat.child_system_ticks

    def left(self, member: Member, parent: Member | None) -> None:
        """Keep what a process had used that has ended, or is no longer part of the target."""
        if not member.counted:
            return
        for column in COUNTERS:
            self._ended[column] += self._used(member, column)
        if parent is not None:
            user, system = parent.owed_ticks
            stat = member.stat
            parent.owed_ticks = (
                user + stat.user_ticks + stat.child_user_ticks,
                system + stat.system_ticks + stat.child_system_ticks,
            )

    def of(self, members: Collection[Member]) -> dict[str, float]:
        """Columns of the whole; every member was read in this sample."""
        for member in members:
            self._take_over_children(member)
        values: dict[str, float] = {}
        for column in LEVELS:
            if all(column in member.values for member in members):
                values[column] = sum(member.values[column] for member in members)
        for column in COUNTERS:
            if all(column in member.values for member in members):
                used = sum(self._used(member, column) for member in members)
                values[column] = used + self._ended[column]
        fullest = max(members, key=lambda member: member.values.get("fds_ratio", -1.0)).values
        if all("fds_ratio" in member.values for member in members):
            values["fds_ratio"], values["fds_limit"] = fullest["fds_ratio"], fullest["fds_limit"]
        return values

    @staticmethod
    def _used(member: Member, column: str) -> float:
        base = member.base[column] if member.base else 0.0
        return max(0.0, member.values.get(column, 0.0) - base)

    def _take_over_children(self, member: Member) -> None:
        now = member.stat.child_user_ticks, member.stat.child_system_ticks
        if now == member.child_ticks:
            return
        grown = [after - before for after, before in zip(now, member.child_ticks, strict=True)]
        counted = [min(a, b) for a, b in zip(grown, member.owed_ticks, strict=True)]
        member.child_ticks = now
        member.owed_ticks = (member.owed_ticks[0] - counted[0], member.owed_ticks[1] - counted[1])
        user_s, system_s = ((a - b) / CLOCK_TICKS for a, b in zip(grown, counted, strict=True))
        self._ended["cpu_user_s"] += user_s
        self._ended["cpu_system_s"] += system_s
        self._ended["cpu_s"] += user_s + system_s
