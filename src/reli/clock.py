"""The clock of a run: every process counts the same intervals from the same start.

On one host all processes share CLOCK_MONOTONIC, so the run's start is exact there. On another
host (or after a reboot) the wall clock translates it once; from then on the local monotonic clock
counts, so that a step of the wall clock moves nothing.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path


def boot_id() -> str:
    """What tells this boot of this host from every other."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


@dataclass(frozen=True)
class RunClock:
    """``start_s`` is the run's start on this process's ``time.monotonic()``."""

    start_s: float
    started_wall_s: float
    interval_s: float

    @classmethod
    def begin(cls, interval_s: float) -> RunClock:
        return cls(time.monotonic(), time.time(), interval_s)

    @classmethod
    def join(
        cls, start_s: float, started_wall_s: float, interval_s: float, its_boot_id: str
    ) -> RunClock:
        """The clock of a run that another process began."""
        if its_boot_id == boot_id():
            return cls(start_s, started_wall_s, interval_s)
        elapsed_s = time.time() - started_wall_s
        return cls(time.monotonic() - elapsed_s, started_wall_s, interval_s)

    def elapsed_s(self) -> float:
        return time.monotonic() - self.start_s

    def until_s(self, elapsed_s: float) -> float:
        """How long to wait for a moment of the run; 0 when it has passed."""
        return max(0.0, elapsed_s - self.elapsed_s())

    def wall_s(self, elapsed_s: float) -> float:
        return self.started_wall_s + elapsed_s
