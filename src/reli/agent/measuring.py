"""Samples the targets on an absolute schedule, in one thread."""

from __future__ import annotations

import os
import socket
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reli.agent.text import EVENT, comment, sample_text
from reli.recorder.clock_watch import ClockWatch
from reli.recorder.rates import Rates
from reli.recorder.schedule import Lateness, Schedule
from reli.sampling import Surroundings, parse_target
from reli_analysis.record.layout import OTHER

if TYPE_CHECKING:
    import threading
    from collections.abc import Sequence

    from reli.agent.history import History
    from reli.clock import RunClock
    from reli.sampling import Reading, Source

_LONGEST_MESSAGE = 1000
_MOST_SUBJECTS = 200
_SAMPLER = "sampler"


@dataclass
class _Target:
    text: str
    source: Source
    failed: bool = False


@dataclass(frozen=True)
class Newest:
    """The newest sample, and what has happened by then.

    ``elapsed_s`` is on the agent's clock, ``wall_s`` its time of day; ``events`` counts by kind and
    source.
    """

    elapsed_s: float
    wall_s: float
    missed: int
    readings: Sequence[tuple[str, Reading]] = ()
    events: dict[tuple[str, str], int] = field(default_factory=dict)


class Measuring:
    """Reads every source once an interval; ``newest`` is replaced as a whole."""

    def __init__(
        self, targets: Sequence[str], clock: RunClock, memory_map_every_s: float, history: History
    ) -> None:
        self.clock = clock
        self.host = socket.gethostname()
        self.newest: Newest | None = None
        self._history = history
        self._missed = 0
        # Restarts count from 0 on, so that the first of them is an increase.
        self._events: Counter[tuple[str, str]] = Counter({("restart", text): 0 for text in targets})
        self._rates = Rates()
        self._schedule = Schedule(clock.interval_s)
        self._lateness = Lateness(clock.interval_s)
        self._clocks = ClockWatch()
        surroundings = Surroundings(
            clock,
            self.event,
            own_pids=lambda: (os.getpid(),),
            memory_map_every_s=memory_map_every_s,
        )
        self._targets = [
            _Target(text, parse_target(text).target.open(surroundings)) for text in targets
        ]

    def run(self, stop: threading.Event) -> None:
        """Sample until told to stop."""
        try:
            while not stop.wait(self.clock.until_s(self._schedule.due_s)):
                self._tick()
        finally:
            for target in self._targets:
                target.source.close()

    def event(self, kind: str, subject: str, message: str) -> None:
        """Keep an event for readers, in its order among the samples."""
        known = (kind, subject) in self._events or len(self._events) < _MOST_SUBJECTS
        self._events[kind, subject if known else OTHER] += 1
        said = {
            "elapsed_s": self.clock.elapsed_s(),
            "kind": kind,
            "subject": subject,
            "message": message[:_LONGEST_MESSAGE],
        }
        self._history.add(comment(EVENT, said), is_sample=False)

    def _tick(self) -> None:
        elapsed_s = self.clock.elapsed_s()
        tick = self._schedule.tick(elapsed_s)
        if tick is None:
            return
        self._missed += tick.missed
        if said := self._lateness.add(tick, elapsed_s):
            self.event("gap", _SAMPLER, said)
        for said in self._clocks.look():
            self.event("clock", _SAMPLER, said)
        readings = [
            (
                reading.source or target.text,
                self._rates.with_cores("target", target.text, reading, elapsed_s),
            )
            for target in self._targets
            for reading in self._readings(target)
        ]
        self._rates.forget(elapsed_s)
        wall_s = time.time()
        head = {"wall_s": wall_s, "missed": tick.missed}
        self._history.add(sample_text(head, elapsed_s, readings), is_sample=True)
        self.newest = Newest(elapsed_s, wall_s, self._missed, readings, dict(self._events))

    def _readings(self, target: _Target) -> Sequence[Reading]:
        """What a source has to tell; one that fails by mistake costs its own readings."""
        try:
            return tuple(target.source.sample())
        except Exception as error:  # noqa: BLE001 -- whatever it is, the others go on
            if not target.failed:
                target.failed = True
                said = f"its source failed, and may again: {type(error).__name__}: {error}"
                self.event("sampling", target.text, said)
            return ()
