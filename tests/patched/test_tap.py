"""The tap hears what Locust counts, and leaves Locust's own numbers as they are."""

from __future__ import annotations

from typing import Any

from locust.env import Environment

from reli.stats import RequestStats
from reli.wiring.tap import Tap


def _fire(environment: Environment, time: Any, size: int, error: Exception | None = None) -> None:
    environment.events.request.fire(
        request_type="GET",
        name="/",
        response_time=time,
        response_length=size,
        response=None,
        context={},
        exception=error,
    )


def test_both_count_every_request() -> None:
    """Requests, failures and bytes agree with Locust's, also after Locust clears its own."""
    environment = Environment()
    environment.create_local_runner()
    stats = RequestStats()
    tap = Tap(environment.stats, stats)
    _fire(environment, 1.5, 0)
    environment.stats.clear_all()
    _fire(environment, 2.5, 10)
    _fire(environment, None, 0, OSError("down"))
    assert (environment.stats.total.num_requests, environment.stats.total.num_failures) == (2, 1)
    interval = stats.close()
    (endpoint,), (failure,) = interval.endpoints, interval.failures
    assert (endpoint.requests, endpoint.failures, endpoint.response_bytes) == (3, 1, 10)
    assert int(endpoint.counts[1].sum()) == 2, "one reported no time"
    assert (failure.error, failure.text) == ("OSError", "down")
    tap.detach()
    _fire(environment, 3.5, 0)
    assert environment.stats.total.num_requests == 3
    interval = stats.close()
    assert (interval.endpoints, interval.failures) == ([], [])
