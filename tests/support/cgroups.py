"""Real cgroups for tests: made, filled with processes, limited and taken away again."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TOP = Path("/sys/fs/cgroup")
_REMOVED_WITHIN_S = 10


class RealCgroup:
    """One path in the hierarchies of several controllers of version 1, or in that of version 2."""

    def __init__(self, path: str, controllers: Sequence[str]) -> None:
        self.path = path
        self.directories = {name: TOP / name / path.strip("/") for name in controllers}

    def make(self) -> None:
        for directory in self.directories.values():
            directory.mkdir(parents=True)

    def set(self, controller: str, name: str, value: object) -> None:
        (self.directories[controller] / name).write_text(f"{value}\n", encoding="ascii")

    def run(self, program: str, *arguments: str) -> subprocess.Popen[str]:
        """Start a Python program that is in the cgroup before it does anything."""
        places = [str(directory / "cgroup.procs") for directory in self.directories.values()]
        enter = (
            "import os, sys\n"
            f"for place in {places!r}:\n"
            "    open(place, 'w').write(str(os.getpid()))\n"
        )
        return subprocess.Popen(
            [sys.executable, "-c", enter + program, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def remove(self) -> None:
        """End what runs in it and below, and take the directories away."""
        until_s = time.monotonic() + _REMOVED_WITHIN_S
        for directory in self.directories.values():
            while directory.is_dir():
                try:
                    self._empty(directory)
                except OSError:
                    if time.monotonic() > until_s:
                        raise
                    time.sleep(0.01)
            with suppress(OSError):  # not empty, or the mount itself
                for parent in directory.parents:
                    parent.rmdir()

    @staticmethod
    def _empty(directory: Path) -> None:
        for place, _, _ in os.walk(directory, topdown=False):
            for pid in (Path(place) / "cgroup.procs").read_text().split():
                os.kill(int(pid), 9)
            Path(place).rmdir()


@contextmanager
def real_cgroup(path: str, *controllers: str) -> Iterator[RealCgroup]:
    """A cgroup that is there within; the test is skipped where none can be made.

    ``path`` must be of this process alone: tests run side by side.
    """
    cgroup = RealCgroup(path, controllers)
    missing = [name for name in controllers if not (TOP / name / "cgroup.procs").exists()]
    if missing:
        pytest.skip(f"no cgroup hierarchy is mounted at {TOP / missing[0]}")
    try:
        cgroup.make()
    except OSError as error:
        pytest.skip(f"no cgroup can be made here: {error}")
    try:
        yield cgroup
    finally:
        cgroup.remove()
