"""Reads all processes of a target within the time that a sample has for it."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from reli.sampling.cost import Pace
from reli.sampling.proc.rarely import Rarely

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from reli.sampling.proc.member import Member
    from reli.sampling.proc.reader import ProcessReader

_TIME_SHARE = 0.1
_RARE_TIME_SHARE = 0.05
_READ_BETWEEN_LOOKS = 32
"""Processes between two looks at the clock."""

_LATE_SAMPLES = 2
"""So many in a row are no accident; one may have had to wait for a core."""

_DESCRIPTORS_SHARE = 0.0003
_MEMORY_MAP_SHARE = 0.001
"""Shares of a core; of the memory map, also of the time for which the target may have to wait."""


class MembersReader:
    """Reads what each sample has, and by turns what is too expensive for each.

    ``tell`` gets one sentence about what does not fit, once.
    """

    def __init__(
        self,
        reader: ProcessReader,
        interval_s: float,
        memory_map_every_s: float,
        tell: Callable[[str], None],
        tell_pace: Callable[[str], None],
    ) -> None:
        self._reader = reader
        self._limit_s = _TIME_SHARE * interval_s
        self._tell = tell
        self._tell_pace = tell_pace
        self._told = False
        self._late_samples = 0
        rarely = partial(self._rarely, interval_s)
        self._rarely_read = (
            rarely("kinds of descriptors", _DESCRIPTORS_SHARE, 0.0, reader.descriptors),
            rarely("USS and PSS", _MEMORY_MAP_SHARE, memory_map_every_s, reader.memory_map),
        )

    def _rarely(
        self,
        interval_s: float,
        what: str,
        share: float,
        every_s: float,
        read: Callable[[int], dict[str, float]],
    ) -> Rarely:
        too_long = f"{what} of all processes take longer than a sample allows: no sum over them"
        return Rarely(
            Pace(share, interval_s, what=what, tell=self._tell_pace, every_s=every_s),
            read,
            _RARE_TIME_SHARE * interval_s,
            partial(self._tell, too_long),
        )

    def read(self, elapsed_s: float, members: Collection[Member]) -> tuple[list[Member], bool]:
        """Read them; returns those that have ended, and whether there was time for all others."""
        ended = []
        late = False
        deadline_s = time.perf_counter() + self._limit_s
        for at, member in enumerate(members):
            late = late or (at % _READ_BETWEEN_LOOKS == 0 and time.perf_counter() > deadline_s)
            if not (
                self._reader.pass_over(member) if late else self._reader.read(member, elapsed_s)
            ):
                ended.append(member)
        now = {member.pid: member for member in members if member.read_now}
        self._late_samples = self._late_samples + 1 if late else 0
        if self._late_samples == _LATE_SAMPLES and not self._told:
            self._told = True
            self._tell(
                f"{len(members)} processes belong to it, and a sample has time for {len(now)}: "
                "the others and the sums over all of them stay empty"
            )
        for rarely in self._rarely_read:
            for pid, values in rarely.round(elapsed_s, now).items():
                if pid in now:
                    now[pid].values.update(values)
        return ended, not late
