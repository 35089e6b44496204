"""Who is whose child, and in whose session."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reli.sampling.proc.parse import Stat


class Kin:
    """The children and sessions of the processes that it was given."""

    def __init__(self) -> None:
        self._children: defaultdict[int, set[int]] = defaultdict(set)
        self._sessions: defaultdict[int, set[int]] = defaultdict(set)

    def add(self, stat: Stat) -> None:
        self._children[stat.parent_pid].add(stat.pid)
        self._sessions[stat.session].add(stat.pid)

    def remove(self, stat: Stat) -> None:
        for index, key in ((self._children, stat.parent_pid), (self._sessions, stat.session)):
            pids = index[key]
            pids.discard(stat.pid)
            if not pids:
                del index[key]

    def offspring(self, pid: int) -> set[int]:
        """Its children, and all of the session that it leads.

        A session is inherited and never joined, so whoever is in it descends from its leader, also
        when its parent has ended and it was given to another one.
        """
        return self._children.get(pid, set()) | self._sessions.get(pid, set())

    def below(self, pids: Iterable[int]) -> set[int]:
        """Processes with all that their children started."""
        found: set[int] = set()
        waiting = list(pids)
        while waiting:
            pid = waiting.pop()
            if pid not in found:
                found.add(pid)
                waiting.extend(self._children.get(pid, ()))
        return found
