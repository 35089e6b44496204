"""What is sampled of targets, load generator and recorder: trees, cgroups and hosts as a whole.

Single processes are left out: with forking workers their number, and so that of the time series,
has no bound. ``resources.csv`` has them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli.exposition.served import Group, Sample, Served
from reli.sampling.names import VALUE_COLUMNS, in_base_units, prometheus_name
from reli_analysis.record.layout import CGROUP, HOST, TREE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.core import Metric

    from reli.exposition.snapshot import Snapshot

KINDS = (TREE, CGROUP, HOST)
LABELS = ("role", "source", "host", "process")

_SERVED = {
    (kind, column.name): Served(
        prometheus_name(kind, column.name),
        "counter" if column.counter else "gauge",
        column.meaning,
        LABELS,
    )
    for column in VALUE_COLUMNS.values()
    for kind in KINDS
}


def _collect(snapshot: Snapshot) -> Iterator[Metric]:
    samples: dict[tuple[str, str], list[Sample]] = {}
    for measured in snapshot.told.measured:
        reading = measured.reading
        labels = (measured.role, measured.source, reading.host or snapshot.host, reading.name)
        for column, value in reading.values.items():
            if (reading.kind, column) in _SERVED:
                of_column = samples.setdefault((reading.kind, column), [])
                of_column.append((labels, in_base_units(column, value)))
    for key, of_column in samples.items():
        yield _SERVED[key].samples(of_column)


RESOURCES = Group(tuple(_SERVED.values()), _collect)
