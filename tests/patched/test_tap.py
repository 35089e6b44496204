"""The tap hears what Locust counts, and leaves Locust's own numbers as they are."""

from __future__ import annotations

import json
import time
from typing import Any

import locust.stats
import pytest
from hypothesis import given
from hypothesis import strategies as st
from locust.env import Environment

from reli.folding import MAX_NAMES, OTHER_ENDPOINT
from reli.stats import RequestStats
from reli.wiring.bounds import MAX_ERRORS
from reli.wiring.tap import Tap
from reli_analysis.record.layout import ARRIVAL


def _fire(
    environment: Environment,
    time_ms: Any,
    size: int,
    name: str = "/",
    error: Exception | None = None,
) -> None:
    environment.events.request.fire(
        request_type="GET",
        name=name,
        response_time=time_ms,
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
    tap.show(time.time())
    environment.stats.clear_all()
    _fire(environment, 2.5, 10)
    _fire(environment, None, 0, error=OSError("down"))
    tap.show(time.time())
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


def test_a_time_that_is_no_number_counts_the_request_without_a_latency() -> None:
    """A user that reports None or a text is counted all the same, by Locust as by the record."""
    environment = Environment()
    environment.create_local_runner()
    stats = RequestStats()
    tap = Tap(environment.stats, stats)
    for time_ms in (1.0, None, "x", 3.0):
        _fire(environment, time_ms, 0)
    tap.show(time.time())
    total = environment.stats.total
    assert (total.num_requests, total.num_none_requests) == (4, 2)
    (endpoint,) = stats.close().endpoints
    assert (endpoint.requests, int(endpoint.counts[1].sum())) == (4, 2)
    tap.detach()


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
    tap.show(time.time())
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
    tap.show(time.time())
    assert ("(timeouterror)", ARRIVAL) in environment.stats.entries
    assert ("(timeouterror)", ARRIVAL) in {
        (e.name, e.request_type) for e in stats.close().endpoints
    }
    tap.detach()


NOW_S = 1_700_000_000.25

requests = st.lists(
    st.tuples(
        st.sampled_from(["/", "/a"]),
        st.one_of(st.none(), st.floats(0, 20_000), st.sampled_from([0, 100, 105, 1000, 10_000])),
        st.integers(0, 5000),
    ),
    max_size=40,
)


@given(st.lists(requests, min_size=1, max_size=4))
def test_locust_shows_the_same_as_if_it_had_counted_each(seconds: list[Any]) -> None:
    """Counting a second's requests at once leaves Locust with what one by one would have."""
    alone, tapped = Environment(), Environment()
    for environment in (alone, tapped):
        environment.create_local_runner()
    tap = Tap(tapped.stats, RequestStats())
    with pytest.MonkeyPatch.context() as patch:
        for at, fired in enumerate(seconds):
            patch.setattr("locust.stats.time.time", lambda at=at: NOW_S + at)
            for name, time_ms, size in fired:
                _fire(alone, time_ms, size, name)
                _fire(tapped, time_ms, size, name)
            tap.show(NOW_S + at)
    assert tapped.stats.entries.keys() == alone.stats.entries.keys()
    for ours, locusts in [
        (tapped.stats.total, alone.stats.total),
        *((tapped.stats.entries[key], entry) for key, entry in alone.stats.entries.items()),
    ]:
        shown: dict[str, Any] = {**ours.serialize()}
        expected: dict[str, Any] = {**locusts.serialize()}
        for told in (shown, expected):
            del told["start_time"]
        assert shown.pop("total_response_time") == pytest.approx(
            expected.pop("total_response_time")
        )
        assert json.loads(json.dumps(shown)) == json.loads(json.dumps(expected))
        assert (
            list(ours.response_times_cache or ())[1:]
            == list(locusts.response_times_cache or ())[1:]
        )
    tap.detach()


def test_a_bucketing_of_the_users_own_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Locust lets its rounding be replaced; what it shows follows."""
    monkeypatch.setattr(locust.stats, "bucket_response_time", lambda time_ms: round(time_ms, 1))
    environment = Environment()
    environment.create_local_runner()
    tap = Tap(environment.stats, RequestStats())
    _fire(environment, 147.26, 0)
    tap.show(time.time())
    assert environment.stats.total.response_times == {147.3: 1}
    tap.detach()
