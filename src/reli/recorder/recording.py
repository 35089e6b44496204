"""Owns one run record from its first to its last row, wherever the load comes from."""

from __future__ import annotations

import sys
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from reli.clock import RunClock
from reli.recorder.attach import Requests
from reli.recorder.budgets import LiveBudgets
from reli.recorder.disk import THINNED
from reli.recorder.observers import open_observers
from reli.recorder.opening import open_record
from reli.recorder.rows import ENDPOINT_INTERVALS, RowWriter
from reli.recorder.sampler import Sampler
from reli.recorder.schedule import Schedule
from reli.recorder.segments import Segments, last_segments
from reli.recorder.told import Told
from reli.recorder.watch import Watch
from reli_analysis.record.layout import METRICS_CSV, RESOURCES_CSV

if TYPE_CHECKING:
    from reli.recorder.checkpoint import Checkpoint
    from reli.recorder.protocol import IntervalRow
    from reli.recorder.schedule import Tick
    from reli.recorder.settings import Resume, Settings
    from reli.recorder.told import Abort, Measured
    from reli_analysis.record import RunInfo

_KEPT_SAMPLES = 120
_KEPT_READINGS = 10
"""Samples whose readings wait for their interval: those of a thousand processes are large."""

_THINNED_FILES = frozenset({RESOURCES_CSV, METRICS_CSV})


