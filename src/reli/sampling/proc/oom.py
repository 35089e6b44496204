"""Which kills were the kernel's own, for lack of memory: its counts of them, by cgroup and host."""

from __future__ import annotations

import re

from reli.sampling.proc.files import read, read_whole

_HOST = "/proc/vmstat"
_COUNT = re.compile(rb"^oom_kill (\d+)$", re.MULTILINE)
_MOST_FILES = 64


class OomCounts:
    """The kernel's counts as they stood at the sample before, and what has come since."""

    def __init__(self) -> None:
        self._before: dict[str, int] = {}
        self._file_of: dict[int, str] = {}

    def watch(self, pid: int) -> None:
        """Count in the cgroup that a process is in."""
        file = _count_file(pid)
        if file is None or (file not in self._before and len(self._before) >= _MOST_FILES):
            file = _HOST
        self._file_of[pid] = file
        if file not in self._before:
            self._before[file] = _count(file) or 0

    def unwatch(self, pid: int) -> None:
        self._file_of.pop(pid, None)

    def take(self, pid: int) -> bool:
        """Whether a kill since the last sample can have been that of a process; if so it was.

        The count is that of its cgroup; of the host when the cgroup is gone or does not count.
        """
        for file in (self._file_of.get(pid, _HOST), _HOST):
            count = _count(file)
            if count is None:
                continue
            taken = count > self._before.get(file, count)
            self._before[file] = self._before.get(file, count) + taken
            return taken
        return False

    def renew(self) -> None:
        """Remember the counts for the next sample."""
        files = {*self._file_of.values(), _HOST} if self._file_of else ()
        self._before = {file: count for file in files if (count := _count(file)) is not None}


def _count(file: str) -> int | None:
    try:
        found = _COUNT.search(read_whole(file, 1 << 16))
    except OSError:
        return None
    return int(found[1]) if found else None


def _count_file(pid: int) -> str | None:
    """The file that counts the kills of a process's cgroup, in version 1 or version 2."""
    try:
        lines = read(f"/proc/{pid}/cgroup").decode("utf-8", "replace").splitlines()
    except OSError:
        return None
    candidates: list[str] = []
    for line in lines:
        number, controllers, path = line.split(":", 2)
        if "memory" in controllers.split(","):
            candidates.insert(0, f"/sys/fs/cgroup/memory{path}/memory.oom_control")
        elif number == "0":
            candidates.append(f"/sys/fs/cgroup{path}/memory.events")
            candidates.append(f"/sys/fs/cgroup/unified{path}/memory.events")
    return next((file for file in candidates if _count(file) is not None), None)
