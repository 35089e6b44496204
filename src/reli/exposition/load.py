"""What load is offered, and what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli.exposition.served import Group, Served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.core import Metric

    from reli.exposition.snapshot import Snapshot

_USERS = Served("reli_users", "gauge", "users running")
_WORKERS = Served("reli_workers", "gauge", "load processes that reported for the last interval")
_EXPECTED = Served("reli_expected_workers", "gauge", "the most load processes there ever were")
_OFFERED = Served(
    "reli_offered_iterations_per_second",
    "gauge",
    "iterations that the profile asks for; absent for a load in users",
)
_ITERATIONS = Served("reli_iterations_total", "counter", "iterations that users finished")
_ARRIVALS = Served("reli_arrivals_total", "counter", "open model: arrivals that became due")
_DROPPED = Served(
    "reli_dropped_arrivals_total", "counter", "open model: arrivals that no user took in time"
)
_WAITING = Served("reli_waiting_arrivals", "gauge", "open model: arrivals that wait for a user")
_REQUESTS = Served(
    "reli_requests_total", "counter", "requests answered, failures included, and arrivals dropped"
)
_FAILURES = Served("reli_failures_total", "counter", "requests that failed")


def _collect(snapshot: Snapshot) -> Iterator[Metric]:
    """Nothing for a record that only samples."""
    if not snapshot.info.load:
        return
    row, totals = snapshot.told.row, snapshot.totals
    yield _USERS.of(row.users)
    yield _WORKERS.of(row.workers)
    yield _EXPECTED.of(totals.most_workers)
    if row.offered is not None and row.iterations is not None:
        yield _OFFERED.of(row.offered / snapshot.info.interval_s)
        yield _ITERATIONS.of(totals.iterations)
    if row.open_model is not None:
        yield _ARRIVALS.of(totals.arrivals)
        yield _DROPPED.of(totals.dropped)
        yield _WAITING.of(row.open_model.waiting)
    yield _REQUESTS.of(totals.requests)
    yield _FAILURES.of(totals.failures)


LOAD = Group(
    (
        *(_USERS, _WORKERS, _EXPECTED, _OFFERED, _ITERATIONS),
        *(_ARRIVALS, _DROPPED, _WAITING, _REQUESTS, _FAILURES),
    ),
    _collect,
)
