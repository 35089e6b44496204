"""Looks once a sample at what a record depends on: its time and its disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli.recorder.clock_watch import ClockWatch
from reli.recorder.disk import STOP, THIN, DiskReserve, default_reserve_bytes, free_bytes
from reli.recorder.schedule import Lateness
from reli.recorder.syncing import Syncing

if TYPE_CHECKING:
    from reli.recorder.events import EventLog
    from reli.recorder.schedule import Tick
    from reli_analysis.record import RecordWriter


class Watch:
    """Tells gaps, steps of the clocks and a disk that fills up as events, and syncs the files."""

    def __init__(
        self,
        writer: RecordWriter,
        events: EventLog,
        interval_s: float,
        disk_reserve_bytes: float | None,
    ) -> None:
        self._directory = writer.directory
        self._events = events
        self._lateness = Lateness(interval_s)
        self._clocks = ClockWatch()
        if disk_reserve_bytes is None:
            disk_reserve_bytes = default_reserve_bytes(self._directory)
        self._disk = DiskReserve(disk_reserve_bytes)
        self._syncing = Syncing(writer.descriptors())
        self.stopped = ""
        """Why nothing more may be written; empty as long as there is room."""

    @property
    def thins(self) -> bool:
        """Whether less is to be written for now."""
        return self._disk.level == THIN

    def look(self, tick: Tick, elapsed_s: float) -> None:
        """See what happened since the sample before."""
        if said := self._lateness.add(tick, elapsed_s):
            self._events.add("gap", "sampler", said)
        for said in self._clocks.look():
            self._events.add("clock", "host", said)
        if said := self._disk.look(free_bytes(self._directory)):
            self._events.add("disk", str(self._directory), said)
            self.stopped = said if self._disk.level == STOP else ""
        if said := self._syncing.trouble():
            self._events.add("disk", str(self._directory), said)

    def end(self) -> None:
        """Tell what was not told yet."""
        if said := self._lateness.rest():
            self._events.add("gap", "sampler", said)

    def close(self) -> None:
        """Sync for the last time."""
        self._syncing.close()
