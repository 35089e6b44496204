"""Metrics that the wrapped service or a target publishes itself, as far as they have a name here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli.exposition.served import Group, Served
from reli_analysis.record.layout import METRIC

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.core import Metric

    from reli.exposition.snapshot import Snapshot

_VALUE = Served(
    "reli_metric_value",
    "gauge",
    "the newest value of a metric that a target of the run names, in the metric's own unit",
    ("source", "metric"),
)
SERVICE_PREFIX = "reli_service_"


def _collect(snapshot: Snapshot) -> Iterator[Metric]:
    named = {metric.name for metric in snapshot.info.metrics}
    readings = [
        ((measured.source, measured.reading.name), measured.reading.values.get("value"))
        for measured in snapshot.told.measured
        if measured.reading.kind == METRIC and measured.reading.name in named
    ]
    if readings:
        yield _VALUE.samples(readings)
    for spec in snapshot.info.metrics:
        if spec.name in snapshot.told.row.metrics:
            counter = spec.kind == "counter"
            name = f"{SERVICE_PREFIX}{spec.name.removesuffix('_total')}"
            served = Served(
                f"{name}_total" if counter else name,
                "counter" if counter else "gauge",
                spec.meaning or spec.name,
            )
            yield served.of(snapshot.told.row.metrics[spec.name])


PUBLISHED = Group((_VALUE,), _collect)