class Recorder:
    """Samples on time, joins each interval with its sample, and writes.

    Whoever feeds it calls ``sample`` when ``wait_s`` is over, ``take`` with each interval of load,
    and ``write`` after either; ``end`` once.
    """

    def __init__(
        self,
        info: RunInfo,
        settings: Settings,
        resume: Resume | None = None,
        clock: RunClock | None = None,
    ) -> None:
        """Raises ``RecordError`` or ``OSError`` when the record cannot be made.

        ``clock`` is the run's, unless another is given.
        """
        self.clock = clock or RunClock.join(
            info.started_monotonic_s, info.started_wall_s, info.interval_s, info.boot_id
        )
        self.observers, trouble = open_observers(settings, info, resume, lambda: self._writer.info)
        self._writer, self._events = open_record(info, settings, resume, self.clock)
        self.directory = self._writer.directory
        self._rows = RowWriter(self._writer, self.clock, self._events, load=info.load)
        self._budgets = LiveBudgets(
            self._writer, self.clock, self._events, resume.at if resume else None
        )
        self._schedule = Schedule(info.interval_s)
        self._sent_events = 0
        if resume is not None:
            self._go_on(resume, trouble)
        self._sampler = Sampler(
            self._writer,
            self.clock,
            self._writer.info.targets,
            settings.memory_map_every_s,
            self._events.add,
        )
        if resume is not None:
            self._sampler.go_on(Segments(last_segments(self.directory / RESOURCES_CSV)))
        self._requests = Requests(self.directory, self._sampler.add)
        self._watch = Watch(
            self._writer, self._events, info.interval_s, settings.disk_reserve_bytes
        )
        self._writer.reserve()
        self._samples: dict[int, dict[str, Any]] = {}
        self._readings: dict[int, list[Measured]] = {}
        self._waiting: deque[IntervalRow] = deque()

    def _go_on(self, resume: Resume, trouble: str) -> None:
        self._rows.resume(resume.at)
        self._schedule = Schedule(self.clock.interval_s, resume.at.next_sample)
        self._sent_events = resume.at.events
        said = f"started again: the one before it ended, {resume.cause}"
        self._events.add("recorder", "recorder", said)
        if trouble:
            self._events.add("recorder", "recorder", trouble)

    @property
    def stopped(self) -> str:
        """Why the record has to end, when its disk is full; empty otherwise."""
        return self._watch.stopped

    @property
    def abort(self) -> Abort | None:
        """The budget for which the run is to be ended."""
        return self._budgets.abort

    @property
    def wait_s(self) -> float:
        """Until the next sample is due."""
        return self.clock.until_s(self._schedule.due_s)

    def checkpoint(self) -> Checkpoint:
        """How far the record is written, right after ``write``."""
        return self._rows.checkpoint(self._sent_events, self._schedule.next_index)

    def watch(self, pid: int, *, carries_load: bool) -> None:
        """Count a process of this host as part of the generator."""
        self._sampler.watch(pid, carries_load=carries_load)

    def take(self, row: IntervalRow) -> None:
        """Take an interval over; it is written once the sample that ends it was taken."""
        self._waiting.append(row)

    def event(self, kind: str, subject: str, message: str) -> None:
        self._events.add(kind, subject, message)

    def sent_event(self, kind: str, subject: str, message: str) -> None:
        """Take over an event that Locust sent, and may send again to a recorder after this one."""
        self._sent_events += 1
        self._events.add_sent(kind, subject, message)

    def sample(self) -> Tick | None:
        """Sample the interval that has just ended; what was missed is told, not made up."""
        elapsed_s = self.clock.elapsed_s()
        tick = self._schedule.tick(elapsed_s)
        if tick is None:
            return None
        self._watch.look(tick, elapsed_s)
        self._thin(tick)
        self._attach()
        columns, self._readings[tick.index] = self._sampler.sample()
        self._samples[tick.index] = {
            **columns,
            "missed_samples": tick.missed,
            "sample_late_ms": round(tick.late_s * 1000, 1),
        }
        while len(self._samples) > _KEPT_SAMPLES:
            del self._samples[next(iter(self._samples))]
        while len(self._readings) > _KEPT_READINGS:
            del self._readings[next(iter(self._readings))]
        return tick

    def _thin(self, tick: Tick) -> None:
        """With little disk left, write what is not the story itself once in a while."""
        thins = self._watch.thins
        self._writer.muted = _THINNED_FILES if thins and tick.index % THINNED else frozenset()
        self._rows.endpoint_intervals = ENDPOINT_INTERVALS * (THINNED if thins else 1)

    def _attach(self) -> None:
        known = self._writer.info.targets
        if added := self._requests.look(known):
            self._writer.update(targets=(*known, *added))
            for text in added:
                self.event("attached", text, "a target since now")

    def write(self) -> None:
        """Write the intervals whose sample was taken, and tell of them what is on disk."""
        self._write_rows(before=self._schedule.next_index)

    def _write_rows(self, before: int | None) -> None:
        tell: list[Told] = []
        while self._waiting and (before is None or self._waiting[0].index < before):
            row = self._waiting.popleft()
            resources = self._samples.pop(row.index, {})
            written = self._rows.write(row, resources)
            if written is None:
                self._budgets.take(row, None, ())
                continue
            events = self._events.take()
            standings = self._budgets.take(row, written, events)
            events += self._events.take()
            everything = written.everything
            at, measured = self._measured(row.index)
            told = Told(row, everything, resources, measured, standings, events, at, self.abort)
            tell.append(told)
        self._writer.flush()
        self._budgets.catch_up(self._rows.gathered_from)
        for told in tell:
            for observer in self.observers:
                observer.tell(told)

    def _measured(self, index: int) -> tuple[int, list[Measured]]:
        """The readings of an interval's sample, or the newest ones, and whose they are."""
        at = index if index in self._readings else max(self._readings, default=index)
        for older in [kept for kept in self._readings if kept < min(at, index)]:
            del self._readings[older]
        return at, self._readings.get(at, [])

    def end(self, state: str, reason: str) -> None:
        """Write what is left, and the run's last state."""
        self._write_rows(before=None)
        self._rows.flush_endpoints()
        self._writer.flush()
        self._budgets.finish(self._rows.gathered_from)
        self._watch.end()
        self._writer.flush()
        self._writer.update(
            state=state, state_reason=reason, ended_elapsed_s=round(self.clock.elapsed_s(), 3)
        )
        self._requests.close()
        self._watch.close()
        self._writer.close()
        self._sampler.close()
        for observer in self.observers:
            observer.close()

    def give_up(self, error: OSError) -> str:
        """The disk refuses: say so in what was set aside for it; returns the reason."""
        reason = f"the record could not be written: {error.strerror or error}"
        sys.stderr.write(f"\nreli: {self.directory}: {reason}\n")
        self._writer.drop_held()
        with suppress(OSError):
            self.event("disk", str(self.directory), reason)
            self._writer.flush()
        with suppress(OSError):
            self._writer.update(
                state="lost", state_reason=reason, ended_elapsed_s=round(self.clock.elapsed_s(), 3)
            )
        return reason
