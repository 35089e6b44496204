"""Samples the processes that a target finds, with all that descend from them, each and as a sum."""

from __future__ import annotations

import time
from collections import Counter
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from reli.sampling.proc.ends import Ends
from reli.sampling.proc.files import CLOCK_TICKS
from reli.sampling.proc.lives import Ended, Lives
from reli.sampling.proc.members import MembersReader
from reli.sampling.proc.reader import ProcessReader
from reli.sampling.proc.sums import Sums
from reli.sampling.proc.tree import Tree
from reli.sampling.source import Reading
from reli_analysis.record.layout import PROCESS, TREE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from reli.sampling.proc.member import Member
    from reli.sampling.proc.parse import Stat
    from reli.sampling.source import Surroundings

MOST_ROWS = 1000
"""Processes of one target that are told one by one; of more, those that were seen first."""


class Processes:
    """The processes that ``find`` names at each sample, and their descendants.

    ``subject`` is what events call the target. Without ``with_descendants`` the processes are
    exactly those that are found. With ``segment``, somebody else tells whether the target is there
    and counts its restarts.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        find: Callable[[], Iterable[int]],
        subject: str,
        *,
        with_descendants: bool = True,
        segment: Callable[[], int] | None = None,
    ) -> None:
        self._clock, self._table = surroundings.clock, surroundings.processes
        self._find = find
        self._exactly = not with_descendants

        def tell(kind: str, message: str) -> None:
            surroundings.event(kind, subject, message)

        self._trouble = trouble = partial(tell, "sampling")
        self._tree = Tree(self._table, surroundings.own_pids, with_descendants=with_descendants)
        self._members = MembersReader(
            ProcessReader(self._table, surroundings.sockets, trouble),
            self._clock.interval_s,
            surroundings.memory_map_every_s,
            trouble,
            partial(tell, "pace"),
        )
        self._lives = Lives(tell, counts_restarts=segment is None, begun_s=self._clock.elapsed_s())
        self._segment = segment or (lambda: self._lives.segment)
        self._ends = Ends(surroundings.exits)
        self._sums = Sums()
        self._sampled_ticks = 0
        self._face: Stat | None = None

    def sample(self) -> Iterable[Reading]:
        elapsed_s = self._clock.elapsed_s()
        self._table.refresh()
        found = set(self._find())
        if self._exactly:
            self._let_go(found)
        new = self._tree.grow(found)
        for member in new:
            self._ends.watch(member.stat)
        members = self._tree.members
        now_ticks = time.clock_gettime(time.CLOCK_BOOTTIME) * CLOCK_TICKS
        gone, complete = self._members.read(elapsed_s, members.values())
        ended = [self._end(member, now_ticks) for member in gone]
        if trouble := self._ends.sampled():
            self._trouble(trouble)
        roots = [member for member in new if member.root and member.pid in members]
        self._lives.sampled(elapsed_s, members.values(), roots, ended)
        if not members:
            self._sums, self._face = Sums(), None
            return []
        for member in members.values():
            if member.read_now and not member.counted:
                self._sums.joined(member, old=member.stat.started_ticks < self._sampled_ticks)
        self._sampled_ticks = int(now_ticks)
        return self._readings(members, complete=complete)

    def _let_go(self, found: set[int]) -> None:
        """Leave those that live on elsewhere; those that have ended are seen when they are read."""
        for pid in self._tree.members.keys() - found:
            if self._table.is_alive(pid):
                member = self._tree.remove(pid)
                self._ends.unwatch(member.stat)
                self._sums.left(member, None)

    def _end(self, member: Member, now_ticks: float) -> Ended:
        self._tree.remove(member.pid)
        self._sums.left(member, self._tree.members.get(member.stat.parent_pid))
        lived_s = (now_ticks - member.stat.started_ticks) / CLOCK_TICKS
        return Ended(member, lived_s, self._ends.how(member.stat))

    def _readings(self, members: Mapping[int, Member], *, complete: bool) -> Iterator[Reading]:
        children = Counter(member.stat.parent_pid for member in members.values())
        for member in islice(members.values(), MOST_ROWS):
            if member.read_now:
                values = {**member.values, "children": children[member.pid]}
                yield self._reading(PROCESS, member.stat, values)
        values = self._sums.of(members.values()) if complete else {}
        values["children"] = len(members) - 1
        values["oom_kills"] = self._ends.oom_kills
        yield self._reading(TREE, self._root(members), values)

    def _root(self, members: Mapping[int, Member]) -> Stat:
        """The oldest root; one that has ended, as long as what it left has not taken its place."""
        roots = (member.stat for member in members.values() if member.root)
        self._face = next(roots, self._face) or next(iter(members.values())).stat
        return self._face

    def _reading(self, kind: str, stat: Stat, values: dict[str, float]) -> Reading:
        return Reading(
            kind,
            stat.name,
            values,
            stat.pid,
            self._table.boot_wall_s + stat.started_ticks / CLOCK_TICKS,
            stat.parent_pid,
            self._segment(),
        )

    def close(self) -> None:
        """Let go of the descriptors that watch the processes."""
        for member in self._tree.members.values():
            self._ends.unwatch(member.stat)
