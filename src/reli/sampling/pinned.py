"""Processes that somebody names by pid, each the one that it was when it was first seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from reli.sampling.proc.table import ProcessTable


class Pinned:
    """Finds them at each sample; a pid that was given to another process names none.

    ``reused`` is called with such a pid, once each.
    """

    def __init__(
        self,
        table: ProcessTable,
        pids: Callable[[], Iterable[int]],
        reused: Callable[[int], None] = lambda _pid: None,
    ) -> None:
        self._table = table
        self._pids = pids
        self._reused = reused
        self._started: dict[int, int] = {}
        self._told: set[int] = set()

    def __call__(self) -> list[int]:
        named = set(self._pids())
        self._started = {pid: start for pid, start in self._started.items() if pid in named}
        self._told &= named
        found = []
        for pid in named:
            stat = self._table.get(pid)
            if stat is None:
                continue
            if self._started.setdefault(pid, stat.started_ticks) == stat.started_ticks:
                found.append(pid)
            elif pid not in self._told:
                self._told.add(pid)
                self._reused(pid)
        return found
