"""Finds processes by what they are, looking only at those that are new or have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from reli.sampling.proc.parse import Stat
    from reli.sampling.proc.table import ProcessTable
    from reli.sampling.source import Surroundings


class Matching:
    """All processes for which ``matches`` holds, or once held."""

    def __init__(self, table: ProcessTable, matches: Callable[[Stat], bool]) -> None:
        self._table = table
        self._matches = matches
        self._found: dict[int, int] = {}
        self._serial = 0

    def __call__(self) -> list[int]:
        self._serial, changed = self._table.changed(self._serial)
        for stat in changed:
            if self._matches(stat):
                self._found[stat.pid] = stat.started_ticks
        self._found = {pid: start for pid, start in self._found.items() if self._is(pid, start)}
        return list(self._found)

    def _is(self, pid: int, started_ticks: int) -> bool:
        stat = self._table.get(pid)
        return stat is not None and stat.started_ticks == started_ticks


def tell_what_is_hidden(surroundings: Surroundings, subject: str) -> None:
    """Say so once when the processes of other users cannot be searched."""
    surroundings.processes.refresh()
    if surroundings.processes.hides_others:
        text = "/proc hides the processes of other users (hidepid): only own ones are found"
        surroundings.event("sampling", subject, text)
