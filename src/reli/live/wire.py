"""One written interval as plain JSON: the way from the recorder back to Locust's process.

Its size is bounded by the targets and budgets of the run, never by its requests: of endpoints,
processes and metrics without a name of their own there is nothing in it.
"""

from __future__ import annotations

import socket
from math import isfinite
from typing import TYPE_CHECKING, Any

from reli_analysis.record.layout import ARRIVAL, CGROUP, HOST, TREE
from reli_analysis.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reli.recorder.told import EventRow, Measured, Standing, Told

QUANTILES = {"p50_ms": 0.5, "p95_ms": 0.95, "p99_ms": 0.99, "max_ms": 1.0}
"""Columns of ``results.csv`` that are sent, of the response times of all requests."""

SUBJECT_KINDS = (TREE, CGROUP, HOST)
SUBJECT_COLUMNS = (
    "rss_bytes",
    "memory_bytes",
    "working_set_bytes",
    "memory_available_bytes",
    "fds",
    "fds_ratio",
    "cpu_cores",
    "threads",
    "pids",
)
"""Columns of ``resources.csv`` that are sent of each tree, cgroup and host."""

MOST_SUBJECTS = 40
MOST_STANDINGS = 60
MOST_EVENTS = 50
MOST_METRICS = 60
LONGEST_TEXT = 200
"""Bytes, like that of a name; what is cut off stands in the record."""
LONGEST_NAME = 100


def told_to_json(told: Told) -> dict[str, Any]:
    """What is shown live of an interval: numbers, short texts and ``None``, fit for ``json``.

    ``requests``, ``answered``, ``failures``, ``offered`` and ``iterations`` are counts of the
    interval; ``resources`` and ``metrics`` are columns of ``results.csv``; ``subjects`` were
    measured at the end of the interval ``sampled_index``. Of more events than
    ``MOST_EVENTS`` the newest are sent and ``events_left_out`` counts the others.
    """
    row = told.row
    endpoints = row.endpoints
    quantiles_ms = told.everything.quantiles_ms(QUANTILES.values())
    return {
        "index": row.index,
        "stage": _name(row.stage),
        "window": _name(row.window),
        "users": row.users,
        "workers": row.workers,
        "offered": _number(row.offered),
        "iterations": row.iterations,
        "requests": sum(endpoint.requests for endpoint in endpoints),
        "answered": sum(e.requests for e in endpoints if e.request_type != ARRIVAL),
        "failures": sum(endpoint.failures for endpoint in endpoints),
        "waiting": row.open_model.waiting if row.open_model else None,
        "dropped": row.open_model.dropped if row.open_model else None,
        **dict(zip(QUANTILES, quantiles_ms, strict=True)),
        "resources": _numbers(told.resources.items()),
        "metrics": _numbers(row.metrics.items()),
        "sampled_index": row.index if told.measured_index is None else told.measured_index,
        "subjects": _subjects(told.measured),
        "standings": [_standing(standing) for standing in told.standings[:MOST_STANDINGS]],
        "events": [_event(event) for event in told.events[-MOST_EVENTS:]],
        "events_left_out": max(0, len(told.events) - MOST_EVENTS),
    }


def _subjects(measured: Iterable[Measured]) -> list[dict[str, Any]]:
    """The trees, cgroups and hosts, by what tells them apart."""
    found: list[dict[str, Any]] = []
    own_host = socket.gethostname()
    for one in measured:
        reading = one.reading
        if reading.kind not in SUBJECT_KINDS:
            continue
        values = {c: reading.values[c] for c in SUBJECT_COLUMNS if c in reading.values}
        found.append(
            {
                "role": one.role,
                "source": _name(one.source),
                "kind": reading.kind,
                "host": _name(reading.host or own_host),
                "process": _name(reading.name),
                "elapsed_s": _number(reading.elapsed_s),
                "values": _numbers(values.items()),
            }
        )
        if len(found) == MOST_SUBJECTS:
            break
    return found


def _standing(standing: Standing) -> dict[str, Any]:
    return {
        "budget": plain_text(standing.budget),
        "observed": _number(standing.observed),
        "limit": _number(standing.limit),
        "unit": standing.unit,
        "standing": standing.standing,
    }


def _event(event: EventRow) -> dict[str, Any]:
    return {
        "elapsed_s": _number(event.elapsed_s),
        "kind": _name(event.kind),
        "subject": _name(event.subject),
        "message": plain_text(event.message),
    }


def _numbers(items: Iterable[tuple[str, Any]]) -> dict[str, float]:
    known = [(n, value) for n, value in items if isinstance(value, int | float) and isfinite(value)]
    return {plain_text(name): value for name, value in known[:MOST_METRICS]}


def _number(value: float | None) -> float | None:
    """JSON knows neither NaN nor infinity."""
    return value if value is not None and isfinite(value) else None


def plain_text(text: str, longest: int = LONGEST_TEXT) -> str:
    """One line of visible characters, at most so many bytes."""
    return one_line(text).encode()[:longest].decode("utf-8", "ignore")


def _name(text: str) -> str:
    return plain_text(text, LONGEST_NAME)
