"""Samples the targets, the generator and the recorder itself, once an interval."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from reli.recorder.overlaps import Overlaps
from reli.recorder.rates import Rates
from reli.recorder.segments import Segments
from reli.recorder.summary import Summary, newest
from reli.recorder.told import Measured
from reli.sampling import Surroundings, parse_target
from reli.sampling.pinned import Pinned
from reli.sampling.processes import Processes
from reli_analysis.record.layout import METRIC, METRICS_CSV, RESOURCES_CSV

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from reli.clock import RunClock
    from reli.sampling import Reading, Source
    from reli_analysis.record import RecordWriter


@dataclass
class _Sampled:
    """A source with the role that it plays in the record."""

    role: str
    text: str
    source: Source
    failed: bool = False


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
        self._segments = Segments({})
        self._clock = clock
        self._event = event
        self._load_pids: set[int] = set()
        self._generator_pids: set[int] = set()
        self._surroundings = Surroundings(
            clock,
            event,
            load_pids=lambda: tuple(self._load_pids),
            generator_pids=lambda: tuple(self._generator_pids),
            own_pids=lambda: (os.getpid(),),
            memory_map_every_s=memory_map_every_s,
            record=writer.directory,
        )
        self._sources: list[_Sampled] = []
        for text in targets:
            self.add(text)
        self._add_own("generator", "self", lambda: self._generator_pids)
        self._add_own("recorder", "recorder", lambda: (os.getpid(),))
        self._rates = Rates()
        self._summary = Summary([metric.name for metric in writer.info.metrics])
        self._overlaps = Overlaps(event)
        self._host = socket.gethostname()

    def _add_own(self, role: str, text: str, pids: Callable[[], Iterable[int]]) -> None:
        """A source of exactly these processes; whoever runs them tells their comings and goings."""

        def event(kind: str, subject: str, message: str) -> None:
            if kind == "sampling":
                self._event(kind, subject, message)

        surroundings = replace(self._surroundings, event=event, own_pids=tuple)
        find = Pinned(surroundings.processes, pids)
        source = Processes(surroundings, find, role, with_descendants=False)
        self._sources.append(_Sampled(role, text, source))

    def go_on(self, segments: Segments) -> None:
        """Count on from the segments of a recorder that was killed."""
        self._segments = segments

    def watch(self, pid: int, *, carries_load: bool) -> None:
        """Count a process of this host as part of the generator."""
        self._generator_pids.add(pid)
        if carries_load:
            self._load_pids.add(pid)

    def add(self, text: str) -> None:
        """Sample one target more from now on; raises ``ReliError`` for one that cannot be."""
        source = parse_target(text).target.open(self._surroundings)
        self._sources.append(_Sampled("target", text, source))

    def sample(self) -> tuple[dict[str, Any], list[Measured]]:
        """Take one sample of everything; returns its columns of ``results.csv``, and the sample."""
        elapsed_s = self._clock.elapsed_s()
        measured = [told for one in self._sources for told in self._measured(one)]
        for each in measured:
            self._write(each, elapsed_s)
        self._rates.forget(elapsed_s)
        # Every moment has its rows; the newest of each thing is what there is to tell now.
        told = newest(measured)
        self._overlaps.look(told)
        return self._summary.of(told, elapsed_s), told

    def _measured(self, one: _Sampled) -> list[Measured]:
        """What a source tells; rates are by when it was read, since those before it take their time."""
        at_s = self._clock.elapsed_s()
        return [
            Measured(
                one.role,
                reading.source or one.text,
                self._rates.with_cores(one.role, one.text, reading, at_s),
            )
            for reading in self._readings(one)
        ]

    def _readings(self, one: _Sampled) -> Sequence[Reading]:
        """What a source has to tell; one that fails by mistake costs its own readings."""
        try:
            readings = one.source.sample()
            return self._segments.of(one.text, readings) if one.role == "target" else [*readings]
        except Exception as error:  # noqa: BLE001 -- whatever it is, the run goes on
            if not one.failed:
                one.failed = True
                text = f"its source failed, and may again: {type(error).__name__}: {error}"
                self._event("sampling", one.text, text)
            return ()

    def close(self) -> None:
        for one in self._sources:
            one.source.close()

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
        of = {
            "kind": reading.kind,
            "segment": reading.segment,
            "pid": reading.pid or None,
            "started_s": reading.started_s or None,
            "parent_pid": reading.parent_pid or None,
            "process": reading.name,
        }
        self._writer.row(RESOURCES_CSV, {**row, **of, **reading.values})
