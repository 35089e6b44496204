"""Reads one process, cheaply and without ever failing."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from reli.sampling.proc import descriptors
from reli.sampling.proc.files import read, why
from reli.sampling.proc.parse import (
    parse_fds_limit,
    parse_io,
    parse_memory_map,
    parse_status,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from reli.sampling.proc.member import Member
    from reli.sampling.proc.table import ProcessTable
    from reli.sampling.sockets import Sockets

_LIMIT_EVERY_S = 30.0


class _GoneError(Exception):
    """The process ended while it was read."""


class ProcessReader:
    """Reads processes; what cannot be read of one that lives is absent, and told once a file."""

    def __init__(self, table: ProcessTable, sockets: Sockets, tell: Callable[[str], None]) -> None:
        self._table = table
        self._sockets = sockets
        self._tell = tell
        self._told: set[str] = set()
        self._fds_by_size = descriptors.size_is_count()

    def read(self, member: Member, elapsed_s: float) -> bool:
        """Read its values anew; ``False`` when it has ended (a zombie has) or is another one now.

        ``stat`` is read first: a pid would have to be freed and given away within microseconds to
        mix two processes.
        """
        stat = self._table.look(member.pid)
        if stat is None or not member.is_still(stat):
            return False
        member.stat = stat
        member.read_now = False
        if stat.gone:
            return False
        try:
            member.values = {**stat.values, **self._values(member, elapsed_s)}
        except _GoneError:
            return False
        member.read_now = True
        return True

    def pass_over(self, member: Member) -> bool:
        """Leave it out of a sample that has no time for it; ``False`` when it has ended."""
        member.read_now = False
        return member.is_still(self._table.get(member.pid))

    def _values(self, member: Member, elapsed_s: float) -> dict[str, float]:
        pid = member.pid
        values = self._file(pid, "status", parse_status)
        values |= self._file(pid, "io", parse_io)
        values |= self._file(pid, "oom_score", _parse_oom_score)
        try:
            values["fds"] = descriptors.count(pid, by_size=self._fds_by_size)
        except OSError as error:
            self._failed(error, pid, "fd")
            return values
        if elapsed_s >= member.limit_due_s:
            member.limit_due_s = elapsed_s + _LIMIT_EVERY_S
            limit = self._file(pid, "limits", _parse_limit).get("fds_limit")
            member.fds_limit = int(limit) if limit else None
        if member.fds_limit:
            values["fds_limit"] = member.fds_limit
            values["fds_ratio"] = values["fds"] / member.fds_limit
        return values

    def memory_map(self, pid: int) -> dict[str, float]:
        """USS and PSS; the kernel locks the process's memory map meanwhile."""
        try:
            return self._file(pid, "smaps_rollup", parse_memory_map)
        except _GoneError:
            return {}

    def descriptors(self, pid: int) -> dict[str, float]:
        """The kinds of its descriptors, and the states of its sockets."""
        try:
            if descriptors.count(pid, by_size=self._fds_by_size) > descriptors.MOST_LINKS:
                self._once("fd kinds", f"pid {pid} has too many descriptors to look at each")
                return {}
            links = descriptors.links(pid)
        except OSError as error:
            with suppress(_GoneError):
                self._failed(error, pid, "fd kinds")
            return {}
        inodes = descriptors.socket_inodes(links)
        return {**descriptors.kinds(links), **self._sockets.states_of(inodes, pid)}

    def _file(
        self, pid: int, name: str, parse: Callable[[bytes], dict[str, float]]
    ) -> dict[str, float]:
        try:
            return parse(read(f"/proc/{pid}/{name}"))
        except OSError as error:
            self._failed(error, pid, name)
        except (ValueError, IndexError):
            self._once(name, f"/proc/{pid}/{name} is not what Linux writes there")
        return {}

    def _failed(self, error: OSError, pid: int, name: str) -> None:
        if isinstance(error, (FileNotFoundError, ProcessLookupError)):
            if not self._table.is_alive(pid):
                raise _GoneError
            if isinstance(error, ProcessLookupError):
                return  # a kernel thread has no memory to tell of
        self._once(name, f"{_WHAT[name]} of pid {pid} cannot be read: {why(error, name)}")

    def _once(self, name: str, sentence: str) -> None:
        if name not in self._told:
            self._told.add(name)
            self._tell(sentence)


_WHAT = {
    "status": "memory and context switches",
    "io": "bytes read and written",
    "oom_score": "the OOM score",
    "fd": "descriptors",
    "fd kinds": "kinds of descriptors",
    "limits": "the limit on descriptors",
    "smaps_rollup": "USS and PSS",
}


def _parse_oom_score(text: bytes) -> dict[str, float]:
    return {"oom_score": int(text)}


def _parse_limit(text: bytes) -> dict[str, float]:
    limit = parse_fds_limit(text)
    return {} if limit is None else {"fds_limit": limit}
