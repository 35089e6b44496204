"""Turns closed intervals into the rows of the record."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reli.recorder.columns import open_model_columns, quantile_columns, resource_columns
from reli_analysis.record import Histogram
from reli_analysis.record.hlog import ITERATION_TAGS, SERVICE_TAG, endpoint_tag
from reli_analysis.record.layout import (
    ARRIVAL,
    EVENTS_CSV,
    FAILURES_CSV,
    REQUESTS_CSV,
    RESPONSE_QUANTILES,
    RESULTS_CSV,
    SERVICE_QUANTILES,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reli.clock import RunClock
    from reli.recorder.protocol import EndpointRow, IntervalRow, OpenModelRow
    from reli_analysis.record import RecordWriter

ENDPOINT_INTERVALS = 10
"""Endpoints are written every ten intervals: their detail costs a row each."""


@dataclass
class _EndpointSum:
    requests: int = 0
    failures: int = 0
    response_bytes: int = 0
    histogram: Histogram = field(default_factory=Histogram)

    def add(self, row: EndpointRow) -> None:
        self.requests += row.requests
        self.failures += row.failures
        self.response_bytes += row.response_bytes
        self.histogram.add(row.counts.keys(), row.counts.values())


class RowWriter:
    """Writes what belongs to each interval; endpoints gather until their longer interval ends."""

    def __init__(self, writer: RecordWriter, clock: RunClock) -> None:
        self._writer = writer
        self._clock = clock
        self._stage = ""
        self._window = ""
        self._endpoints: dict[tuple[str, str], _EndpointSum] = defaultdict(_EndpointSum)
        self._failures: dict[tuple[str, str, str, str], int] = defaultdict(int)
        self._since = 0
        self._until = 0

    def write(self, row: IntervalRow, resources: Mapping[str, Any]) -> Histogram:
        """Write one interval and what its end completes; returns its histogram of all requests."""
        if (row.stage, row.window) != (self._stage, self._window):
            self.flush_endpoints()
            self._stage, self._window = row.stage, row.window
            self._since = row.index
            self.event(
                row.index * self._clock.interval_s, "stage", row.stage, f"{row.window} begins"
            )
        everything = Histogram()
        for endpoint in row.endpoints:
            everything.add(endpoint.counts.keys(), endpoint.counts.values())
            self._endpoints[endpoint.request_type, endpoint.name].add(endpoint)
        for request_type, name, error, text, count in row.failures:
            self._failures[request_type, name, error, text] += count
        self._results(row, everything, resources)
        self._until = row.index + 1
        if self._until - self._since >= ENDPOINT_INTERVALS:
            self.flush_endpoints()
        return everything

    def _results(
        self, row: IntervalRow, everything: Histogram, resources: Mapping[str, Any]
    ) -> None:
        length_s = self._clock.interval_s
        start_s = row.index * length_s
        requests = sum(endpoint.requests for endpoint in row.endpoints)
        failures = sum(endpoint.failures for endpoint in row.endpoints)
        answered = sum(e.requests for e in row.endpoints if e.request_type != ARRIVAL)
        self._writer.row(
            RESULTS_CSV,
            {
                **self._times(start_s, length_s),
                "stage": row.stage,
                "window": row.window,
                "users": row.users,
                "workers": row.workers,
                "offered_per_s": None if row.offered is None else row.offered / length_s,
                "iterations_per_s": None if row.iterations is None else row.iterations / length_s,
                "completed_per_s": answered / length_s,
                "requests": requests,
                "failures": failures,
                "error_ratio": failures / requests if requests else None,
                "mean_ms": everything.mean_ms(),
                **quantile_columns(everything, RESPONSE_QUANTILES),
                # In the closed model nobody waits to begin: response time is service time.
                **quantile_columns(
                    Histogram(row.services) if row.open_model else everything, SERVICE_QUANTILES
                ),
                **open_model_columns(row.open_model),
                **resource_columns(row, resources),
                **row.metrics,
            },
        )
        self._writer.histogram(start_s, length_s, everything.counts)
        if row.open_model:
            self._open_model_histograms(row, row.open_model, start_s, length_s)

    def _open_model_histograms(
        self, row: IntervalRow, open_model: OpenModelRow, start_s: float, length_s: float
    ) -> None:
        by_tag = {
            SERVICE_TAG: row.services,
            ITERATION_TAGS["start_delay"]: open_model.delays,
            ITERATION_TAGS["service"]: open_model.services,
            ITERATION_TAGS["response"]: open_model.responses,
        }
        for tag, counts in by_tag.items():
            self._writer.histogram(start_s, length_s, counts, tag)

    def flush_endpoints(self) -> None:
        """Write the endpoints' interval that is open, and begin the next."""
        start_s = self._since * self._clock.interval_s
        length_s = (self._until - self._since) * self._clock.interval_s
        for (request_type, name), endpoint in self._endpoints.items():
            self._writer.row(
                REQUESTS_CSV,
                {
                    **self._times(start_s, length_s),
                    "window": self._window,
                    "type": request_type,
                    "name": name,
                    "requests": endpoint.requests,
                    "failures": endpoint.failures,
                    "response_bytes": endpoint.response_bytes,
                    "mean_ms": endpoint.histogram.mean_ms(),
                    **quantile_columns(endpoint.histogram, RESPONSE_QUANTILES),
                },
            )
            tag = endpoint_tag(request_type, name)
            self._writer.histogram(start_s, length_s, endpoint.histogram.counts, tag)
        for key, count in self._failures.items():
            names = dict(zip(("type", "name", "error", "text"), key, strict=True))
            self._writer.row(FAILURES_CSV, {"elapsed_s": start_s, **names, "count": count})
        self._endpoints.clear()
        self._failures.clear()
        self._since = self._until

    def event(self, elapsed_s: float, kind: str, subject: str, text: str) -> None:
        """Write one row of ``events.csv``."""
        self._writer.row(
            EVENTS_CSV,
            {
                "elapsed_s": round(elapsed_s, 3),
                "wall_s": round(self._clock.wall_s(elapsed_s), 3),
                "kind": kind,
                "subject": subject,
                "message": text,
            },
        )

    def _times(self, start_s: float, length_s: float) -> dict[str, float]:
        return {
            "elapsed_s": start_s,
            "wall_s": round(self._clock.wall_s(start_s), 3),
            "interval_s": length_s,
        }
