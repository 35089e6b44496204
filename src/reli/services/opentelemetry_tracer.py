"""The OpenTelemetry SDK as a tracer under load: its usual pipeline, with every span counted.

``OTEL_BSP_*`` and ``OTEL_EXPORTER_OTLP_*`` set the SDK up as they do anywhere; only the endpoint
is the collector's.

What is read, and why from there (SDK 1.45):

- Created spans are counted by a processor of our own, when they end.
- Spans that the SDK dropped, and the length of its queue, come from the SDK's self-metrics: a
  public interface, and reading them takes about 0.1 ms. Only the span processor gets them
  enabled. With them, a tracer would take twice as long for each span, and what the load measures
  would not be what users have. Under gevent its count of drops is exact. With real threads it can
  be off by a few, because the SDK looks at its queue and appends to it in two steps.
- Failed exports are counted from the result that the exporter gives back, because its self-metric
  counts a batch that was refused with a status such as 429 as exported.
"""

from __future__ import annotations

import contextlib
import os
import threading
from typing import TYPE_CHECKING

import requests
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, NumberDataPoint
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from reli.services.log_throttle import LogThrottle
from reli.services.tracer_sdk import SdkCounts
from reli_analysis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from opentelemetry.trace import Tracer

_SELF_METRICS = "OTEL_PYTHON_SDK_INTERNAL_METRICS_ENABLED"
_PROCESSED = "otel.sdk.processor.span.processed"
_QUEUE_SIZE = "otel.sdk.processor.span.queue.size"
_QUEUE_CAPACITY = "otel.sdk.processor.span.queue.capacity"
_CLOSE_TIMEOUT_S = 2.0


class _CountEnded(SpanProcessor):
    """Counts spans as they end; that is when the SDK takes charge of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.ended = 0

    def on_end(self, span: ReadableSpan) -> None:  # noqa: ARG002 -- the SDK's interface
        with self._lock:
            self.ended += 1


class _CountExported(SpanExporter):
    """Passes batches on to another exporter and counts them by what it answers.

    The SDK exports one batch at a time, so the counts need no lock. Once shut down it refuses
    batches in silence, where the OTLP exporter would log each.
    """

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._shut_down = False
        self.handed = 0
        self.exported = 0
        self.failed = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.handed += len(spans)
        result = SpanExportResult.FAILURE
        try:
            if not self._shut_down:
                result = self._exporter.export(spans)
        finally:
            if result is SpanExportResult.SUCCESS:
                self.exported += len(spans)
            else:
                self.failed += len(spans)
        return result

    def shutdown(self) -> None:
        if not self._shut_down:
            self._shut_down = True
            self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._exporter.force_flush(timeout_millis)


class OpenTelemetrySdk:
    """A tracer provider with a batch processor and the OTLP exporter over HTTP."""

    def __init__(self, endpoint: str) -> None:
        """Build the pipeline; raises ``InputError`` for settings that the SDK refuses."""
        self._reader = InMemoryMetricReader()
        self._meters = MeterProvider(metric_readers=[self._reader], shutdown_on_exit=False)
        self._ended = _CountEnded()
        try:
            self._exported = _CountExported(_loopback_exporter(endpoint))
            with _self_metrics_enabled():
                batches = BatchSpanProcessor(self._exported, meter_provider=self._meters)
        except ValueError as error:
            raise InputError(
                f"the OpenTelemetry SDK refuses its settings: {error} See OTEL_BSP_* and "
                "OTEL_EXPORTER_OTLP_* in the environment"
            ) from None
        self._provider = TracerProvider(meter_provider=NoOpMeterProvider(), shutdown_on_exit=False)
        self._provider.add_span_processor(self._ended)
        self._provider.add_span_processor(batches)
        self.tracer: Tracer = self._provider.get_tracer("reli")
        self._throttle = LogThrottle("opentelemetry")
        self._throttle.install()

    def counts(self) -> SdkCounts:
        finished = self._exported.exported, self._exported.failed
        queued = capacity = dropped = 0
        for name, point in self._points():
            if name == _QUEUE_SIZE:
                queued = int(point.value)
            elif name == _QUEUE_CAPACITY:
                capacity = int(point.value)
            elif name == _PROCESSED and "error.type" in (point.attributes or {}):
                dropped += int(point.value)
        return SdkCounts(
            created=self._ended.ended,
            dropped=dropped,
            exported=finished[0],
            failed=finished[1],
            in_flight=self._exported.handed - sum(finished),
            queued=queued,
            queue_capacity=capacity,
        )

    def _points(self) -> Iterator[tuple[str, NumberDataPoint]]:
        data = self._reader.get_metrics_data()
        for resource in data.resource_metrics if data else ():
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    for point in metric.data.data_points:
                        if isinstance(point, NumberDataPoint):
                            yield metric.name, point

    def flush(self, timeout_s: float) -> bool:
        """Send what is queued; returns whether that ended in time.

        The SDK's own ``force_flush`` takes a timeout and does not keep it, so it gets a thread (a
        greenlet under gevent) that is left to itself when the time is over.
        """
        return _runs_within(timeout_s, self._provider.force_flush, "flush")

    def close(self) -> None:
        """Stop the exporter first, so that shutting down sends nothing more."""
        self._exported.shutdown()
        _runs_within(_CLOSE_TIMEOUT_S, self._provider.shutdown, "shutdown")
        self._meters.shutdown()
        self._throttle.remove()


def _loopback_exporter(endpoint: str) -> OTLPSpanExporter:
    session = requests.Session()
    session.trust_env = False  # a proxy that the environment names must not see loopback traffic
    return OTLPSpanExporter(endpoint=endpoint, session=session)


@contextlib.contextmanager
def _self_metrics_enabled() -> Iterator[None]:
    """Turn the SDK's self-metrics on for what is built inside; it reads the variable then."""
    before = os.environ.get(_SELF_METRICS)
    os.environ[_SELF_METRICS] = "true"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_SELF_METRICS]
        else:
            os.environ[_SELF_METRICS] = before


def _runs_within(timeout_s: float, work: Callable[[], object], name: str) -> bool:
    thread = threading.Thread(target=work, name=f"reli-tracer-{name}", daemon=True)
    thread.start()
    thread.join(timeout_s)
    return not thread.is_alive()
