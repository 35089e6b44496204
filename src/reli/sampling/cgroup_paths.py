"""Where the directories of a cgroup are: version 1 has a hierarchy a controller, 2 one for all.

Both can be mounted side by side ("hybrid"): a controller is in one of them only.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reli.sampling.proc.files import read_whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MOUNTINFO = "/proc/self/mountinfo"
_MOST_BYTES = 1 << 22
_MOST_DIRECTORIES = 10_000

_WITH_PROCESSES = ("memory", "pids", "cpu", "cpuacct", "name=systemd")
"""In this order a hierarchy of version 1 is asked for a cgroup's processes."""


@dataclass(frozen=True)
class Hierarchy:
    """One tree of cgroups: ``root`` is the cgroup that is seen at the directory ``mount``."""

    version: int
    mount: str
    root: str = "/"
    controllers: frozenset[str] = frozenset()

    def directory(self, path: str) -> str:
        """Where a cgroup is, by its path as in ``/proc/PID/cgroup``; it need not be there."""
        below = path.removeprefix(self.root.rstrip("/")).strip("/")
        return f"{self.mount}/{below}" if below else self.mount


@dataclass(frozen=True)
class Hierarchies:
    """All that are mounted, version 2 last."""

    mounted: Sequence[Hierarchy]

    @classmethod
    def of_this_host(cls) -> Hierarchies:
        """Raises ``OSError`` when the mounts cannot be read."""
        return cls.parse(read_whole(_MOUNTINFO, _MOST_BYTES).decode("utf-8", "surrogateescape"))

    @classmethod
    def parse(cls, mountinfo: str) -> Hierarchies:
        """From the text of ``/proc/PID/mountinfo``; a hierarchy mounted twice counts once."""
        found: dict[frozenset[str], Hierarchy] = {}
        for line in mountinfo.splitlines():
            before, _, after = line.partition(" - ")
            fields, kinds = before.split(), after.split()
            if len(fields) < 5 or len(kinds) < 3 or kinds[0] not in {"cgroup", "cgroup2"}:
                continue
            version = 2 if kinds[0] == "cgroup2" else 1
            # For version 1, the options of the mount name the controllers.
            controllers = frozenset(kinds[2].split(",") if version == 1 else ()) - {"rw", "ro"}
            mount, root = unescaped(fields[4]), unescaped(fields[3])
            found.setdefault(controllers, Hierarchy(version, mount, root, controllers))
        return cls(sorted(found.values(), key=lambda hierarchy: hierarchy.version))

    def path(self, text: str) -> str:
        """A cgroup as in ``/proc/PID/cgroup``, from such a path or that of a directory."""
        for hierarchy in self.mounted:
            if f"{text}/".startswith(f"{hierarchy.mount}/"):
                below = text.removeprefix(hierarchy.mount).strip("/")
                return f"{hierarchy.root.rstrip('/')}/{below}"
        return f"/{text.strip('/')}"

    def of(self, controller: str) -> Iterator[Hierarchy]:
        """Where a controller can be: in its own hierarchy, then in that of version 2."""
        for hierarchy in self.mounted:
            if hierarchy.version == 2 or controller in hierarchy.controllers:
                yield hierarchy

    def directories(self, path: str) -> Iterator[str]:
        """The directories of a cgroup that are there, those that tell its processes best first."""
        best = [hierarchy for name in _WITH_PROCESSES for hierarchy in self.of(name)]
        for hierarchy in dict.fromkeys([*best, *self.mounted]):
            directory = hierarchy.directory(path)
            if os.path.isdir(directory):  # noqa: PTH112 -- a few each sample
                yield directory

    def every_path(self) -> Iterator[str]:
        """Every cgroup but the roots, up to a bound; slow with many: not for each sample."""
        seen: set[str] = set()
        for hierarchy in self.mounted:
            for directory, _, _ in os.walk(hierarchy.mount):
                path = self.path(directory)
                if path != "/" and path not in seen:
                    seen.add(path)
                    yield path
                if len(seen) >= _MOST_DIRECTORIES:
                    return


def processes_below(directory: str, most: int) -> list[int]:
    """The processes in a cgroup and those below it, at most so many; raises no error."""
    pids: list[int] = []
    for place, _, _ in os.walk(directory):
        try:
            pids += map(int, read_whole(f"{place}/cgroup.procs").split())
        except OSError:
            continue  # removed since, or a cgroup of threads
        if len(pids) >= most:
            break
    return pids[:most]


def unescaped(text: str) -> str:
    """A path as mountinfo writes it: with blanks and the like in octal."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)
