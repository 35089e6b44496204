"""What is served at one moment: the last interval, and sums over all of them."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING

from reli.standings.buckets import middle_ms
from reli_analysis.record.histogram import index_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from reli.recorder.told import EventRow, Told
    from reli_analysis.record import RunInfo

BOUNDS_S = (
    *(0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5),
    *(1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0),
)
"""Upper bounds of the histogram's buckets; what is longer has a last one."""

_BOUND_INDEXES = [index_of(round(bound * 1e9)) for bound in BOUNDS_S]

EVENT_KINDS = (
    *(
        "restart",
        "exit",
        "appeared",
        "vanished",
        "attached",
        "sampling",
        "pace",
        "gap",
        "clock",
        "disk",
    ),
    *("recorder", "breach", "stage", "worker"),
)
"""Kinds of events that are counted from 0 on, so that the first of them is an increase."""

_MOST_KINDS = 50
_OTHER_KIND = "other"
"""Stands for the kinds past so many."""

_MOST_SOURCES = 200
"""Sources whose restarts are told apart: their texts are the targets', which are few."""


@dataclass(frozen=True)
class Latencies:
    """How many requests took up to each of ``BOUNDS_S``, or longer, and all their seconds."""

    counts: tuple[int, ...] = (0,) * (len(BOUNDS_S) + 1)
    sum_s: float = 0.0

    def plus(self, buckets: Mapping[int, int]) -> Latencies:
        """With the requests of one interval, whose buckets are exact to 0.05 %."""
        counts = list(self.counts)
        sum_ms = 0.0
        for index, count in buckets.items():
            counts[bisect_left(_BOUND_INDEXES, index)] += count
            sum_ms += middle_ms(index) * count
        return Latencies(tuple(counts), self.sum_s + sum_ms / 1000)

    def cumulative(self) -> list[int]:
        """How many took up to each bound; the last is all of them."""
        return list(accumulate(self.counts))


@dataclass(frozen=True)
class Totals:
    """Sums since the recorder began."""

    requests: int = 0
    failures: int = 0
    iterations: int = 0
    arrivals: int = 0
    dropped: int = 0
    missed_samples: int = 0
    most_workers: int = 0
    latencies: Latencies = field(default_factory=Latencies)
    events: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(EVENT_KINDS, 0))
    restarts: Mapping[str, int] = field(default_factory=dict)

    def plus(self, told: Told) -> Totals:
        """With one interval more."""
        row, open_model = told.row, told.row.open_model
        return Totals(
            requests=self.requests + sum(endpoint.requests for endpoint in row.endpoints),
            failures=self.failures + sum(endpoint.failures for endpoint in row.endpoints),
            iterations=self.iterations + (row.iterations or 0),
            arrivals=self.arrivals + (open_model.arrivals if open_model else 0),
            dropped=self.dropped + (open_model.dropped if open_model else 0),
            missed_samples=self.missed_samples + int(told.resources.get("missed_samples") or 0),
            most_workers=max(self.most_workers, row.workers),
            latencies=self.latencies.plus(told.everything.counts),
            events=_with_kinds(self.events, told.events),
            restarts=_with_restarts(self.restarts, told),
        )


def _with_kinds(counts: Mapping[str, int], events: Iterable[EventRow]) -> Mapping[str, int]:
    sums = dict(counts)
    for event in events:
        kind = event.kind if event.kind in sums or len(sums) < _MOST_KINDS else _OTHER_KIND
        sums[kind] = sums.get(kind, 0) + 1
    return sums


def _with_restarts(counts: Mapping[str, int], told: Told) -> Mapping[str, int]:
    """Every target counts from 0 on, so that its first restart is an increase."""
    sums = dict(counts)
    for measured in told.measured:
        if measured.role == "target" and len(sums) < _MOST_SOURCES:
            sums.setdefault(measured.source, 0)
    for event in told.events:
        if event.kind == "restart" and (event.subject in sums or len(sums) < _MOST_SOURCES):
            sums[event.subject] = sums.get(event.subject, 0) + 1
    return sums


@dataclass(frozen=True)
class Snapshot:
    """The last interval that was written, of which run, and the sums up to it."""

    info: RunInfo
    told: Told
    totals: Totals
    host: str

    @property
    def elapsed_s(self) -> float:
        """The end of the last interval."""
        return (self.told.row.index + 1) * self.info.interval_s
