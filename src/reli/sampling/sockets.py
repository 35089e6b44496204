"""How many sockets are in which state: of processes, by the inodes of their descriptors, and here.

A socket that no table of TCP has is a UDP or Unix socket, or a TCP socket that is not bound yet;
it counts as ``other``.
"""

from __future__ import annotations

import errno
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from reli.sampling import socket_tables
from reli.sampling.socket_tables import CLOSE_WAIT, ESTABLISHED, LISTEN, OF_PROCESSES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

_FRESH_S = 0.25
_PROC = Path("/proc")


class Sockets:
    """The TCP sockets of a moment, read once for all the processes that are asked about in it.

    ``fresh_s`` is how long a table is used before it is read again. A socket that was opened since
    counts as ``other`` until then.
    """

    def __init__(self, fresh_s: float = _FRESH_S) -> None:
        self._fresh_s = fresh_s
        self._own_namespace = _namespace("self")
        self._tables: dict[int, tuple[float, Mapping[int, int]]] = {}

    def states_of(self, inodes: Collection[int], pid: int) -> Mapping[str, int]:
        """Columns ``sockets_*`` of a process that holds these sockets; empty when unknown."""
        if not inodes:
            return _columns(Counter(), 0)
        table = self._table(pid)
        if table is None:
            return {}
        return _columns(Counter(map(table.get, inodes)), len(inodes))

    def states(self) -> Mapping[str, int]:
        """Columns ``sockets_*`` of this host (this network namespace); what is unknown is absent.

        Only the sockets that listen or wait to be closed are looked at one by one; the kernel
        counts the others.
        """
        try:
            counted = _counted()
            found = Counter(state for _, state in self._own(1 << CLOSE_WAIT | 1 << LISTEN))
        except (OSError, ValueError, IndexError):
            return {}
        listen, close_wait = found[LISTEN], found[CLOSE_WAIT]
        established = max(0, counted["CurrEstab"] - close_wait)
        return {
            "sockets_established": established,
            "sockets_listen": listen,
            "sockets_close_wait": close_wait,
            "sockets_time_wait": counted["tw"],
            "sockets_other": max(0, counted["used"] - established - listen - close_wait),
        }

    def _table(self, pid: int) -> Mapping[int, int] | None:
        """State by inode, in the network namespace of a process."""
        try:
            namespace = _namespace(pid)
            now_s = time.monotonic()
            read_s, table = self._tables.get(namespace, (0.0, {}))
            if not read_s or now_s - read_s > self._fresh_s:
                table = dict(self._read(namespace, pid))
                self._forget(now_s)
                self._tables[namespace] = (time.monotonic(), table)
        except (OSError, ValueError, IndexError):
            return None
        return table

    def _forget(self, now_s: float) -> None:
        """Tables of namespaces that nobody asked about lately would only grow."""
        for namespace, (read_s, _) in list(self._tables.items()):
            if now_s - read_s > self._fresh_s:
                del self._tables[namespace]

    def _read(self, namespace: int, pid: int) -> Iterable[tuple[int, int]]:
        if namespace == self._own_namespace:
            return self._own(OF_PROCESSES)
        return socket_tables.by_text(_PROC / str(pid) / "net")

    @staticmethod
    def _own(states: int) -> Iterable[tuple[int, int]]:
        """Inode and state of what is in this network namespace; as text, of other states, too."""
        try:
            return list(socket_tables.by_netlink(states))
        except OSError as error:
            if error.errno == errno.E2BIG:
                raise
        return socket_tables.by_text(_PROC / "self" / "net")


def _namespace(pid: int | str) -> int:
    return (_PROC / str(pid) / "ns" / "net").stat().st_ino


def _columns(found: Counter[int | None], total: int) -> Mapping[str, int]:
    known = {
        "sockets_established": found[ESTABLISHED],
        "sockets_listen": found[LISTEN],
        "sockets_close_wait": found[CLOSE_WAIT],
    }
    return {**known, "sockets_other": total - sum(known.values())}


def _counted() -> dict[str, int]:
    """The kernel's own counts of sockets: ``CurrEstab``, ``tw`` and ``used``."""
    words = (_PROC / "net" / "sockstat").read_text(encoding="ascii").split()
    snmp = (_PROC / "net" / "snmp").read_text(encoding="ascii").splitlines()
    keys, values = (line.split() for line in snmp if line.startswith("Tcp:"))
    return {
        "used": int(words[words.index("used") + 1]),
        "tw": int(words[words.index("tw") + 1]),
        "CurrEstab": int(values[keys.index("CurrEstab")]),
    }
