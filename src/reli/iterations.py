"""What is measured of the iterations of the open model, in one load process and one interval."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from reli.counts import (
    EMPTY_COUNTS,
    Counts,
    bucket_counts,
    counts_from_wire,
    counts_to_wire,
    merge_counts,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class IterationInterval:
    """The iterations of one interval.

    ``arrivals`` became due and ``dropped`` were given up in it; ``finished`` ended and ``cut`` were
    ended from outside. ``waiting`` and ``running`` are levels at its end, ``busy_users`` is the mean
    of ``running`` over it, and ``oldest_age_s`` the longest that one of these has been due.
    ``delays``, ``services`` and ``responses`` are histograms of those that ended, ``idle_delays``
    of the start delays of those that found a user idle.
    """

    arrivals: int = 0
    dropped: int = 0
    finished: int = 0
    cut: int = 0
    waiting: int = 0
    running: int = 0
    busy_users: float = 0.0
    oldest_age_s: float = 0.0
    delays: Counts = EMPTY_COUNTS
    services: Counts = EMPTY_COUNTS
    responses: Counts = EMPTY_COUNTS
    idle_delays: Counts = EMPTY_COUNTS

    def to_wire(self) -> dict[str, Any]:
        data = dict(vars(self))
        return data | {name: counts_to_wire(data[name]) for name in HISTOGRAMS}

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> IterationInterval:
        return cls(**{**data, **{name: counts_from_wire(data[name]) for name in HISTOGRAMS}})


HISTOGRAMS = ("delays", "services", "responses", "idle_delays")
_SUMMED = ("arrivals", "dropped", "finished", "cut")
_LEVELS = ("waiting", "running", "busy_users")


def merge_iterations(
    by_process: Sequence[Sequence[IterationInterval]],
) -> IterationInterval | None:
    """The sum over all processes; a process that reported twice has the levels of its last report.

    ``None`` when nobody reported any, which is so in the closed model.
    """
    everything = [part for parts in by_process for part in parts]
    if not everything:
        return None
    last = [parts[-1] for parts in by_process if parts]
    merged: dict[str, Any] = {
        "oldest_age_s": max(part.oldest_age_s for part in last),
        **{name: sum(getattr(part, name) for part in everything) for name in _SUMMED},
        **{name: sum(getattr(part, name) for part in last) for name in _LEVELS},
        **{name: merge_counts([getattr(part, name) for part in everything]) for name in HISTOGRAMS},
    }
    return IterationInterval(**merged)


@dataclass
class IterationStats:
    """Collects iterations until :meth:`close` hands over the interval and begins the next.

    ``began_s`` is when the open interval began.
    """

    began_s: float
    arrivals: int = 0
    dropped: int = 0
    cut: int = 0
    delays_ms: array[float] = field(default_factory=lambda: array("d"))
    services_ms: array[float] = field(default_factory=lambda: array("d"))
    idle_delays_ms: array[float] = field(default_factory=lambda: array("d"))
    _running: int = 0
    _busy_s: float = 0.0
    _counted_to_s: float | None = None

    def busy(self, now_s: float, change: int) -> None:
        """One user more or less is within an iteration."""
        if self._counted_to_s is not None:
            self._busy_s += self._running * (now_s - self._counted_to_s)
        self._counted_to_s = now_s
        self._running += change

    def close(self, now_s: float, *, waiting: int, oldest_age_s: float) -> IterationInterval:
        self.busy(now_s, 0)
        length_s = now_s - self.began_s
        delays, services = np.frombuffer(self.delays_ms), np.frombuffer(self.services_ms)
        interval = IterationInterval(
            arrivals=self.arrivals,
            dropped=self.dropped,
            finished=len(services),
            cut=self.cut,
            waiting=waiting,
            running=self._running,
            busy_users=self._busy_s / length_s if length_s > 0 else 0.0,
            oldest_age_s=oldest_age_s,
            delays=bucket_counts(delays),
            services=bucket_counts(services),
            responses=bucket_counts(delays + services),
            idle_delays=bucket_counts(np.frombuffer(self.idle_delays_ms)),
        )
        self.arrivals = self.dropped = self.cut = 0
        self.delays_ms, self.services_ms = array("d"), array("d")
        self.idle_delays_ms = array("d")
        self._busy_s, self.began_s = 0.0, now_s
        return interval
