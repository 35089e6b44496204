"""The lines that Locust's process sends to the recorder, and those that come back.

To the recorder: ``begin`` (the run, how to record it, and the record to go on with, if any), then
``process``, ``interval``, ``event`` and last ``finish``. Back: ``directory`` or ``error`` once,
``told`` after each interval that is written, and ``stopped`` when the disk takes no more.
"""

from __future__ import annotations

import json
import sys
from array import array
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STOPPED = 3
"""Exit code of a recorder that has stopped in order because its disk takes no more."""


@dataclass(frozen=True)
class EndpointRow:
    """One endpoint in one interval; ``counts`` are its histogram's buckets."""

    request_type: str
    name: str
    requests: int
    failures: int
    response_bytes: int
    counts: Mapping[int, int]


@dataclass(frozen=True)
class OpenModelRow:
    """What the open model adds to an interval, as ``reli.iterations.IterationInterval`` has it."""

    arrivals: int
    dropped: int
    finished: int
    cut: int
    waiting: int
    running: int
    busy_users: float
    oldest_age_s: float
    delays: Mapping[int, int]
    services: Mapping[int, int]
    responses: Mapping[int, int]
    idle_delays: Mapping[int, int]


@dataclass(frozen=True)
class IntervalRow:
    """One closed interval, merged over all load processes.

    ``users`` and ``metrics`` are as of its end; ``offered`` is how many iterations the plan asked
    for and ``iterations`` how many were done, both ``None`` without a plan in iterations.
    ``health`` is the worst of each over the load processes (``reli.health.Health``). ``services``
    are the service times of all requests where they differ from the response times, in the open
    model.
    """

    index: int
    stage: str
    window: str
    users: int
    workers: int
    offered: float | None
    iterations: int | None
    health: Mapping[str, float | None]
    services: Mapping[int, int]
    open_model: OpenModelRow | None
    endpoints: Sequence[EndpointRow]
    failures: Sequence[tuple[str, str, str, str, int]]
    metrics: Mapping[str, float]


def row_without_load(index: int) -> IntervalRow:
    """The interval of a record that only samples; all of it counts as steady."""
    return IntervalRow(
        index=index,
        stage="",
        window="steady",
        users=0,
        workers=0,
        offered=None,
        iterations=None,
        health={},
        services={},
        open_model=None,
        endpoints=(),
        failures=(),
        metrics={},
    )


def pack(values: Any, typecode: str) -> str:
    """Numbers as base64 of a little-endian array; ``typecode`` as in :mod:`array`."""
    numbers = array(typecode, values)
    if sys.byteorder == "big":
        numbers.byteswap()
    return b64encode(numbers.tobytes()).decode()


def unpack(text: str, typecode: str) -> list[int]:
    """The numbers of :func:`pack`."""
    numbers = array(typecode, b64decode(text))
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tolist()


def message(kind: str, body: Mapping[str, Any]) -> bytes:
    """One line."""
    return json.dumps({"kind": kind, **body}, separators=(",", ":")).encode() + b"\n"


def parse(line: bytes) -> dict[str, Any]:
    """The object of one line."""
    data = json.loads(line)
    if not isinstance(data, dict):
        raise TypeError("a message is an object")
    return data


def endpoint_row(data: Sequence[Any]) -> EndpointRow:
    """From the JSON form: type, name, requests, failures, bytes, bucket indexes, counts."""
    request_type, name, requests, failures, response_bytes, indexes, counts = data
    buckets = _buckets((indexes, counts))
    return EndpointRow(request_type, name, requests, failures, response_bytes, buckets)


def _buckets(packed: Sequence[str]) -> dict[int, int]:
    return dict(zip(unpack(packed[0], "H"), unpack(packed[1], "I"), strict=True))


def _open_model_row(data: Mapping[str, Any]) -> OpenModelRow:
    unpacked = {k: _buckets(value) for k, value in data.items() if isinstance(value, list)}
    return OpenModelRow(**{**data, **unpacked})


def interval_row(data: Mapping[str, Any]) -> IntervalRow:
    """From the JSON form of an ``interval`` message."""
    fields = {key: value for key, value in data.items() if key != "kind"}
    fields["endpoints"] = [endpoint_row(endpoint) for endpoint in data["endpoints"]]
    fields["services"] = _buckets(data["services"])
    fields["open_model"] = data["open_model"] and _open_model_row(data["open_model"])
    fields["failures"] = [tuple(failure) for failure in data["failures"]]
    return IntervalRow(**fields)
