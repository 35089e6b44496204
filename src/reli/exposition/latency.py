"""Response and service times: quantiles of the last interval, and a histogram of the whole run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli.exposition.served import Group, Served
from reli.exposition.snapshot import BOUNDS_S
from reli_analysis.record import Histogram

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.core import Metric

    from reli.exposition.snapshot import Latencies, Snapshot

QUANTILES = (0.5, 0.9, 0.95, 0.99, 1.0)

_RESPONSE = Served(
    "reli_response_seconds",
    "summary",
    "response time of the requests of the last interval; exact, and absent without any",
    ("quantile",),
)
_SERVICE = Served(
    "reli_service_time_seconds",
    "summary",
    "the same for service time: from sending to answer",
    ("quantile",),
)
_TIMES = Served(
    "reli_response_time_seconds",
    "histogram",
    "response times since the recorder began, counted from its exact histograms",
    ("le",),
)


def _collect(snapshot: Snapshot) -> Iterator[Metric]:
    """Nothing for a record that only samples."""
    if not snapshot.info.load:
        return
    told = snapshot.told
    services = Histogram(told.row.services) if told.row.open_model else told.everything
    for served, histogram in ((_RESPONSE, told.everything), (_SERVICE, services)):
        values_ms = histogram.quantiles_ms(QUANTILES)
        yield served.samples(
            ((f"{quantile:g}",), None if value_ms is None else value_ms / 1000)
            for quantile, value_ms in zip(QUANTILES, values_ms, strict=True)
        )
    yield _histogram(snapshot.totals.latencies)


def _histogram(latencies: Latencies) -> Metric:
    metric = _TIMES.family()
    cumulative = latencies.cumulative()
    for bound, count in zip((*map(repr, BOUNDS_S), "+Inf"), cumulative, strict=True):
        metric.add_sample(f"{_TIMES.name}_bucket", {"le": bound}, count)
    metric.add_sample(f"{_TIMES.name}_sum", {}, latencies.sum_s)
    metric.add_sample(f"{_TIMES.name}_count", {}, cumulative[-1])
    return metric


LATENCY = Group((_RESPONSE, _SERVICE, _TIMES), _collect)
