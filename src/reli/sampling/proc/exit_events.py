"""How processes ended, from the kernel's proc connector: for Linux before 6.15.

The kernel tells each end as a message over netlink (``linux/cn_proc.h``), to who is in its first
pid and user namespace and has CAP_NET_ADMIN (which Linux 6.6 asks for no more). They are the ends of
the whole host: a filter in the kernel leaves out all else, and a host where too many processes end
is not listened to for a while.
"""

from __future__ import annotations

import errno
import select
import socket
import struct
import time
from array import array
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reli.sampling.proc.exits import Key

_MOST_AT_ONCE = 4096
_MOST_PER_S = 1000.0
"""Ends of processes that are looked at; each costs microseconds."""

_PAUSE_S = 60.0
_LATE_S = 0.02
"""For which a message may be waited for, once a sample: it is sent just after the end is seen."""

_BUFFER_BYTES = 2 << 20
_NETLINK_CONNECTOR = 11
_DONE = 3
_SO_ATTACH_FILTER, _SO_RCVBUFFORCE = 26, 33
_PROCESSES = 1  # CN_IDX_PROC, CN_VAL_PROC
_LISTEN, _IGNORE = 1, 2
_ANSWER, _EXIT = 0, 0x80000000

_REQUEST = struct.Struct("=IHHII IIIIHH I")
"""``nlmsghdr``, ``cn_msg`` and what is asked for."""

_MESSAGE = struct.Struct("=16x 12xI4x I12x iiI")
"""``nlmsghdr``; of ``cn_msg`` what it answers; what it is; pid or error, process, wait status."""

_WHAT_AT, _PID_AT, _PROCESS_AT, _STATUS_AT = 36, 52, 56, 60
_LOAD, _EQUAL, _EQUAL_X, _TO_X, _RETURN = 0x20, 0x15, 0x1D, 0x07, 0x06


class ExitEvents:
    """Listens while a process is watched; what was missed ended for an unknown cause."""

    def __init__(self) -> None:
        self._netlink: socket.socket | None = None
        self._keys: dict[int, Key] = {}
        self._statuses: dict[Key, int] = {}
        self._refused = False
        self._again_s = 0.0
        self._left = float(_MOST_AT_ONCE)
        self._looked_s = time.monotonic()
        self._may_wait = True
        self._trouble = ""
        self._told = False

    def watch(self, key: Key) -> bool:
        """Be ready for the end of a process that lives; whether that can be."""
        if self._netlink is None:
            self._listen()
        self._look()  # what is told until now was of another one
        self._keys[key[0]] = key
        return True

    def status(self, key: Key) -> int | None:
        """How it ended, if that was told."""
        self._look()
        if key not in self._statuses and self._may_wait and self._netlink is not None:
            self._may_wait = False
            self._wait(self._netlink, key)
        return self._statuses.get(key)

    def unwatch(self, key: Key) -> None:
        """Forget it; the last one ends the listening."""
        self._statuses.pop(key, None)
        if self._keys.get(key[0]) == key:
            del self._keys[key[0]]
        if not self._keys:
            self._close()

    def sampled(self) -> str:
        """Look what has ended; returns a trouble to tell."""
        if self._netlink is None and self._keys:
            self._listen()
        self._look()
        self._may_wait = True
        trouble, self._trouble = self._trouble, ""
        return trouble

    def _listen(self) -> None:
        if self._refused or time.monotonic() < self._again_s:
            return
        self._netlink = _listening()
        self._refused = self._netlink is None

    def _look(self) -> None:
        """Take the messages that are there, as many as there is time for."""
        now_s = time.monotonic()
        earned = (now_s - self._looked_s) * _MOST_PER_S
        self._left, self._looked_s = min(_MOST_AT_ONCE, self._left + earned), now_s
        while self._netlink is not None:
            message = _received(self._netlink)
            if message is None:
                return
            self._left -= 1
            if self._left < 0:
                self._pause()
            _, what, _, pid, status = message
            if what == _EXIT and pid in self._keys:
                # A main thread may have ended before its process, whose end is the last of them.
                self._statuses[self._keys[pid]] = status

    def _wait(self, netlink: socket.socket, key: Key) -> None:
        until_s = time.monotonic() + _LATE_S
        told = select.poll()
        told.register(netlink, select.POLLIN)
        while self._netlink is not None and key not in self._statuses:
            left_s = until_s - time.monotonic()
            if left_s <= 0:
                return
            told.poll(left_s * 1000)
            self._look()

    def _pause(self) -> None:
        self._close()
        self._again_s = time.monotonic() + _PAUSE_S
        if not self._told:
            self._told = True
            self._trouble = (
                "more processes of this host end than can be looked at: how those of targets end "
                f"is not known for {_PAUSE_S:.0f} s each time"
            )

    def _close(self) -> None:
        if self._netlink is not None:
            with suppress(OSError):
                _ask(self._netlink, _IGNORE)  # else the kernel goes on for nobody
            self._netlink.close()
            self._netlink = None


