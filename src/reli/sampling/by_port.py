"""``port:N``: whoever listens on a TCP port of this host."""

from __future__ import annotations

import pwd
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from reli.sampling import socket_tables
from reli.sampling.proc import descriptors
from reli.sampling.processes import Processes
from reli.sampling.source import SOURCES
from reli_analysis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reli.sampling.proc.parse import Stat
    from reli.sampling.source import Surroundings

_SEARCH_SHARE = 0.1
"""Share of an interval that a search may take of a sample."""

_LOOK_AGAIN_S = 60.0
_MOST_DIGITS = 5


@dataclass(frozen=True)
class ByPort:
    """The process that holds a listening socket of the port, IPv4 or IPv6."""

    port: int

    def open(self, surroundings: Surroundings) -> Processes:
        subject = f"port:{self.port}"
        return Processes(surroundings, Listeners(surroundings, subject, self.port), subject)


class Listeners:
    """Finds the owners of listening sockets; called at each sample.

    Which sockets listen is asked each time. Only for one whose owner is not known are the
    descriptors of the host's processes searched, the oldest first, so that the process that opened
    it is found before those that inherited it; process 1 comes last, as it may hold the sockets of
    services that it starts. Whether an owner still holds its socket is looked at once a minute.
    """

    def __init__(self, surroundings: Surroundings, subject: str, port: int) -> None:
        self._table = surroundings.processes
        self._tell = partial(surroundings.event, "sampling", subject)
        self._port = port
        self._limit_s = _SEARCH_SHARE * surroundings.clock.interval_s
        self._owners: dict[int, Stat] = {}
        self._ownerless: set[int] = set()
        self._left: list[Stat] = []
        self._wanted: set[int] = set()
        self._look_again_s = 0.0
        self._told = False

    def __call__(self) -> set[int]:
        try:
            users = socket_tables.listening_on(self._port)
        except OSError as error:
            self._once(f"listening sockets cannot be read: {error.strerror or error}")
            return set()
        self._forget(users)
        if users.keys() - self._owners.keys() - self._ownerless:
            self._go_on(users)
        return {stat.pid for stat in self._owners.values()}

    def _forget(self, users: Mapping[int, int]) -> None:
        """Drop the owners that have ended, and now and then those that let their socket go."""
        again = time.monotonic() >= self._look_again_s
        if again:
            self._look_again_s = time.monotonic() + _LOOK_AGAIN_S
            self._ownerless.clear()
        self._ownerless &= users.keys()
        self._owners = {
            inode: stat
            for inode, stat in self._owners.items()
            if inode in users
            and self._is_there(stat)
            and (not again or inode in _sockets(stat.pid))
        }

    def _is_there(self, stat: Stat) -> bool:
        now = self._table.get(stat.pid)
        return now is not None and now.started_ticks == stat.started_ticks

    def _go_on(self, users: Mapping[int, int]) -> None:
        """Search for the time that a sample has for it; the next sample goes on."""
        if not self._left:
            self._left = sorted(self._table.all(), key=_oldest_last)
            self._wanted = users.keys() - self._owners.keys()
        until_s = time.perf_counter() + self._limit_s
        while self._left and time.perf_counter() < until_s:
            stat = self._left.pop()
            wanted = users.keys() - self._owners.keys()
            for inode in wanted & _sockets(stat.pid):
                self._owners[inode] = stat
            if wanted <= self._owners.keys():
                self._left.clear()
                return
        if not self._left:
            self._give_up(users, self._wanted & users.keys() - self._owners.keys())

    def _give_up(self, users: Mapping[int, int], inodes: set[int]) -> None:
        self._ownerless |= inodes
        for inode in inodes:
            self._once(
                f"a process of user {_user(users[inode])} listens on it, whose descriptors cannot "
                "be read: permission denied; it needs the same user, or root"
            )

    def _once(self, sentence: str) -> None:
        if not self._told:
            self._told = True
            self._tell(sentence)


def _oldest_last(stat: Stat) -> tuple[bool, int, int]:
    return (stat.pid != 1, -stat.started_ticks, -stat.pid)


def _sockets(pid: int) -> set[int]:
    try:
        return set(descriptors.socket_inodes(descriptors.links(pid)))
    except OSError:
        return set()


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _parse(argument: str) -> ByPort:
    digits = argument.isascii() and argument.isdecimal() and len(argument) <= _MOST_DIGITS
    if not digits or not 1 <= int(argument) <= 65535:
        raise InputError(f'target "port:{argument}" needs a TCP port, for example port:8080')
    return ByPort(int(argument))


SOURCES.register("port", _parse)
