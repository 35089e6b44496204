"""Samples the targets, the generator and the recorder itself, once an interval."""

from __future__ import annotations

import os
import socket
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reli.recorder.told import Measured
from reli.sampling import Surroundings, parse_target
from reli.sampling.processes import Processes
from reli_analysis.record.layout import METRIC, METRICS_CSV, PROCESS, RESOURCES_CSV, TREE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from reli.clock import RunClock
    from reli.sampling import Reading
    from reli_analysis.record import RecordWriter

_SUMMED = ("rss_bytes", "uss_bytes", "fds", "threads", "cpu_cores")

_Key = tuple[str, str, str, int, float]


class Sampler:
    """Reads every source and writes ``resources.csv`` and ``metrics.csv``."""

    def __init__(
        self,
        writer: RecordWriter,
        clock: RunClock,
        targets: Sequence[str],
        memory_map_every_s: float,
        event: Callable[[str, str, str], None],
    ) -> None:
        self._writer = writer
        self._clock = clock
        self._load_pids: set[int] = set()
        self._generator_pids: set[int] = set()
        self._surroundings = Surroundings(
            clock,
            event,
            load_pids=lambda: tuple(self._load_pids),
            own_pids=lambda: (os.getpid(),),
            memory_map_every_s=memory_map_every_s,
        )
        self._sources = [
            *(
                ("target", text, parse_target(text).target.open(self._surroundings))
                for text in targets
            ),
            (
                "generator",
                "self",
                Processes(self._surroundings, lambda: tuple(self._generator_pids)),
            ),
            ("recorder", "recorder", Processes(self._surroundings, lambda: (os.getpid(),))),
        ]
        self._last_cpu: dict[_Key, tuple[float, float]] = {}
        self._host = socket.gethostname()

    def watch(self, pid: int, *, carries_load: bool) -> None:
        """Count a process of this host as part of the generator."""
        self._generator_pids.add(pid)
        if carries_load:
            self._load_pids.add(pid)

    def sample(self) -> tuple[dict[str, Any], list[Measured]]:
        """Take one sample of everything; returns its columns of ``results.csv``, and the sample."""
        elapsed_s = self._clock.elapsed_s()
        measured = [
            Measured(role, name, self._with_cores(role, name, reading, elapsed_s))
            for role, name, source in self._sources
            for reading in source.sample()
        ]
        for one in measured:
            self._write(one, elapsed_s)
        return _summary(measured), measured

    def close(self) -> None:
        for _role, _name, source in self._sources:
            source.close()

    def _with_cores(self, role: str, source: str, reading: Reading, elapsed_s: float) -> Reading:
        """With the CPU time used since the last sample of the same, by the time that passed."""
        cpu_s = reading.values.get("cpu_s")
        if cpu_s is None or "cpu_cores" in reading.values:
            return reading
        key = (role, source, reading.kind, reading.pid, reading.started_s)
        before = self._last_cpu.get(key)
        self._last_cpu[key] = (elapsed_s, cpu_s)
        if before is None or elapsed_s <= before[0]:
            return reading
        cores = max(0.0, (cpu_s - before[1]) / (elapsed_s - before[0]))
        return replace(reading, values={**reading.values, "cpu_cores": cores})

    def _write(self, measured: Measured, elapsed_s: float) -> None:
        reading = measured.reading
        at_s = elapsed_s if reading.elapsed_s is None else reading.elapsed_s
        row = {
            "elapsed_s": round(at_s, 3),
            "wall_s": round(self._clock.wall_s(at_s), 3),
            "role": measured.role,
            "source": measured.source,
            "host": reading.host or self._host,
        }
        if reading.kind == METRIC:
            self._writer.row(METRICS_CSV, {**row, "metric": reading.name, **reading.values})
            return
        identity = {
            "kind": reading.kind,
            "segment": reading.segment,
            "pid": reading.pid or None,
            "started_s": reading.started_s or None,
            "parent_pid": reading.parent_pid or None,
            "process": reading.name,
        }
        self._writer.row(RESOURCES_CSV, {**row, **identity, **reading.values})


def _values(measured: Iterable[Measured], column: str) -> list[float]:
    return [one.reading.values[column] for one in measured if column in one.reading.values]


def _summary(measured: Sequence[Measured]) -> dict[str, Any]:
    """The target's sums, and the busiest process of the generator; what is unknown is absent."""
    target = [m for m in measured if m.role == "target" and m.reading.kind == TREE]
    generator = [m for m in measured if m.role == "generator" and m.reading.kind == PROCESS]
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
