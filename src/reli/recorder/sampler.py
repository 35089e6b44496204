"""Samples the target, the generator and the recorder itself, once an interval."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reli.sampling import ProcessKey, Sample, open_source
from reli.sampling.reading import ProcessReader
from reli_analysis.record.layout import RESOURCES_CSV

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from reli.clock import RunClock
    from reli_analysis.record import RecordWriter

_SUMMED = ("rss_bytes", "uss_bytes", "fds", "threads", "cpu_cores")


@dataclass(frozen=True)
class _Reading:
    role: str
    source: str
    sample: Sample
    cpu_cores: float | None


class Sampler:
    """Reads every process of interest and writes ``resources.csv``."""

    def __init__(
        self,
        writer: RecordWriter,
        clock: RunClock,
        targets: Sequence[str],
        uss_every_s: float,
    ) -> None:
        self._writer = writer
        self._clock = clock
        self._load_pids: set[int] = set()
        self._generator_pids: set[int] = set()
        self._sources = [(t, open_source(t, lambda: tuple(self._load_pids))) for t in targets]
        self._reader = ProcessReader()
        self._uss_every = max(1, round(uss_every_s / clock.interval_s))
        self._last_cpu: dict[ProcessKey, tuple[float, float]] = {}
        self._host = socket.gethostname()
        self._seen: set[int] = set()

    def watch(self, pid: int, *, carries_load: bool) -> None:
        """Count a process of this host as part of the generator."""
        self._generator_pids.add(pid)
        if carries_load:
            self._load_pids.add(pid)

    def sample(self, index: int, on_event: Callable[[str, str, str], None]) -> dict[str, Any]:
        """Take the samples that end interval ``index``; returns its columns of ``results.csv``."""
        with_uss = index % self._uss_every == 0
        wanted = [
            *(("target", name, pid) for name, source in self._sources for pid in source.pids()),
            *(("generator", "self", pid) for pid in sorted(self._generator_pids)),
            ("recorder", "recorder", os.getpid()),
        ]
        samples: dict[int, Sample | None] = {}
        for pid in {pid for _role, _source, pid in wanted}:
            samples[pid] = self._reader.read(pid, with_uss=with_uss)
        elapsed_s = self._clock.elapsed_s()
        cores = {pid: self._cores(sample, elapsed_s) for pid, sample in samples.items() if sample}
        readings = [
            _Reading(role, source, sample, cores[pid])
            for role, source, pid in wanted
            if (sample := samples[pid]) is not None
        ]
        self._notice_ends(samples, on_event)
        for reading in readings:
            self._write(reading, elapsed_s)
        return _summary(readings)

    def _cores(self, sample: Sample, elapsed_s: float) -> float | None:
        """CPU time used since the last sample of the same process, by the time that passed."""
        if sample.cpu_s is None:
            return None
        before = self._last_cpu.get(sample.key)
        self._last_cpu[sample.key] = (elapsed_s, sample.cpu_s)
        if before is None or elapsed_s <= before[0]:
            return None
        return (sample.cpu_s - before[1]) / (elapsed_s - before[0])

    def _notice_ends(
        self, samples: dict[int, Sample | None], on_event: Callable[[str, str, str], None]
    ) -> None:
        """Tell of each watched process that was there and is gone, and forget the load ones."""
        for pid, sample in samples.items():
            if sample is not None:
                self._seen.add(pid)
            elif pid in self._seen:
                self._seen.discard(pid)
                on_event("process", f"pid {pid}", "the process has ended")
                self._generator_pids.discard(pid)
                self._load_pids.discard(pid)
        self._last_cpu = {
            sample.key: self._last_cpu[sample.key]
            for sample in samples.values()
            if sample is not None and sample.key in self._last_cpu
        }

    def _write(self, reading: _Reading, elapsed_s: float) -> None:
        sample = reading.sample
        self._writer.row(
            RESOURCES_CSV,
            {
                "elapsed_s": round(elapsed_s, 3),
                "wall_s": round(self._clock.wall_s(elapsed_s), 3),
                "role": reading.role,
                "source": reading.source,
                "host": self._host,
                "pid": sample.key.pid,
                "started_s": sample.key.started_s,
                "process": sample.name,
                "rss_bytes": sample.rss_bytes,
                "uss_bytes": sample.uss_bytes,
                "fds": sample.fds,
                "threads": sample.threads,
                "cpu_cores": reading.cpu_cores,
                "cpu_s": sample.cpu_s,
            },
        )


def _values(readings: Iterable[_Reading], column: str) -> list[float]:
    found = [
        reading.cpu_cores if column == "cpu_cores" else getattr(reading.sample, column)
        for reading in readings
    ]
    return [value for value in found if value is not None]


def _summary(readings: Sequence[_Reading]) -> dict[str, Any]:
    """The target's sums, and the busiest process of the generator; what is unknown is absent."""
    target = [reading for reading in readings if reading.role == "target"]
    generator = [reading for reading in readings if reading.role == "generator"]
    columns: dict[str, Any] = {}
    for column in _SUMMED:
        values = _values(target, column)
        # A sum over some of the processes would read as a fall: all of them or nothing.
        if values and len(values) == len(target):
            columns[column] = sum(values)
    busiest = _values(generator, "cpu_cores")
    if busiest:
        columns["generator_cpu_cores"] = max(busiest)
    return columns
