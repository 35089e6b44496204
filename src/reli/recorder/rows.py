"""Turns closed intervals into the rows of the record."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from reli.recorder.checkpoint import Checkpoint
from reli.recorder.columns import load_columns, quantile_columns, resource_columns
from reli_analysis.record import Histogram
from reli_analysis.record.hlog import ITERATION_TAGS, SERVICE_TAG, endpoint_tag
from reli_analysis.record.layout import (
    FAILURES_CSV,
    REQUESTS_CSV,
    RESPONSE_QUANTILES,
    RESULTS_CSV,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reli.clock import RunClock
    from reli.recorder.events import EventLog
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


class Written(NamedTuple):
    """What was written of an interval: the histogram of all its requests, and its row by column."""

    everything: Histogram
    columns: Mapping[str, Any]


class RowWriter:
    """Writes what belongs to each interval; endpoints gather until their longer interval ends."""

    def __init__(
        self, writer: RecordWriter, clock: RunClock, events: EventLog, *, load: bool
    ) -> None:
        """``load`` is false for a record that only samples: what speaks of load stays empty."""
        self._writer = writer
        self._clock = clock
        self._events = events
        self._load = load
        self._stage = ""
        self._window = ""
        self._endpoints: dict[tuple[str, str], _EndpointSum] = defaultdict(_EndpointSum)
        self._failures: dict[tuple[str, str, str, str], int] = defaultdict(int)
        self._until = 0
        self._written = -1
        self.gathered_from = 0
        """The first interval whose endpoints are not written yet."""
        self.endpoint_intervals = ENDPOINT_INTERVALS

    def resume(self, at: Checkpoint) -> None:
        """Go on with a record; the intervals from ``at.gathered_from`` on are given once more."""
        self._stage, self._window = at.stage, at.window
        self._written = at.written
        self.gathered_from = self._until = at.gathered_from

    def checkpoint(self, events: int, next_sample: int) -> Checkpoint:
        """How far the record is written, after a flush."""
        return Checkpoint(
            dict(self._writer.sizes),
            self._written,
            self.gathered_from,
            self._stage,
            self._window,
            events,
            next_sample,
        )

    def write(self, row: IntervalRow, resources: Mapping[str, Any]) -> Written | None:
        """Write one interval and what its end completes; returns what was written of it.

        ``None`` for one that is in ``results.csv`` already, whose endpoints only gather again.
        """
        is_new = row.index > self._written
        if is_new and (row.stage, row.window) != (self._stage, self._window):
            self._begin_stage(row)
        everything = Histogram()
        for endpoint in row.endpoints:
            everything.add(endpoint.counts.keys(), endpoint.counts.values())
            self._endpoints[endpoint.request_type, endpoint.name].add(endpoint)
        for request_type, name, error, text, count in row.failures:
            self._failures[request_type, name, error, text] += count
        columns: Mapping[str, Any] = {}
        if is_new:
            columns = self._results(row, everything, resources)
            self._written = row.index
        self._until = row.index + 1
        if self._until - self.gathered_from >= self.endpoint_intervals:
            self.flush_endpoints()
        return Written(everything, columns) if is_new else None

    def _begin_stage(self, row: IntervalRow) -> None:
        self.flush_endpoints()
        self._stage, self._window = row.stage, row.window
        self.gathered_from = row.index
        begins_s = row.index * self._clock.interval_s
        self._events.add("stage", row.stage, f"{row.window} begins", begins_s)

    def _results(
        self, row: IntervalRow, everything: Histogram, resources: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        length_s = self._clock.interval_s
        start_s = row.index * length_s
        columns = {
            **self._times(start_s, length_s),
            "stage": row.stage,
            "window": row.window,
            **(load_columns(row, everything, length_s) if self._load else {}),
            **resource_columns(row, resources),
            **row.metrics,
        }
        self._writer.row(RESULTS_CSV, columns)
        self._writer.histogram(start_s, length_s, everything.counts)
        if row.open_model:
            self._open_model_histograms(row, row.open_model, start_s, length_s)
        return columns

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
        start_s = self.gathered_from * self._clock.interval_s
        length_s = (self._until - self.gathered_from) * self._clock.interval_s
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
        self.gathered_from = self._until

    def _times(self, start_s: float, length_s: float) -> dict[str, float]:
        return {
            "elapsed_s": start_s,
            "wall_s": round(self._clock.wall_s(start_s), 3),
            "interval_s": length_s,
        }
