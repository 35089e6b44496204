"""Samples the processes that a target finds, each and as a sum."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli.sampling.reading import ProcessReader
from reli_analysis.record.layout import TREE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from reli.sampling.source import Surroundings

from reli.sampling.source import Reading

_SUMMED = ("rss_bytes", "uss_bytes", "fds", "threads", "cpu_s")


class Processes:
    """The processes that ``roots`` names, anew at each sample."""

    def __init__(self, surroundings: Surroundings, roots: Callable[[], Iterable[int]]) -> None:
        self._surroundings = surroundings
        self._roots = roots
        self._reader = ProcessReader()
        self._memory_map_due_s = 0.0
        self._seen: set[int] = set()

    def sample(self) -> Iterable[Reading]:
        elapsed_s = self._surroundings.clock.elapsed_s()
        with_uss = elapsed_s >= self._memory_map_due_s
        if with_uss:
            self._memory_map_due_s = elapsed_s + self._surroundings.memory_map_every_s
        pids = sorted(set(self._roots()))
        readings = [r for pid in pids if (r := self._reader.read(pid, with_uss=with_uss))]
        now = {reading.pid for reading in readings}
        for pid in self._seen - now:
            self._surroundings.event("exit", f"pid {pid}", "the process has ended")
        self._seen = now
        return [*readings, self._sum(readings)] if readings else []

    @staticmethod
    def _sum(readings: list[Reading]) -> Reading:
        """A sum over some of the processes would read as a fall: all of them or nothing."""
        oldest = min(readings, key=lambda reading: reading.started_s)
        values = {
            column: sum(reading.values[column] for reading in readings)
            for column in _SUMMED
            if all(column in reading.values for reading in readings)
        }
        return Reading(TREE, oldest.name, values, oldest.pid, oldest.started_s, oldest.parent_pid)

    def close(self) -> None:
        """Nothing is held open."""
