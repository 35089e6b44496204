"""Goes on counting a target's restarts in a record whose recorder was killed.

A source counts its segments from when it was opened; in a record that goes on, the count does, too,
and a target that restarted while nobody looked has a segment more.
"""

from __future__ import annotations

import csv
import os
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from reli_analysis.record.layout import PROCESS, RESOURCES_COLUMNS, TREE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from reli.sampling import Reading

_LOOKED_AT_BYTES = 2**20
"""The end of ``resources.csv`` that is read: the last samples of a thousand processes and more."""

_START_TOLERANCE_S = 2.0


class Last(NamedTuple):
    """The last segment of a source that was written, and its oldest root."""

    segment: int
    pid: int
    started_s: float


class Segments:
    """Adds what the recorder before had counted to the segments of each source."""

    def __init__(self, last: Mapping[str, Last]) -> None:
        self._last = last
        self._added: dict[str, int] = {}

    def of(self, source: str, readings: Iterable[Reading]) -> list[Reading]:
        """The readings of a target's source, which may name sources of their own."""
        found = list(readings)
        for reading in found:
            if reading.kind != PROCESS:
                self._begin(reading.source or source, reading)
        return [
            replace(reading, segment=reading.segment + added)
            if (added := self._added.get(reading.source or source, 0))
            else reading
            for reading in found
        ]

    def _begin(self, source: str, reading: Reading) -> None:
        last = self._last.get(source)
        if last is None or source in self._added:
            return
        is_other = reading.kind == TREE and (
            reading.pid != last.pid or abs(reading.started_s - last.started_s) > _START_TOLERANCE_S
        )
        # One that counts elsewhere (an agent) has gone on by itself.
        self._added[source] = max(0, last.segment + is_other - reading.segment)


def last_segments(path: Path) -> dict[str, Last]:
    """The last segments in a ``resources.csv``, by source."""
    columns = [column.name for column in RESOURCES_COLUMNS]
    wanted = [columns.index(n) for n in ("role", "source", "kind", "segment", "pid", "started_s")]
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _LOOKED_AT_BYTES))
        lines = file.read().decode("utf-8", "replace").splitlines()[1:]
    found: dict[str, Last] = {}
    for row in csv.reader(lines):
        if len(row) != len(columns):
            continue
        role, source, kind, segment, pid, started_s = (row[at] for at in wanted)
        if role == "target" and kind != PROCESS and segment.isdecimal():
            found[source] = Last(int(segment), int(pid or 0), float(started_s or 0))
    return found
