"""Which run is served, how far it is, and what happened in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli.exposition.served import Group, Served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.core import Metric

    from reli.exposition.snapshot import Snapshot

_INFO = Served("reli_run_info", "gauge", "1, for the run that is served", ("run", "profile"))
_ELAPSED = Served(
    "reli_elapsed_seconds", "gauge", "from the run's start to the last interval's end"
)
_PLANNED = Served(
    "reli_planned_seconds", "gauge", "length that is planned; absent without a planned end"
)
_INTERVAL = Served("reli_interval_seconds", "gauge", "length of an interval")
_MISSED = Served("reli_missed_samples_total", "counter", "samples that the sampler missed")
_EVENTS = Served("reli_events_total", "counter", "rows of events.csv by kind", ("kind",))
_RESTARTS = Served("reli_restarts_total", "counter", "restarts of a target", ("source",))


def _collect(snapshot: Snapshot) -> Iterator[Metric]:
    info, totals = snapshot.info, snapshot.totals
    yield _INFO.samples([((info.run_id, info.profile_name), 1.0)])
    yield _ELAPSED.of(snapshot.elapsed_s)
    yield _PLANNED.of(info.planned_s)
    yield _INTERVAL.of(info.interval_s)
    yield _MISSED.of(totals.missed_samples)
    yield _EVENTS.samples(((kind,), count) for kind, count in totals.events.items())
    yield _RESTARTS.samples(((source,), count) for source, count in totals.restarts.items())


RUN = Group((_INFO, _ELAPSED, _PLANNED, _INTERVAL, _MISSED, _EVENTS, _RESTARTS), _collect)
