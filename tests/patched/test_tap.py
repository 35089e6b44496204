"""The tap hears what Locust counts, and leaves Locust's own numbers as they are."""

from __future__ import annotations

from typing import Any

from locust.env import Environment

from reli.folding import MAX_NAMES, OTHER_ENDPOINT
from reli.stats import RequestStats
from reli.wiring.bounds import MAX_ERRORS
from reli.wiring.tap import Tap
from reli_analysis.record.layout import ARRIVAL


def _fire(
    environment: Environment,
    time: Any,
    size: int,
    name: str = "/",
    error: Exception | None = None,
) -> None:
    environment.events.request.fire(
        request_type="GET",
        name=name,
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
    _fire(environment, None, 0, error=OSError("down"))
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


def test_names_past_the_limit_share_an_entry_of_locusts_too() -> None:
    """What our record folds, Locust's tables fold alike, failures included; none is lost."""
    environment = Environment()
    environment.create_local_runner()
    stats = RequestStats()
    tap = Tap(environment.stats, stats)
    requests = MAX_NAMES + 70
    for _ in range(2):
        for number in range(requests):
            _fire(environment, 1.0, 0, f"/{number}", OSError(f"no {number}"))
    entries = environment.stats.entries
    assert len(entries) == MAX_NAMES + 1
    assert entries[OTHER_ENDPOINT].num_requests == entries[OTHER_ENDPOINT].num_failures == 140
    assert sum(entry.num_requests for entry in entries.values()) == 2 * requests
    assert sum(e.occurrences for e in environment.stats.errors.values()) == 2 * requests
    assert len(environment.stats.errors) == MAX_ERRORS + (MAX_NAMES - MAX_ERRORS) + 1
    closed = stats.close()
    (other,) = [e for e in closed.endpoints if (e.name, e.request_type) == OTHER_ENDPOINT]
    assert (other.requests, other.failures) == (140, 140)
    assert sum(failure.count for failure in closed.failures) == 2 * requests
    tap.detach()


def test_arrivals_that_were_lost_keep_their_name() -> None:
    """What the open model gives up stands under its own name, however many others there are."""
    environment = Environment()
    environment.create_local_runner()
    stats = RequestStats()
    tap = Tap(environment.stats, stats)
    for number in range(MAX_NAMES + 1):
        _fire(environment, 1.0, 0, f"/{number}")
    tap.log_lost(TimeoutError("waited too long"), 5000.0)
    assert ("(timeouterror)", ARRIVAL) in environment.stats.entries
    assert ("(timeouterror)", ARRIVAL) in {
        (e.name, e.request_type) for e in stats.close().endpoints
    }
    tap.detach()
