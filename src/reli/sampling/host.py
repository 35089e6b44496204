"""``host``: the machine on which the sampler runs."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from reli.sampling import host_files
from reli.sampling.background import Background
from reli.sampling.cost import Pace
from reli.sampling.host_disks import free, this_hosts_disks
from reli.sampling.proc.files import read_whole
from reli.sampling.source import SOURCES, Reading
from reli_analysis.errors import InputError
from reli_analysis.record.layout import HOST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from reli.sampling.source import Surroundings

_SOCKETS_SHARE = 0.002
"""Of the time may be spent on the states of sockets."""

_DISKS_FRESH_S = 15.0
_DISKS_FRESH_INTERVALS = 1.5
"""The answer to one sample's question is there at the next: however long an interval is."""


def _has_hardware(interface: str) -> bool:
    return os.path.exists(f"/sys/class/net/{interface}/device")  # noqa: PTH110 -- each sample


_SNMP = {("Tcp", "RetransSegs"): "tcp_retransmits"}
_NETSTAT = {("TcpExt", "ListenDrops"): "listen_drops"}

_FILES: tuple[tuple[str, Callable[[str], Mapping[str, float]]], ...] = (
    ("/proc/stat", host_files.parse_stat),
    ("/proc/meminfo", host_files.parse_meminfo),
    ("/proc/vmstat", host_files.parse_vmstat),
    ("/proc/net/dev", partial(host_files.parse_net_dev, has_hardware=_has_hardware)),
    ("/proc/net/snmp", partial(host_files.parse_counters, wanted=_SNMP)),
    ("/proc/net/netstat", partial(host_files.parse_counters, wanted=_NETSTAT)),
)


class Host:
    """Reads a few small files each sample; the disks are asked in a thread."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._name = socket.gethostname()
        self._pace = Pace(
            _SOCKETS_SHARE,
            surroundings.clock.interval_s,
            what="states of sockets",
            tell=partial(surroundings.event, "pace", "host"),
        )
        self._told: set[str] = set()
        self._opened_s = surroundings.clock.elapsed_s()
        self._disks = Background(self._free, "disks")
        self._disks.ask()

    def sample(self) -> Iterable[Reading]:
        values: dict[str, float] = {}
        for path, parse in _FILES:
            try:
                values |= parse(read_whole(path).decode("ascii", "replace"))
            except (OSError, ValueError, KeyError, IndexError) as error:
                self._miss(path, str(error))
        values |= self._sockets()
        values |= self._newest_disks()
        return [Reading(HOST, self._name, values)] if values else []

    def _sockets(self) -> Mapping[str, float]:
        elapsed_s = self._surroundings.clock.elapsed_s()
        if not self._pace.due(elapsed_s):
            return {}
        with self._pace.run(elapsed_s):
            states = self._surroundings.sockets.states()
        if not states:
            self._miss("states of sockets", "the kernel does not tell them")
        return states

    def _free(self) -> Mapping[str, float]:
        """In the thread."""
        record = self._surroundings.record
        try:
            return free([*this_hosts_disks(), *([record] if record else [])])
        except OSError:
            return {}

    def _newest_disks(self) -> Mapping[str, float]:
        clock = self._surroundings.clock
        fresh_s = max(_DISKS_FRESH_S, _DISKS_FRESH_INTERVALS * clock.interval_s)
        newest = self._disks.newest(fresh_s)
        if not newest and clock.elapsed_s() - self._opened_s > fresh_s:
            self._miss("the disks", "they do not answer; does a file system hang?")
        self._disks.ask()
        return newest or {}

    def _miss(self, what: str, why: str) -> None:
        if what not in self._told:
            self._told.add(what)
            self._tell(f"{what} cannot be read: {why}")

    def _tell(self, message: str) -> None:
        self._surroundings.event("sampling", "host", message)

    def close(self) -> None:
        self._disks.close()


@dataclass(frozen=True)
class ThisHost:
    """The host of the process that samples."""

    def open(self, surroundings: Surroundings) -> Host:
        return Host(surroundings)


def _parse(argument: str) -> ThisHost:
    if argument:
        raise InputError(
            f'target "host" takes no argument, not "{argument}": it is the host that samples; '
            "for another one run reli sample --serve there and name agent:HOST:PORT"
        )
    return ThisHost()


SOURCES.register("host", _parse)
