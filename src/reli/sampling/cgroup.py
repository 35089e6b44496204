"""``cgroup:PATH``: a control group, what it is charged for and the processes in it."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reli.sampling import cgroup_files, cgroup_v1, cgroup_v2
from reli.sampling.cgroup_files import PERIODS, THROTTLED
from reli.sampling.cgroup_paths import Hierarchies, processes_below
from reli.sampling.processes import Processes
from reli.sampling.source import SOURCES, Reading
from reli_analysis.errors import InputError
from reli_analysis.record.layout import CGROUP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from reli.sampling.source import Surroundings

    Read = Callable[[str, str], dict[str, float]]

_MOST_PROCESSES = 10_000
_PATIENCE_S = 10.0
"""For which nothing is said of one that is not there yet."""

_TELL_AFTER = 2
"""Samples in a row without a part before that is told: a cgroup's directories come one by one."""


@dataclass(frozen=True)
class _Part:
    """One thing to know of a cgroup, from version 1's controller or else from version 2."""

    what: str
    controller: str
    version_1: Read
    version_2: Read


_PARTS = (
    _Part("memory", "memory", cgroup_v1.memory, cgroup_v2.memory),
    _Part("CPU time", "cpuacct", cgroup_v1.cpu_time, cgroup_v2.cpu_time),
    _Part("the CPU quota", "cpu", cgroup_v1.cpu_quota, cgroup_v2.cpu_quota),
    _Part("the number of processes", "pids", cgroup_files.pids, cgroup_files.pids),
    _Part("storage", "blkio", cgroup_v1.storage, cgroup_v2.storage),
)


@dataclass(frozen=True)
class _Place:
    """A cgroup that is there; one that is made anew at the same path has another inode."""

    path: str
    directory: str
    inode: int


class Cgroup:
    """Measures the cgroup that ``find`` names at each sample, if it names one.

    ``subject`` is what events call it, ``name`` what its rows do. Each time that it is there again,
    or is another one, a new segment begins.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        subject: str,
        name: str,
        find: Callable[[], str | None],
        hierarchies: Hierarchies,
    ) -> None:
        self._surroundings = surroundings
        self._subject = subject
        self._name = name
        self._find = find
        self._hierarchies = hierarchies
        self._processes = Processes(
            surroundings,
            self._pids,
            subject,
            with_descendants=False,
            segment=lambda: max(0, self._segment),
        )
        self._place: _Place | None = None
        self._absent = False
        self._patient_until_s = surroundings.clock.elapsed_s() + _PATIENCE_S
        self._segment = -1
        self._periods: tuple[float, float] | None = None
        self._unread: Counter[str] = Counter()

    def sample(self) -> Iterable[Reading]:
        self._look(self._find())
        values = self._values(self._place.path) if self._place else {}
        readings = [Reading(CGROUP, self._name, values, segment=self._segment)] if values else []
        return [*readings, *self._processes.sample()]

    def _look(self, path: str | None) -> None:
        """See whether it is there, and whether it is the one that was there before."""
        before, elapsed_s = self._place, self._surroundings.clock.elapsed_s()
        inode = _inode(before.directory) if before and before.path == path else None
        if before and inode == before.inode:
            return
        # One that has just gone may have directories of other controllers left for a moment.
        gone = before is not None and before.path == path and inode is None
        self._place = None if gone or path is None else self._find_place(path)
        if self._place is not None:
            self._begin(replaced=before is not None)
        elif before or (not self._absent and elapsed_s >= self._patient_until_s):
            self._absent = True
            self._tell("vanished", "it is gone" if before else "it is not there yet")

    def _find_place(self, path: str) -> _Place | None:
        directory = next(self._hierarchies.directories(path), None)
        inode = _inode(directory) if directory else None
        return _Place(path, directory, inode) if directory and inode else None

    def _begin(self, *, replaced: bool) -> None:
        self._segment += 1
        self._periods = None
        if replaced or self._absent:
            how = "it was replaced by a new one" if replaced else "it is there"
            self._tell("appeared", f"{how}; its segment {self._segment} begins")
        self._absent = False

    def _tell(self, kind: str, message: str) -> None:
        self._surroundings.event(kind, self._subject, message)

    def _values(self, path: str) -> dict[str, float]:
        values: dict[str, float] = {}
        missed: dict[str, str] = {}
        for part in _PARTS:
            try:
                values |= self._read(part, path)
                self._unread[part.what] = 0
            except FileNotFoundError:
                missed[part.what] = "no controller of it is enabled there"
            except (OSError, ValueError) as error:
                missed[part.what] = str(error)
        self._unread.update(missed.keys())
        self._tell_missed([what for what in missed if self._unread[what] == _TELL_AFTER], missed)
        self._add_throttling(values)
        return values

    def _read(self, part: _Part, path: str) -> dict[str, float]:
        """By the hierarchy of its controller, else by version 2."""
        missing: OSError | None = None
        for hierarchy in self._hierarchies.of(part.controller):
            read = part.version_1 if hierarchy.version == 1 else part.version_2
            try:
                return read(hierarchy.directory(path), hierarchy.mount)
            except FileNotFoundError as error:
                missing = error
        raise missing or FileNotFoundError("no hierarchy has its controller")

    def _tell_missed(self, parts: Sequence[str], why: Mapping[str, str]) -> None:
        for reason in dict.fromkeys(why[what] for what in parts):
            listed = ", ".join(what for what in parts if why[what] == reason)
            self._tell("sampling", f"{listed} of the cgroup cannot be read: {reason}")

    def _add_throttling(self, values: dict[str, float]) -> None:
        """The share of periods since the sample before; none when there was no period."""
        now = values.pop(PERIODS, None), values.pop(THROTTLED, None)
        if now[0] is None or now[1] is None:
            return
        before, self._periods = self._periods, (now[0], now[1])
        if before and now[0] > before[0]:
            values["throttled_ratio"] = max(0.0, now[1] - before[1]) / (now[0] - before[0])

    def _pids(self) -> Iterable[int]:
        """The processes in it and below it."""
        for directory in self._hierarchies.directories(self._place.path) if self._place else ():
            pids = processes_below(directory, _MOST_PROCESSES)
            if pids:
                return pids
        return ()

    def close(self) -> None:
        self._processes.close()


def _inode(directory: str) -> int | None:
    try:
        return os.stat(directory).st_ino  # noqa: PTH116 -- each sample
    except OSError:
        return None


@dataclass(frozen=True)
class OneCgroup:
    """A cgroup by its path, as in ``/proc/PID/cgroup`` or as a directory."""

    path: str

    def open(self, surroundings: Surroundings) -> Cgroup:
        hierarchies = Hierarchies.of_this_host()
        path = hierarchies.path(self.path)
        name = path.rpartition("/")[2] or "/"
        return Cgroup(surroundings, f"cgroup:{self.path}", name, lambda: path, hierarchies)


def _parse(argument: str) -> OneCgroup:
    if not argument.startswith("/") or ".." in argument.split("/"):
        raise InputError(
            f'target "cgroup:{argument}" needs a path as in /proc/PID/cgroup, '
            "for example cgroup:/system.slice/nginx.service"
        )
    return OneCgroup(argument)


SOURCES.register("cgroup", _parse)
