"""A target that a test samples in real time, as the recorder would: for what has threads of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Self

from reli.clock import RunClock
from reli.sampling import Reading, Surroundings, parse_target

_PATIENCE_S = 30.0


class SampledLive:
    """One open target: all its readings and events so far."""

    def __init__(self, text: str, interval_s: float = 0.1) -> None:
        self.clock = RunClock.begin(interval_s)
        self.events: list[tuple[str, str, str]] = []
        self.readings: list[Reading] = []
        surroundings = Surroundings(self.clock, lambda *event: self.events.append(event))
        self._source = parse_target(text).target.open(surroundings)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_others: object) -> None:
        self._source.close()

    def sample(self) -> list[Reading]:
        new = list(self._source.sample())
        self.readings += new
        return new

    def until(self, holds: Callable[[], object]) -> None:
        """Sample each interval until it does; fails after half a minute."""
        deadline = time.monotonic() + _PATIENCE_S
        while not holds():
            assert time.monotonic() < deadline, (self.events, self.readings[-5:])
            time.sleep(self.clock.interval_s)
            self.sample()

    def said(self, part: str, kind: str = "sampling") -> int:
        """How many events of a kind have such a part in their sentence."""
        return sum(part in message for k, _, message in self.events if k == kind)

    def values(self, name: str) -> list[float]:
        """What was measured under a metric's name."""
        return [r.values["value"] for r in self.readings if r.kind == "metric" and r.name == name]
