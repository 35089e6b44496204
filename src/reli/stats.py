"""What is measured of each request, in one load process and one interval.

A request costs a dict look-up and eight bytes: its time is kept in an array until the interval
ends, when numpy sorts the whole array into histogram buckets at once. Nothing but the names
outlives the interval, and their number is bounded (``reli.folding``).
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from reli.counts import Counts, bucket_counts
from reli.folding import EndpointKey, FailureKey, Failures, Names

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LONGEST_TEXT = 200


@dataclass(frozen=True)
class EndpointInterval:
    """One endpoint in one interval; ``counts`` are its histogram's buckets."""

    request_type: str
    name: str
    requests: int
    failures: int
    response_bytes: int
    counts: Counts


@dataclass(frozen=True)
class FailureCount:
    """How often one error struck one endpoint in one interval."""

    request_type: str
    name: str
    error: str
    text: str
    count: int


@dataclass(frozen=True)
class RequestInterval:
    """All requests of one interval; ``services`` are service times where they are kept apart."""

    endpoints: list[EndpointInterval]
    failures: list[FailureCount]
    services: Counts


class OpenEndpoint:
    """The open interval of one endpoint."""

    __slots__ = ("failures", "response_bytes", "shown", "shown_bytes", "times_ms")

    def __init__(self) -> None:
        self.times_ms = array("d")
        self.failures = 0
        self.response_bytes = 0
        self.shown = 0
        self.shown_bytes = 0

    def take_unshown(self) -> tuple[NDArray[np.float64], int]:
        """Times and bytes of the requests since the last call."""
        times_ms, response_bytes = self.times_ms[self.shown :], self.response_bytes
        more_bytes = response_bytes - self.shown_bytes
        self.shown, self.shown_bytes = len(self.times_ms), response_bytes
        return np.frombuffer(times_ms), more_bytes


@dataclass
class RequestStats:
    """Collects requests until :meth:`close` hands over the interval and begins the next.

    ``endpoints`` are those of the open interval by name and type. The hot path looks into it and
    appends to ``times_ms`` itself (``reli.wiring.tap``), NaN for a time that is none. In the
    open model an endpoint's times are response times, and ``services_ms`` holds the service times
    of all endpoints; in the closed model both are the same, and it stays empty.
    """

    endpoints: dict[EndpointKey, OpenEndpoint] = field(default_factory=dict)
    services_ms: array[float] = field(default_factory=lambda: array("d"))
    _failures: dict[FailureKey, int] = field(default_factory=dict)
    _names: Names = field(default_factory=Names)
    _kinds: Failures = field(default_factory=Failures)

    def log_error(self, request_type: str, name: str, error: Any) -> None:
        """Count the failure of a request that was taken in."""
        key = self.fold((name, request_type))
        self.begin_endpoint(key).failures += 1
        self._count_failure(key, error)

    def fold(self, key: EndpointKey) -> EndpointKey:
        """The key under which an endpoint is counted; names past the limit share one."""
        return self._names.fold((str(key[0]), str(key[1])))

    def begin_endpoint(self, key: EndpointKey) -> OpenEndpoint:
        """The interval of an endpoint, begun unless it is."""
        key = self.fold(key)
        endpoint = self.endpoints.get(key)
        if endpoint is None:
            endpoint = self.endpoints[key] = OpenEndpoint()
        return endpoint

    def _count_failure(self, endpoint: EndpointKey, exception: Any) -> None:
        error = type(exception).__name__ if isinstance(exception, BaseException) else "Failure"
        try:
            text = str(exception)[:_LONGEST_TEXT]
        except Exception as broken:  # noqa: BLE001 -- a foreign __str__ may raise anything
            text = f"its text cannot be read: {type(broken).__name__}"
        name, request_type = endpoint
        key = self._kinds.fold((request_type, name, error, text))
        self._failures[key] = self._failures.get(key, 0) + 1

    def close(self) -> RequestInterval:
        """Hand over what was collected since the last call."""
        endpoints = list(self.endpoints.items())
        self.endpoints.clear()  # the same dict: the hot path holds it
        failures, self._failures = self._failures, {}
        services = bucket_counts(np.array(self.services_ms))
        del self.services_ms[:]  # the same array: the hot path holds it
        rows = []
        for (name, request_type), endpoint in endpoints:
            rows.append(
                EndpointInterval(
                    request_type,
                    name,
                    len(endpoint.times_ms),
                    endpoint.failures,
                    endpoint.response_bytes,
                    bucket_counts(np.frombuffer(endpoint.times_ms)),
                )
            )
        failed = [FailureCount(*key, count) for key, count in failures.items()]
        return RequestInterval(rows, failed, services)
