"""The host's processes, kept from sample to sample so that a sample reads only what is new.

When the host's newest process id has moved by a few, those are tried; by more, ``/proc`` is listed,
and now and then anyway. The ``stat`` of a process is read when it is new. Once processes are searched
by what they are, what a known one may have changed (its name, by ``exec``) is looked at again while
it is young and then once in half a minute, a slice of the table at a time.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reli.sampling.proc.files import CLOCK_TICKS, boot_wall_s, read
from reli.sampling.proc.kin import Kin
from reli.sampling.proc.parse import Stat, parse_stat

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_YOUNG_S = 3.0
_LOOK_AGAIN_S = 0.5
_ROUND_S = 30.0
_LIST_ANYWAY_S = 10.0
_FEW_NEW = 64
"""Process ids that are tried one by one before ``/proc`` is listed again."""


@dataclass(slots=True)
class Known:
    """A process as it was last seen; ``serial`` grows whenever what it is has changed."""

    stat: Stat
    serial: int
    command: tuple[str, ...] | None = None


class ProcessTable:
    """Every process that can be seen and has not ended, by pid."""

    def __init__(self) -> None:
        self.boot_wall_s = boot_wall_s()
        self._known: dict[int, Known] = {}
        self.kin = Kin()
        self._serial = 0
        self._newest_pid = 0
        self._unseen: set[int] = set()
        self._listed_s = 0.0
        self._listed_pid = 0
        self._young: set[int] = set()
        self._searched = False
        self._looked_again_s = time.monotonic()
        self._round: Iterator[int] = iter(())

    def __len__(self) -> int:
        return len(self._known)

    @property
    def serial(self) -> int:
        """Of the newest change."""
        return self._serial

    def refresh(self) -> None:
        """See what is new; cheap when nothing has started since the last time."""
        now_s = time.monotonic()
        before, self._newest_pid = self._newest_pid, _newest_pid()
        few = 0 < self._listed_pid <= before <= self._newest_pid <= self._listed_pid + _FEW_NEW
        if few and now_s - self._listed_s <= _LIST_ANYWAY_S:
            self._try(range(before + 1, self._newest_pid + 1))
        else:
            self._listed_s, self._listed_pid = now_s, self._newest_pid
            self._list()
        passed_s = now_s - self._looked_again_s
        if self._searched and passed_s >= _LOOK_AGAIN_S:
            self._looked_again_s = now_s
            self._look_again(passed_s)

    def _try(self, pids: Iterable[int]) -> None:
        """Look at ids that were given away since; one that is not seen yet gets a second look."""
        unseen = {pid for pid in pids if not self._found(pid)}
        for pid in self._unseen - unseen:
            self._found(pid)
        self._unseen = unseen

    def _found(self, pid: int) -> bool:
        """Whether there is something of that number, which is looked at if it is a process."""
        try:
            status = read(f"/proc/{pid}/status")
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            return False
        if b"\nTgid:\t%d\n" % pid in status:  # of a thread, it is the number of its process
            self.look(pid)
        return True

    def _list(self) -> None:
        listed = {int(name) for name in os.listdir("/proc") if name.isdecimal()}
        for pid in self._known.keys() - listed:
            self._forget(pid)
        for pid in listed - self._known.keys():
            self.look(pid)

    def _look_again(self, passed_s: float) -> None:
        for pid in list(self._young):
            self._look_closely(pid)
        for _ in range(int(len(self._known) * min(1.0, passed_s / _ROUND_S)) + 1):
            pid = next(self._round, 0)
            if not pid:
                self._round = iter(list(self._known))
                break
            self._look_closely(pid)

    def look(self, pid: int) -> Stat | None:
        """Read a process anew, a zombie too; ``None`` when there is none or it cannot be seen.

        Raises ``OSError`` when it is this process that cannot read, for want of descriptors.
        """
        try:
            stat = parse_stat(read(f"/proc/{pid}/stat"))
        except (FileNotFoundError, ProcessLookupError, PermissionError, ValueError, IndexError):
            self._forget(pid)
            return None
        self._take(stat)
        return stat

    def is_alive(self, pid: int) -> bool:
        """Whether there is a process of that number now that has not ended."""
        stat = self.look(pid)
        return stat is not None and not stat.gone

    def _look_closely(self, pid: int) -> None:
        """Look whether it has taken another command line, too."""
        self.look(pid)
        known = self._known.get(pid)
        if known and known.command is not None and _command(pid) != known.command:
            self._changed(known)

    def _take(self, stat: Stat) -> None:
        if stat.gone:
            self._forget(stat.pid)
            return
        before = self._known.get(stat.pid)
        if before is not None and before.stat.started_ticks == stat.started_ticks:
            self._renew(before, stat)
            return
        self._forget(stat.pid)
        self._insert(stat)
        if _age_s(stat) < _YOUNG_S:
            self._young.add(stat.pid)

    def _insert(self, stat: Stat) -> None:
        self._serial += 1
        self._known[stat.pid] = Known(stat, self._serial)
        self.kin.add(stat)

    def _renew(self, known: Known, stat: Stat) -> None:
        before, known.stat = known.stat, stat
        if (stat.parent_pid, stat.session) != (before.parent_pid, before.session):
            self._serial += 1
            self.kin.remove(before)
            self.kin.add(stat)
        if stat.name != before.name:
            self._changed(known)
        if stat.pid in self._young and _age_s(stat) >= _YOUNG_S:
            self._young.discard(stat.pid)

    def _changed(self, known: Known) -> None:
        self._serial += 1
        del self._known[known.stat.pid]  # the newest change stands last
        self._known[known.stat.pid] = Known(known.stat, self._serial)

    def _forget(self, pid: int) -> None:
        self._young.discard(pid)
        known = self._known.pop(pid, None)
        if known is not None:
            self.kin.remove(known.stat)

    def get(self, pid: int) -> Stat | None:
        """A process as it was last seen."""
        known = self._known.get(pid)
        return known.stat if known else None

    def all(self) -> list[Stat]:
        """All processes."""
        return [known.stat for known in self._known.values()]

    def changed(self, since: int) -> tuple[int, list[Stat]]:
        """The processes that are new or are something else since a serial, and the newest one."""
        self._searched = True
        found = []
        for known in reversed(self._known.values()):
            if known.serial <= since:
                break
            found.append(known.stat)
        return self._serial, found

    def command(self, pid: int) -> tuple[str, ...]:
        """The words of its command line; none when it has none or it cannot be read."""
        known = self._known.get(pid)
        if known is None:
            return ()
        if known.command is None:
            known.command = _command(pid)
        return known.command

    def above(self, pids: Iterable[int]) -> set[int]:
        """Processes with all that they descend from."""
        found: set[int] = set()
        for each in pids:
            pid = each
            while pid and pid not in found:
                found.add(pid)
                stat = self.get(pid)
                pid = stat.parent_pid if stat else 0
        return found

    @property
    def hides_others(self) -> bool:
        """Whether ``/proc`` shows only one's own processes (its option hidepid)."""
        return self.get(1) is None


def _newest_pid() -> int:
    """The process or thread that was started last; 0 where the kernel does not tell."""
    try:
        return int(read("/proc/loadavg").split()[4])
    except (OSError, ValueError, IndexError):
        return 0


def _age_s(stat: Stat) -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME) - stat.started_ticks / CLOCK_TICKS


def _command(pid: int) -> tuple[str, ...]:
    try:
        text = read(f"/proc/{pid}/cmdline")
    except OSError:
        return ()
    return tuple(word.decode("utf-8", "replace") for word in text.rstrip(b"\0").split(b"\0"))
