"""Serves the last interval to Prometheus, from the recorder, on loopback.

Base units, ``_total`` for what only grows, a prefix, and no label but the quantile's: the number
of time series does not depend on the load.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from reli_analysis.errors import RecordError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from reli.recorder.protocol import IntervalRow
    from reli.recorder.told import Told
    from reli_analysis.record import MetricSpec

HOST = "127.0.0.1"
_QUANTILES = (0.5, 0.95, 0.99)
_TARGET = {
    "rss_bytes": "resident memory of the target",
    "fds": "open descriptors of the target",
    "threads": "threads of the target",
    "cpu_cores": "cores that the target kept busy",
}


@dataclass(frozen=True)
class _Snapshot:
    row: IntervalRow
    quantiles_ms: tuple[float | None, ...]
    resources: Mapping[str, Any]
    requests: int
    failures: int
    iterations: int
    arrivals: int
    dropped: int


class Exposition:
    """A Prometheus collector of the run's last interval and its totals."""

    def __init__(self, port: int, metrics: Sequence[MetricSpec], interval_s: float) -> None:
        """Start serving; raises ``RecordError`` when the port is taken."""
        self._metrics = metrics
        self._interval_s = interval_s
        self._last: _Snapshot | None = None
        registry = CollectorRegistry()
        registry.register(self)
        try:
            self._server, self._thread = start_http_server(port, HOST, registry)
        except OSError as error:
            raise RecordError(
                f"metrics cannot be served on {HOST}:{port}: {error.strerror}; "
                "name another with --metrics-port"
            ) from None

    def tell(self, told: Told) -> None:
        """Take over an interval that was just written."""
        before, row = self._last, told.row
        requests = sum(endpoint.requests for endpoint in row.endpoints)
        failures = sum(endpoint.failures for endpoint in row.endpoints)
        arrivals, dropped = (
            (row.open_model.arrivals, row.open_model.dropped) if row.open_model else (0, 0)
        )
        # One assignment: the serving thread sees the old interval or the new one.
        self._last = _Snapshot(
            row,
            tuple(told.everything.quantiles_ms(_QUANTILES)),
            told.resources,
            requests + (before.requests if before else 0),
            failures + (before.failures if before else 0),
            (row.iterations or 0) + (before.iterations if before else 0),
            arrivals + (before.arrivals if before else 0),
            dropped + (before.dropped if before else 0),
        )

    def collect(self) -> Iterator[Metric]:
        """What Prometheus reads; nothing before the first interval."""
        last = self._last
        if last is None:
            return
        yield GaugeMetricFamily("reli_users", "users running", value=last.row.users)
        yield GaugeMetricFamily("reli_workers", "load processes heard", value=last.row.workers)
        if last.row.offered is not None and last.row.iterations is not None:
            offered = last.row.offered / self._interval_s
            yield GaugeMetricFamily(
                "reli_offered_iterations_per_second", "what the profile asks for", value=offered
            )
            yield CounterMetricFamily("reli_iterations", "iterations done", value=last.iterations)
        if last.row.open_model is not None:
            waiting = last.row.open_model.waiting
            yield CounterMetricFamily("reli_arrivals", "arrivals due", value=last.arrivals)
            yield CounterMetricFamily(
                "reli_dropped_arrivals", "arrivals given up", value=last.dropped
            )
            yield GaugeMetricFamily("reli_waiting_arrivals", "arrivals in line", value=waiting)
        yield CounterMetricFamily("reli_requests", "requests answered", value=last.requests)
        yield CounterMetricFamily("reli_failures", "requests that failed", value=last.failures)
        latency = GaugeMetricFamily(
            "reli_response_seconds", "response time in the last interval", labels=["quantile"]
        )
        for quantile, value_ms in zip(_QUANTILES, last.quantiles_ms, strict=True):
            if value_ms is not None:
                latency.add_metric([f"{quantile:g}"], value_ms / 1000)
        yield latency
        for column, meaning in _TARGET.items():
            if column in last.resources:
                yield GaugeMetricFamily(
                    f"reli_target_{column}", meaning, value=last.resources[column]
                )
        for spec in self._metrics:
            if spec.name in last.row.metrics:
                family = CounterMetricFamily if spec.kind == "counter" else GaugeMetricFamily
                yield family(
                    f"reli_service_{spec.name}", spec.meaning, value=last.row.metrics[spec.name]
                )

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
