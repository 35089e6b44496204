"""How a process ended: by which signal, or with which code.

A pidfd that was opened while it lived tells that after its end, to everybody (Linux 6.15). Before
that the kernel's proc connector tells it, to few. Elsewhere a zombie that its parent has not yet
waited for still tells it, to its own user and to root.
"""

from __future__ import annotations

import fcntl
import os
import resource
import select
import signal
import struct
import threading
from collections import Counter
from typing import TYPE_CHECKING, Protocol

from reli.sampling.proc.exit_events import ExitEvents

if TYPE_CHECKING:
    from reli.sampling.proc.parse import Stat

    Key = tuple[int, int]
    """A process: its pid, and its start in ticks."""

_INFO = struct.Struct("=QQ11Ii")  # struct pidfd_info of linux/pidfd.h, as it began
_GET_INFO = 3 << 30 | _INFO.size << 16 | 0xFF << 8 | 11
_EXIT = 1 << 3

_MOST_PIDFDS = 1024
_THREAD_ENDS_MS = 1000


class Teller(Protocol):
    """A way in which the kernel tells how processes ended."""

    def watch(self, key: Key) -> bool:
        """Be ready for the end of a process that lives; whether that can be."""
        ...

    def status(self, key: Key) -> int | None:
        """The wait status of one that is watched and has ended, if it is known."""
        ...

    def unwatch(self, key: Key) -> None:
        """Let go of one that is watched."""
        ...

    def sampled(self) -> str:
        """Once a sample of a source: do what must not wait; returns a trouble to tell, or ""."""
        ...


class ExitStatuses:
    """Tells how processes ended that were watched; several may watch the same process.

    ``teller`` is chosen by what this kernel can do, when the first process is watched.
    """

    def __init__(self, teller: Teller | None = None) -> None:
        self._teller = teller
        self._watchers: Counter[Key] = Counter()

    def watch(self, stat: Stat) -> None:
        """Be ready for the end of a process that lives."""
        if self._teller is None:
            self._teller = Pidfds() if pidfds_tell() else ExitEvents()
        key = _key(stat)
        if key in self._watchers or self._teller.watch(key):
            self._watchers[key] += 1

    def status(self, stat: Stat) -> int | None:
        """The wait status of a process that has ended, as ``os.wait`` gives it, if it is known.

        ``stat`` is what was last read of it; that of a zombie may hold it, too.
        """
        key = _key(stat)
        status = self._teller.status(key) if self._teller and key in self._watchers else None
        if status is None and stat.gone and (stat.exit_status or _shows_all(stat.pid)):
            return stat.exit_status
        return status

    def unwatch(self, stat: Stat) -> None:
        """It has ended, or nobody asks for it any more."""
        key = _key(stat)
        if key not in self._watchers or self._teller is None:
            return
        self._watchers[key] -= 1
        if not self._watchers[key]:
            del self._watchers[key]
            self._teller.unwatch(key)

    def sampled(self) -> str:
        """To be called at each sample of a source; returns a trouble to tell, or ""."""
        return self._teller.sampled() if self._teller else ""


class Pidfds:
    """Keeps a descriptor for each process watched, so that its end can be asked for.

    No more than a quarter of the descriptors that this process may open are used; what is watched
    past that ends for an unknown cause.
    """

    def __init__(self) -> None:
        soft_limit, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        self._most = min(_MOST_PIDFDS, soft_limit // 4)
        self._pidfds: dict[Key, int] = {}

    def watch(self, key: Key) -> bool:
        if len(self._pidfds) >= self._most:
            return False
        try:
            self._pidfds[key] = os.pidfd_open(key[0])
        except OSError:
            return False
        return True

    def status(self, key: Key) -> int | None:
        return _told(self._pidfds[key])

    def unwatch(self, key: Key) -> None:
        os.close(self._pidfds.pop(key))

    def sampled(self) -> str:
        return ""


def pidfds_tell() -> bool:
    """Whether this kernel tells by a pidfd how something ended, tried with a thread."""
    go = threading.Event()
    thread = threading.Thread(target=go.wait, daemon=True)
    thread.start()
    pidfd = None
    try:
        pidfd = os.pidfd_open(thread.native_id or 0, os.O_EXCL)  # PIDFD_THREAD
        go.set()
        ended = select.poll()
        ended.register(pidfd, select.POLLIN)
        ended.poll(_THREAD_ENDS_MS)
        return _told(pidfd) is not None
    except OSError:
        return False
    finally:
        go.set()
        thread.join()
        if pidfd is not None:
            os.close(pidfd)


def _key(stat: Stat) -> Key:
    return stat.pid, stat.started_ticks


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
