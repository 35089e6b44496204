"""Which processes belong to a target: its roots and all that descend from them."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from reli.sampling.proc.member import Member

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from reli.sampling.proc.table import ProcessTable


class Tree:
    """The members, parents before their children; once seen, a process stays while it lives.

    ``excluded`` are pids that never belong to it, nor what descends from them.
    """

    def __init__(
        self,
        table: ProcessTable,
        excluded: Callable[[], Iterable[int]],
        *,
        with_descendants: bool = True,
    ) -> None:
        self.members: dict[int, Member] = {}
        self._table = table
        self._excluded_roots = excluded
        self._with_descendants = with_descendants
        self._serial = -1
        self._excluded: set[int] = set()

    def grow(self, found: set[int]) -> list[Member]:
        """Take up what was found, and what the members have started since; returns who is new."""
        known = len(self.members)
        if self._table.serial != self._serial:
            self._serial = self._table.serial
            self._excluded = self._table.kin.below(self._excluded_roots())
            if self._with_descendants:
                self._descend(list(self.members))
        for pid in sorted(found - self.members.keys(), key=self._age):
            if not self._with_descendants:
                self._add(pid, root=self._parent(pid) not in found)
            elif self._add(top := self._topmost(pid, found), root=True):
                self._descend([top])
        return list(islice(self.members.values(), known, None))

    def remove(self, pid: int) -> Member:
        """Its process has ended, or is no longer part of the target."""
        self._serial = -1  # its pid may be another's by now
        return self.members.pop(pid)

    def _age(self, pid: int) -> tuple[int, int]:
        stat = self._table.get(pid)
        return (stat.started_ticks if stat else 0, pid)

    def _parent(self, pid: int) -> int:
        stat = self._table.get(pid)
        return stat.parent_pid if stat else 0

    def _topmost(self, pid: int, found: set[int]) -> int:
        """The oldest of its ancestors that was found in one line above it, or itself."""
        for _ in found:
            parent = self._parent(pid)
            if parent not in found or parent in self._excluded:
                break
            pid = parent
        return pid

    def _descend(self, waiting: list[int]) -> None:
        while waiting:
            parent = self.members[waiting.pop()]
            if parent.is_still(self._table.get(parent.pid)):
                children = self._table.kin.offspring(parent.pid) - self.members.keys()
                waiting += self._add_below(parent, sorted(children, key=self._age))

    def _add_below(self, parent: Member, pids: list[int]) -> list[int]:
        return [pid for pid in pids if self._add(pid, root=False, below=parent)]

    def _add(self, pid: int, *, root: bool, below: Member | None = None) -> Member | None:
        stat = self._table.get(pid)
        if stat is None or pid in self.members or pid in self._excluded:
            return None
        if below is not None and stat.started_ticks < below.stat.started_ticks:
            return None  # its parent's pid was another's when it was last looked at
        member = self.members[pid] = Member(stat, root)
        return member
