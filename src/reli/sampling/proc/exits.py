"""How a process ended: by which signal, or with which code.

A pidfd that was opened while it lived tells that after its end, to everybody (Linux 6.15). Elsewhere
a zombie that its parent has not yet waited for still tells it, to its own user and to root.
"""

from __future__ import annotations

import fcntl
import os
import resource
import signal
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reli.sampling.proc.parse import Stat

_INFO = struct.Struct("=QQ11Ii")  # struct pidfd_info of linux/pidfd.h, as it began
_GET_INFO = 3 << 30 | _INFO.size << 16 | 0xFF << 8 | 11
_EXIT = 1 << 3

_MOST_PIDFDS = 1024


class ExitStatuses:
    """Keeps a descriptor for each process watched, so that its end can be asked for.

    Several may watch the same process. No more than a quarter of the descriptors that this process
    may open are used; what is watched past that ends for an unknown cause.
    """

    def __init__(self) -> None:
        soft_limit, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        self._most = min(_MOST_PIDFDS, soft_limit // 4)
        self._pidfds: dict[tuple[int, int], int] = {}
        self._watchers: dict[tuple[int, int], int] = {}

    def watch(self, stat: Stat) -> None:
        """Be ready for the end of a process that lives."""
        key = stat.pid, stat.started_ticks
        if key not in self._pidfds and len(self._pidfds) < self._most:
            try:
                self._pidfds[key] = os.pidfd_open(stat.pid)
            except OSError:
                return
        if key in self._pidfds:
            self._watchers[key] = self._watchers.get(key, 0) + 1

    def status(self, stat: Stat) -> int | None:
        """The wait status of a process that has ended, as ``os.wait`` gives it, if it is known.

        ``stat`` is what was last read of it; that of a zombie may hold it, too.
        """
        pidfd = self._pidfds.get((stat.pid, stat.started_ticks))
        status = None if pidfd is None else _told(pidfd)
        if status is None and stat.gone and (stat.exit_status or _shows_all(stat.pid)):
            return stat.exit_status
        return status

    def unwatch(self, stat: Stat) -> None:
        """It has ended, or nobody asks for it any more."""
        key = stat.pid, stat.started_ticks
        if key not in self._watchers:
            return
        self._watchers[key] -= 1
        if not self._watchers[key]:
            del self._watchers[key]
            os.close(self._pidfds.pop(key))


def _told(pidfd: int) -> int | None:
    info = bytearray(_INFO.size)
    struct.pack_into("=Q", info, 0, _EXIT)
    try:
        fcntl.ioctl(pidfd, _GET_INFO, info)
    except OSError:
        return None
    mask, *_ids, status = _INFO.unpack(info)
    return int(status) if mask & _EXIT else None


def _shows_all(pid: int) -> bool:
    """Whether a status of 0 in its ``stat`` is one, and not one that is kept from us."""
    try:
        return os.geteuid() in {0, os.stat(f"/proc/{pid}").st_uid}
    except OSError:
        return False


def in_words(status: int) -> str:
    """What a wait status says, as it follows "pid 12"."""
    if not os.WIFSIGNALED(status):
        return f"exited with code {os.WEXITSTATUS(status)}"
    number = os.WTERMSIG(status)
    try:
        return f"was killed by {signal.Signals(number).name}"
    except ValueError:
        return f"was killed by signal {number}"
