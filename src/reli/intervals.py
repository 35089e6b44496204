"""One interval of a run: what a load process reports, and the sum over all of them.

Parts travel between processes as plain dicts of numbers, strings, lists and bytes, so that
msgpack (Locust's wire) carries them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reli.counts import EMPTY_COUNTS, Counts, counts_from_wire, counts_to_wire
from reli.endpoints import Endpoints, merge_tables
from reli.health import Health
from reli.iterations import IterationInterval
from reli.stats import FailureCount

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from reli.stats import EndpointInterval
    from reli_analysis.record import MetricSpec


@dataclass(frozen=True)
class Part:
    """What one load process reports of one interval.

    ``index`` counts intervals from the run's start; ``iterations`` are counted when the load is in
    iterations, and 0 otherwise; ``metrics`` are the gauges and counters of its service.
    ``services`` (service times of all requests) and ``open_model`` are there in the open model.
    """

    index: int
    users: int
    iterations: int
    health: Health
    endpoints: Iterable[EndpointInterval] = ()
    failures: Sequence[FailureCount] = ()
    services: Counts = EMPTY_COUNTS
    open_model: IterationInterval | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)

    def to_wire(self) -> dict[str, Any]:
        return {
            "index": self.index,
            "users": self.users,
            "iterations": self.iterations,
            "health": vars(self.health),
            "endpoints": Endpoints.of(self.endpoints).to_wire(),
            "failures": [[f.request_type, f.name, f.error, f.text, f.count] for f in self.failures],
            "services": counts_to_wire(self.services),
            "open_model": self.open_model.to_wire() if self.open_model else None,
            "metrics": dict(self.metrics),
        }

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> Part:
        return cls(
            index=data["index"],
            users=data["users"],
            iterations=data["iterations"],
            health=Health(**data["health"]),
            endpoints=Endpoints.from_wire(data["endpoints"]),
            failures=[FailureCount(*failure) for failure in data["failures"]],
            services=counts_from_wire(data["services"]),
            open_model=data["open_model"] and IterationInterval.from_wire(data["open_model"]),
            metrics=data["metrics"],
        )


def merge_endpoints(parts: Iterable[Part]) -> Endpoints:
    """The sum of all parts, endpoint by endpoint; histograms merge without loss."""
    return merge_tables([Endpoints.of(part.endpoints) for part in parts])


def merge_failures(parts: Iterable[Part]) -> list[FailureCount]:
    """The sum of all parts, error by error."""
    sums: dict[tuple[str, str, str, str], int] = defaultdict(int)
    for part in parts:
        for failure in part.failures:
            sums[failure.request_type, failure.name, failure.error, failure.text] += failure.count
    return [FailureCount(*key, count) for key, count in sums.items()]


def merge_metrics(
    specs: Sequence[MetricSpec], by_process: Iterable[Mapping[str, float]]
) -> dict[str, float]:
    """Counters summed, gauges at their largest, ratios divided; what nobody reported is absent."""
    reports = list(by_process)
    merged: dict[str, float] = {}
    for spec in specs:
        values = [report[spec.name] for report in reports if spec.name in report]
        if values and spec.kind in {"counter", "gauge"}:
            merged[spec.name] = sum(values) if spec.kind == "counter" else max(values)
    for spec in specs:
        if spec.kind == "ratio" and merged.get(spec.denominator):
            merged[spec.name] = merged.get(spec.numerator, 0.0) / merged[spec.denominator]
    return merged


@dataclass
class Merger:
    """Gathers parts until an interval is complete, and hands intervals over in their order.

    An interval closes when every expected process has reported it, or ``grace`` intervals later.
    A part that comes later still is counted in the interval that is open, so that no request is
    lost; ``late`` counts those.
    """

    grace: int = 5
    late: int = 0
    _next: int = 0
    _open: dict[int, dict[str, list[Part]]] = field(default_factory=dict)

    def add(self, process: str, part: Part) -> None:
        """Take a part in."""
        index = part.index
        if index < self._next:
            self.late += 1
            index = self._next
        self._open.setdefault(index, {}).setdefault(process, []).append(part)

    def closed(
        self, expected: set[str], current: int, *, everything: bool = False
    ) -> list[tuple[int, dict[str, list[Part]]]]:
        """The intervals that can be closed now; ``current`` is the one that is running.

        With ``everything``, all that were begun are closed whatever is missing.
        """
        done = []
        last = max(self._open, default=self._next - 1) if everything else current - 1
        while self._next <= last:
            parts = self._open.get(self._next, {})
            complete = expected <= parts.keys()
            if not (complete or everything or current - self._next > self.grace):
                break
            done.append((self._next, self._open.pop(self._next, {})))
            self._next += 1
        return done
