"""The kernel's tables of TCP sockets: by netlink for this network namespace, else as text.

With 10,000 sockets, netlink (``sock_diag(7)``) takes a third of the CPU time that
``/proc/net/tcp`` does, and it can leave out states, so that a host's thousands of TIME_WAIT cost
nothing. The text remains for network namespaces of others, which netlink does not reach, and for
kernels without ``tcp_diag``.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ESTABLISHED, TIME_WAIT, CLOSE_WAIT, LISTEN = 1, 6, 8, 10
_SYN_RECEIVED, _NEW_SYN_RECEIVED = 3, 12

OF_PROCESSES = 0xFFFF & ~(1 << TIME_WAIT | 1 << _SYN_RECEIVED | 1 << _NEW_SYN_RECEIVED)
"""The states, as bits, in which a socket has an inode: a descriptor of some process."""

MOST = 500_000
"""Sockets that are looked at; a host with more keeps its states to itself."""

_NETLINK_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY = 20
_REQUEST_DUMP = 0x301
_CHUNK_BYTES = 1 << 16
_WAIT_S = 1.0

_HEADER = struct.Struct("=IHHII")
_REQUEST = struct.Struct("=BBBBI48x")
_MESSAGE = struct.Struct("=IH11xB2x2s58xII")
"""Of an answer (``nlmsghdr`` and ``inet_diag_msg``): length, type, state, port, user, inode."""


def by_netlink(states: int) -> Iterator[tuple[int, int]]:
    """Inode and state of the TCP sockets of this network namespace that are in ``states`` (bits).

    Raises ``OSError`` when the kernel does not offer it, or has more sockets than ``MOST``.
    """
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_SOCK_DIAG) as netlink:
        netlink.settimeout(_WAIT_S)
        left = MOST
        for family in (socket.AF_INET, socket.AF_INET6):
            for state, _, _, inode in _dump(netlink, family, states):
                left -= 1
                if left < 0:
                    raise OSError(errno.E2BIG, f"there are more than {MOST:,} sockets")
                yield inode, state


def listening_on(port: int) -> dict[int, int]:
    """The TCP sockets that listen on a port of this network namespace: user by inode.

    Raises ``OSError`` when the kernel does not offer it.
    """
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_SOCK_DIAG) as netlink:
        netlink.settimeout(_WAIT_S)
        return {
            inode: user
            for family in (socket.AF_INET, socket.AF_INET6)
            for _, its_port, user, inode in _dump(netlink, family, 1 << LISTEN)
            if its_port == port.to_bytes(2, "big")
        }


def _dump(
    netlink: socket.socket, family: int, states: int
) -> Iterator[tuple[int, bytes, int, int]]:
    request = _REQUEST.pack(family, socket.IPPROTO_TCP, 0, 0, states)
    length = _HEADER.size + len(request)
    netlink.send(_HEADER.pack(length, _SOCK_DIAG_BY_FAMILY, _REQUEST_DUMP, family, 0) + request)
    while True:
        chunk = netlink.recv(_CHUNK_BYTES)
        at = 0
        while at < len(chunk):
            length, kind = struct.unpack_from("=IH", chunk, at)
            if kind != _SOCK_DIAG_BY_FAMILY:  # the end, which says whether all went well
                (status,) = struct.unpack_from("=i", chunk, at + _HEADER.size)
                if status < 0:
                    raise OSError(-status, f"sock_diag: {os.strerror(-status)}")
                return
            _, _, state, port, user, inode = _MESSAGE.unpack_from(chunk, at)
            yield state, port, user, inode
            at += (length + 3) & ~3


def by_text(net: Path) -> Iterator[tuple[int, int]]:
    """The same, of all states, from ``/proc/net`` or the ``net`` of a process.

    Raises ``OSError`` when it cannot be read, or there are more sockets than ``MOST``.
    """
    left = MOST
    for name in ("tcp", "tcp6"):
        with suppress(FileNotFoundError), (net / name).open("rb") as lines:
            next(lines, None)
            for line in lines:
                left -= 1
                if left < 0:
                    raise OSError(errno.E2BIG, f"there are more than {MOST:,} sockets")
                fields = line.split(None, 10)
                yield int(fields[9]), int(fields[3], 16)
