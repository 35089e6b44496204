"""The recorder's main loop: read messages, sample on an absolute schedule, write, flush."""

from __future__ import annotations

import dataclasses
import os
import select
import signal
import sys
from collections import deque
from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from reli.clock import RunClock, boot_id
from reli.recorder import protocol
from reli.recorder.progress import Progress
from reli.recorder.rows import RowWriter
from reli.recorder.sampler import Sampler
from reli.recorder.told import EventRow, Told
from reli_analysis.errors import RecordError, ReliError
from reli_analysis.record import RecordWriter, RunInfo, create_run_directory

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reli.recorder.told import Measured, Observer

_KEPT_SAMPLES = 120


class Lines:
    """Complete lines from a descriptor, without ever waiting longer than asked."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._rest = b""
        self.ended = False

    def within(self, timeout_s: float) -> Iterator[bytes]:
        """The lines that arrive within a time; returns early after the first that do."""
        readable, _, _ = select.select([self._fd], [], [], max(0.0, timeout_s))
        if not readable:
            return
        chunk = os.read(self._fd, 1 << 20)
        if not chunk:
            self.ended = True
            return
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        yield from lines

    def first(self) -> bytes | None:
        """The first line of all, however long it takes; ``None`` when there is none."""
        while not self.ended:
            for line in self.within(60):
                return line
        return None


class Recorder:
    """Owns one run record from its first to its last row."""

    def __init__(self, begin: Mapping[str, Any]) -> None:
        info = RunInfo.from_json(begin["info"], "the begin message")
        self._clock = RunClock.join(
            info.started_monotonic_s, info.started_wall_s, info.interval_s, info.boot_id
        )
        self.directory = create_run_directory(Path(begin["parent"]), info.run_id)
        identity = {
            "pid": os.getpid(),
            "started_s": psutil.Process().create_time(),
            "boot_id": boot_id(),
        }
        info = dataclasses.replace(info, run_id=self.directory.name, recorder=identity)
        self._writer = RecordWriter(self.directory, info)
        self._rows = RowWriter(self._writer, self._clock)
        self._events: list[EventRow] = []
        self._sampler = Sampler(
            self._writer, self._clock, info.targets, begin["uss_every_s"], self._event
        )
        self._observers = _observers(begin, info)
        self._samples: dict[int, dict[str, Any]] = {}
        self._measured: list[Measured] = []
        self._waiting: deque[protocol.IntervalRow] = deque()
        self._next_sample = 0
        self._end: tuple[str, str] | None = None

    def run(self, lines: Lines) -> None:
        """Work until the run has ended, or the process that feeds us has."""
        while self._end is None and not lines.ended:
            due_s = (self._next_sample + 1) * self._clock.interval_s
            for line in lines.within(self._clock.until_s(due_s)):
                self._handle(protocol.parse(line))
            if self._clock.until_s(due_s) == 0:
                self._sample()
            self._write_rows(before=self._next_sample)
            self._writer.flush()
        state, reason = self._end or ("lost", "Locust ended without saying so")
        if self._end is None:
            self._event("recorder", "locust", reason)
        self._write_rows(before=None)
        self._rows.flush_endpoints()
        self._writer.flush()
        self._writer.update(
            state=state, state_reason=reason, ended_elapsed_s=round(self._clock.elapsed_s(), 3)
        )
        self._writer.close()
        self._sampler.close()
        for observer in self._observers:
            observer.close()

    def _sample(self) -> None:
        """Sample the interval that has just ended; what was missed is told, not made up."""
        current = int(self._clock.elapsed_s() / self._clock.interval_s)
        missed = current - 1 - self._next_sample
        if missed > 0:
            self._event("gap", "sampler", f"{missed} samples missed")
            self._next_sample = current - 1
        sample, self._measured = self._sampler.sample()
        self._samples[self._next_sample] = {**sample, "missed_samples": max(missed, 0)}
        self._samples.pop(self._next_sample - _KEPT_SAMPLES, None)
        self._next_sample += 1

    def _handle(self, data: dict[str, Any]) -> None:
        match data["kind"]:
            case "interval":
                self._waiting.append(protocol.interval_row(data))
            case "process":
                self._sampler.watch(data["pid"], carries_load=data["carries_load"])
            case "event":
                self._event(data["event"], data["subject"], data["message"])
            case "finish":
                self._end = (data["state"], data["reason"])
            case unknown:
                raise RecordError(f'the recorder does not know the message "{unknown}"')

    def _write_rows(self, before: int | None) -> None:
        """Write the intervals whose sample was taken; without ``before``, all that are left."""
        while self._waiting and (before is None or self._waiting[0].index < before):
            row = self._waiting.popleft()
            resources = self._samples.pop(row.index, {})
            everything = self._rows.write(row, resources)
            events, self._events = self._events, []
            told = Told(row, everything, resources, self._measured, (), events)
            for observer in self._observers:
                observer.tell(told)

    def _event(self, kind: str, subject: str, text: str) -> None:
        event = EventRow(self._clock.elapsed_s(), kind, subject, text)
        self._events.append(event)
        self._rows.event(*astuple(event))

    def give_up(self, error: OSError) -> None:
        """The disk refuses: say so where it still can be said, and write nothing torn after it."""
        reason = f"the record could not be written: {error.strerror or error}"
        sys.stderr.write(f"\nreli: {self.directory}: {reason}\n")
        try:
            self._writer.update(state="lost", state_reason=reason)
        except OSError:
            return


def _observers(begin: Mapping[str, Any], info: RunInfo) -> list[Observer]:
    """Who is told of each interval."""
    observers: list[Observer] = []
    if begin["metrics_port"] is not None:
        from reli.recorder.exposition import Exposition  # noqa: PLC0415 -- few runs need its memory

        observers.append(Exposition(begin["metrics_port"], info.metrics, info.interval_s))
    if begin["show_progress"]:
        observers.append(Progress(info.planned_s, info.interval_s))
    return observers


def main() -> int:
    """Serve one run on standard input; the answer to ``begin`` goes to standard output."""
    # Ctrl-C goes to the whole process group; Locust tells us when the run is over.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    lines = Lines(sys.stdin.fileno())
    first = lines.first()
    if first is None:
        return 2
    try:
        recorder = Recorder(protocol.parse(first))
    except (ReliError, OSError) as error:
        text = str(error) if isinstance(error, ReliError) else f"the run record: {error}"
        sys.stdout.write(protocol.message("error", {"message": text}).decode())
        return 2
    answer = protocol.message("directory", {"directory": str(recorder.directory)})
    sys.stdout.write(answer.decode())
    sys.stdout.flush()
    try:
        recorder.run(lines)
    except OSError as error:
        recorder.give_up(error)
        return 1
    return 0
