"""Notices targets that have processes in common, which count once for each of them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from reli_analysis.record.layout import PROCESS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from reli.recorder.told import Measured

    Process = tuple[str, int, float]
    """Its host, its pid and when it was started."""


class Overlaps:
    """Tells of each target once that it has a process which belongs to one named before it, too."""

    def __init__(self, event: Callable[[str, str, str], None]) -> None:
        self._event = event
        self._before: dict[str, set[Process]] = {}
        self._told: set[str] = set()

    def look(self, measured: Iterable[Measured]) -> None:
        """Compare the targets whose processes are others than at the sample before."""
        now: dict[str, set[Process]] = defaultdict(set)
        for one in measured:
            reading = one.reading
            if one.role == "target" and reading.kind == PROCESS and reading.pid:
                now[one.source].add((reading.host, reading.pid, reading.started_s))
        changed = {source for source, its in now.items() if its != self._before.get(source)}
        self._before = now
        if changed:
            self._compare(now, changed)

    def _compare(self, now: Mapping[str, set[Process]], changed: set[str]) -> None:
        sources = list(now)
        for at, second in enumerate(sources):
            for first in sources[:at] if second not in self._told else ():
                if changed.isdisjoint((first, second)) or now[first].isdisjoint(now[second]):
                    continue
                self._told.add(second)
                _, pid, _ = min(now[first] & now[second])
                self._event(
                    "sampling",
                    second,
                    f"pid {pid} belongs to {first} and to {second}: what both have counts twice "
                    "in the sums of results.csv",
                )
                break
