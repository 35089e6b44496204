"""Syncs the record's files at a steady pace, in a thread, so that a slow disk delays no sample."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from threading import Event, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

EVERY_S = 10.0
"""What a power cut may take; a killed process loses nothing that was flushed."""

_LAST_S = 30.0


class Syncing:
    """``fdatasync`` of the files every ten seconds, and once more at the end."""

    def __init__(self, descriptors: Sequence[int], every_s: float = EVERY_S) -> None:
        # Copies, so that a file which is closed meanwhile is still the one that is synced.
        self._descriptors = [os.dup(descriptor) for descriptor in descriptors]
        self._every_s = every_s
        self._ended = Event()
        self._slowest_s = 0.0
        self._said_s = 0.0
        # A disk that hangs must not keep the process from ending.
        self._thread = Thread(target=self._work, name="reli-sync", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        while not self._ended.wait(self._every_s):
            self._sync()
        self._sync()
        for descriptor in self._descriptors:
            os.close(descriptor)

    def _sync(self) -> None:
        begun_s = time.monotonic()
        for descriptor in self._descriptors:
            # What the disk refuses is told by the next write to it.
            with suppress(OSError):
                os.fdatasync(descriptor)
        self._slowest_s = max(self._slowest_s, time.monotonic() - begun_s)

    def trouble(self) -> str | None:
        """A sentence when syncing takes longer than its pace, and twice as long as said before."""
        slowest_s = self._slowest_s
        if slowest_s <= max(self._every_s, 2 * self._said_s):
            return None
        self._said_s = slowest_s
        return (
            f"syncing the record took {slowest_s:.0f} s; a power cut could take more than the last "
            f"{self._every_s:.0f} s"
        )

    def close(self) -> None:
        """Sync once more and end; a disk that takes longer than half a minute is not waited for."""
        self._ended.set()
        self._thread.join(_LAST_S)