def _listening() -> socket.socket | None:
    """A socket to which the kernel has agreed to tell; ``None`` where it does not."""
    try:
        netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _NETLINK_CONNECTOR)
    except OSError:
        return None
    try:
        netlink.setblocking(False)
        netlink.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        with suppress(OSError):  # an ordinary user gets less than that
            netlink.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER_BYTES)
        _attach_filter(netlink)
        netlink.bind((0, _PROCESSES))
        _ask(netlink, _LISTEN)
        # It answers at once, or never: to another namespace, in which pids are other ones.
        for _ in range(_MOST_AT_ONCE):
            message = _received(netlink)
            if message is None:
                break
            answered, what, error, _, _ = message
            if (answered, what, error) == (_number(netlink) + 1, _ANSWER, 0):
                return netlink
    except OSError:
        pass
    netlink.close()
    return None


def _ask(netlink: socket.socket, what: int) -> None:
    number = _number(netlink)
    header = _REQUEST.size, _DONE, 0, 0, 0
    netlink.send(_REQUEST.pack(*header, _PROCESSES, _PROCESSES, 0, number, 4, 0, what))


def _number(netlink: socket.socket) -> int:
    """By which an answer is known; below 2**31, as the one after it is looked for."""
    return int(netlink.getsockname()[0]) & 0x7FFFFFFF


def _received(netlink: socket.socket) -> tuple[int, ...] | None:
    """The next message of the kernel; ``None`` when there is none yet."""
    while True:
        try:
            data, (sender, _groups) = netlink.recvfrom(256)
        except OSError as error:
            if error.errno == errno.ENOBUFS:
                continue  # some are lost; those before them are there
            return None
        if sender == 0 and len(data) >= _MESSAGE.size:
            return _MESSAGE.unpack_from(data)


def _attach_filter(netlink: socket.socket) -> None:
    """Let pass the answer, and ends: of main threads, and of others that did not end with 0.

    Threads that come and go are left out so. Of a process whose main thread has ended before, the
    others still tell that it was killed.
    """
    program = (
        (_LOAD, 0, 0, _WHAT_AT),
        (_EQUAL, 7, 0, _in_network_order(_ANSWER)),
        (_EQUAL, 0, 7, _in_network_order(_EXIT)),
        (_LOAD, 0, 0, _STATUS_AT),
        (_EQUAL, 0, 4, 0),
        (_LOAD, 0, 0, _PID_AT),
        (_TO_X, 0, 0, 0),
        (_LOAD, 0, 0, _PROCESS_AT),
        (_EQUAL_X, 0, 1, 0),
        (_RETURN, 0, 0, 0xFFFF),
        (_RETURN, 0, 0, 0),
    )
    code = array("B", b"".join(struct.pack("=HBBI", *each) for each in program))
    address, _ = code.buffer_info()
    netlink.setsockopt(
        socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("@HP", len(program), address)
    )


def _in_network_order(number: int) -> int:
    """As a filter loads it, whatever the byte order of this machine."""
    return socket.htonl(number)
