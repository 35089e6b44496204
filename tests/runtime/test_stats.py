"""Requests become exact histograms, and merging them loses nothing."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from reli.counts import bucket_counts
from reli.folding import MAX_NAMES, MAX_TEXTS
from reli.health import Health
from reli.intervals import Merger, Part, merge_endpoints, merge_failures, merge_metrics
from reli.stats import RequestStats
from reli_analysis.record import Histogram, MetricSpec
from reli_analysis.record.layout import OTHER

times_ms = st.floats(0, 3_600_000, allow_nan=False)


def _take(requests: RequestStats, request_type: str, name: str, time: float, size: int) -> None:
    """One request, as the tap takes it in."""
    key = name, request_type
    endpoint = requests.endpoints.get(key) or requests.begin_endpoint(key)
    endpoint.times_ms.append(time)
    endpoint.response_bytes += size


@given(st.lists(times_ms, max_size=50))
def test_folding_equals_recording_one_by_one(times: list[float]) -> None:
    """The vectorised fold and the plain histogram agree on every bucket."""
    plain = Histogram()
    for time in times:
        plain.record(round(time * 1e6))
    indexes, counts = bucket_counts(np.array(times))
    assert dict(zip(indexes.tolist(), counts.tolist(), strict=True)) == plain.counts


def test_a_time_that_is_no_number_counts_the_request_without_a_latency() -> None:
    """A client that reports no time still made a request."""
    requests = RequestStats()
    for time in (1.0, float("nan"), float("inf"), -3.0):
        _take(requests, "GET", "/", time, 5)
    (endpoint,) = requests.close().endpoints
    assert endpoint.requests == 4
    assert int(endpoint.counts[1].sum()) == 2


def test_failures_are_counted_by_class_with_a_bounded_number_of_texts() -> None:
    """A service that makes up a new error text each time cannot fill the memory."""
    requests = RequestStats()
    total = 3 * MAX_TEXTS
    for number in range(total):
        _take(requests, "GET", "/", 1.0, 0)
        requests.log_error("GET", "/", ValueError(f"no {number}"))
    interval = requests.close()
    (endpoint,), failures = interval.endpoints, interval.failures
    assert endpoint.failures == total
    assert sum(failure.count for failure in failures) == total
    assert len(failures) == MAX_TEXTS + 1
    assert {failure.error for failure in failures} == {"ValueError"}


def test_an_error_whose_text_cannot_be_read_is_still_counted() -> None:
    """A broken __str__ in the service's exception does not break the measurement."""

    class BrokenError(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    requests = RequestStats()
    _take(requests, "GET", "/", 1.0, 0)
    requests.log_error("GET", "/", BrokenError())
    (failure,) = requests.close().failures
    assert (failure.error, failure.count) == ("BrokenError", 1)


def test_names_are_bounded() -> None:
    """Names past the limit fold into one, and no request is lost."""
    requests = RequestStats()
    for number in range(MAX_NAMES + 50):
        _take(requests, "GET", f"/item/{number}", 1.0, 0)
    endpoints = requests.close().endpoints
    assert sum(endpoint.requests for endpoint in endpoints) == MAX_NAMES + 50
    assert len(endpoints) == MAX_NAMES + 1
    assert [e.requests for e in endpoints if e.name == OTHER] == [50]


def _part(index: int, times: list[float], failing: int = 0) -> Part:
    requests = RequestStats()
    for at, time in enumerate(times):
        _take(requests, "GET", "/", time, 1)
        if at < failing:
            requests.log_error("GET", "/", OSError("down"))
    interval = requests.close()
    endpoints, failures = interval.endpoints, interval.failures
    return Part(index, 1, len(times), Health(), endpoints, failures)


@given(st.lists(st.lists(times_ms, min_size=1, max_size=20), min_size=1, max_size=5))
def test_merging_workers_equals_one_process(workers: list[list[float]]) -> None:
    """What several workers measured adds up to what one process would have, over the wire too."""
    parts = [Part.from_wire(_part(0, times, failing=1).to_wire()) for times in workers]
    (merged,) = merge_endpoints(parts)
    (alone,) = _part(0, [time for times in workers for time in times]).endpoints
    assert np.array_equal(merged.counts[0], alone.counts[0])
    assert np.array_equal(merged.counts[1], alone.counts[1])
    assert (merged.requests, merged.response_bytes) == (alone.requests, alone.response_bytes)
    (failure,) = merge_failures(parts)
    assert failure.count == merged.failures == len(workers)


@given(st.permutations([(w, i) for w in "abc" for i in range(6)]), st.integers(0, 10))
def test_no_part_is_lost_whatever_the_order(order: list[tuple[str, int]], grace: int) -> None:
    """Every part ends up in exactly one interval, also when it comes late."""
    merger = Merger(grace=grace)
    closed = []
    for now, (worker, index) in enumerate(order):
        merger.add(worker, Part(index, 1, 1, Health()))
        closed += merger.closed({"a", "b", "c"}, now)
    closed += merger.closed(set(), 6, everything=True)
    indexes = [index for index, _parts in closed]
    assert indexes == sorted(set(indexes)), "intervals come once each and in order"
    assert sum(len(parts) for _, by in closed for parts in by.values()) == len(order)


def test_an_interval_waits_for_its_workers_but_not_for_ever() -> None:
    """A missing report delays an interval by the grace, no longer."""
    merger = Merger(grace=3)
    merger.add("a", Part(0, 1, 1, Health()))
    assert merger.closed({"a", "b"}, 1) == []
    assert [index for index, _ in merger.closed({"a", "b"}, 4)] == [0]
    merger.add("b", Part(0, 1, 7, Health()))
    assert merger.late == 1
    ((index, by_process),) = merger.closed(set(), 5, everything=True)
    assert (index, by_process["b"][0].iterations) == (1, 7)


def test_metrics_of_several_processes_become_one_number_each() -> None:
    """Counters add up, the worst gauge counts, a ratio is that of the sums."""
    specs = [
        MetricSpec("lost", "counter", ""),
        MetricSpec("created", "counter", ""),
        MetricSpec("queue_ratio", "gauge", ""),
        MetricSpec("drop_ratio", "ratio", "", "ratio", "lost", "created"),
    ]
    merged = merge_metrics(
        specs,
        [{"lost": 1, "created": 10, "queue_ratio": 0.2}, {"lost": 3, "created": 30}, {}],
    )
    assert merged == {"lost": 4, "created": 40, "queue_ratio": 0.2, "drop_ratio": 0.1}
    assert merge_metrics(specs, [{"lost": 1}]) == {"lost": 1}, "no ratio of nothing"
