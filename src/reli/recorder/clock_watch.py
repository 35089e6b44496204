"""Notices that the host was suspended, or that its wall clock was set.

A record's time is ``CLOCK_MONOTONIC``, which no step moves and which stands still in a suspend, so
samples stay evenly spaced in it; what happened to the time of day is told as an event.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

NOTICED_S = 0.5
"""A smaller step moves no reading that a person compares; slewing moves both clocks alike."""

_TRIES = 3


@dataclass(frozen=True)
class Clocks:
    """Three clocks at one moment: without suspends, with them, and the time of day."""

    monotonic_s: float
    boottime_s: float
    wall_s: float


def read_clocks() -> Clocks | None:
    """The host's clocks; ``None`` when this process was held up between reading one and another."""
    for _ in range(_TRIES):
        monotonic_s = time.monotonic()
        clocks = Clocks(monotonic_s, time.clock_gettime(time.CLOCK_BOOTTIME), time.time())
        if time.monotonic() - monotonic_s < NOTICED_S / 10:
            return clocks
    return None


class ClockWatch:
    """Compares how far the clocks moved since the last look."""

    def __init__(self, read: Callable[[], Clocks | None] = read_clocks) -> None:
        self._read = read
        self._before = read()

    def look(self) -> list[str]:
        """One sentence for each thing that happened to the clocks since the last look."""
        now, before = self._read(), self._before
        if now is None or before is None:
            self._before = now or before
            return []
        self._before = now
        ran_s = now.monotonic_s - before.monotonic_s
        passed_s = now.boottime_s - before.boottime_s
        suspended_s = passed_s - ran_s
        # The time of day goes on in a suspend, as the boot clock does.
        stepped_s = now.wall_s - before.wall_s - passed_s
        told = []
        if suspended_s > NOTICED_S:
            told.append(f"the host was suspended for {suspended_s:.1f} s")
        if abs(stepped_s) > NOTICED_S:
            way = "forward" if stepped_s > 0 else "back"
            told.append(
                f"the wall clock was set {way} by {abs(stepped_s):.1f} s; "
                "the record's times are of the clock as it was at its start"
            )
        return told
