"""Names and error texts past a limit share one, nothing is lost, and the pattern is told."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reli.counts import EMPTY_COUNTS
from reli.folding import (
    MAX_NAMES,
    MAX_TEXTS,
    OTHER_ENDPOINT,
    OTHER_FAILURE,
    Failures,
    Names,
)
from reli.health import Health
from reli.intervals import Part
from reli.stats import EndpointInterval, FailureCount
from reli.union import Union
from reli_analysis.record.layout import OTHER

few = st.integers(0, 30).map(str)


def _part(endpoints: list[EndpointInterval], failures: list[FailureCount] | None = None) -> Part:
    return Part(0, 1, 0, Health(), endpoints, failures or [])


def _endpoint(name: str, requests: int = 1, failures: int = 0) -> EndpointInterval:
    return EndpointInterval("GET", name, requests, failures, 0, EMPTY_COUNTS)


class Told(list[tuple[str, str, str]]):
    """The events that a union writes."""

    def __call__(self, kind: str, subject: str, message: str) -> None:
        self.append((kind, subject, message))


@given(st.lists(st.tuples(few, few), max_size=300), st.integers(1, 20))
def test_the_first_names_stay_and_the_rest_share_one(
    keys: list[tuple[str, str]], limit: int
) -> None:
    """Who is told apart stays so, whatever comes later."""
    names = Names(limit)
    first = list(dict.fromkeys(keys))[:limit]
    for key in keys:
        assert names.fold(key) == (key if key in first else OTHER_ENDPOINT)
    assert len(names) == len(first)


@given(st.lists(st.tuples(few, few, few, few), max_size=300), st.integers(1, 20))
def test_a_failure_past_the_limit_keeps_all_but_its_text(
    keys: list[tuple[str, str, str, str]], limit: int
) -> None:
    """Endpoint and class of error stay as long as those are few."""
    failures = Failures(limit)
    first = list(dict.fromkeys(keys))[:limit]
    for key in keys:
        assert failures.fold(key) == (key if key in first else (*key[:3], OTHER))
    assert len(failures) == len(first)


def test_failures_are_bounded_whatever_varies() -> None:
    """Also classes of errors that are made up without end."""
    failures = Failures()
    folded = {failures.fold(("GET", "/", f"Error{n}", f"no {n}")) for n in range(5000)}
    assert len(folded) == MAX_TEXTS + MAX_NAMES + 1
    assert OTHER_FAILURE in folded


def test_many_processes_together_stay_within_the_limits() -> None:
    """Each process may name a thousand; all together may not, and every request stays counted."""
    told = Told()
    union = Union(told)
    requests, folded, failed, texts, seen = 0, 0, 0, 0, set()
    for process in range(8):
        endpoints = [_endpoint(f"/users/{process}_{n}/orders", 3, 1) for n in range(400)]
        failures = [FailureCount("GET", e.name, "Slow", "took 1 s", 1) for e in endpoints]
        part = union.fold(_part([*endpoints, _endpoint("/", 5)], failures))
        requests += sum(endpoint.requests for endpoint in part.endpoints)
        failed += sum(failure.count for failure in part.failures)
        seen |= {(endpoint.name, endpoint.request_type) for endpoint in part.endpoints}
        folded += sum(e.requests for e in part.endpoints if e.name == OTHER)
        texts += sum(f.count for f in part.failures if f.text == OTHER)
        assert {f.name for f in part.failures} <= {e.name for e in part.endpoints}
    assert (requests, failed) == (8 * (400 * 3 + 5), 8 * 400)
    assert len(seen) == MAX_NAMES + 1
    assert folded == (8 * 400 - (MAX_NAMES - 1)) * 3
    assert texts == 8 * 400 - MAX_TEXTS


def test_the_pattern_that_exploded_is_told_now_and_then() -> None:
    """At the first folded request, and then each time that there are ten times as many."""
    told = Told()
    union = Union(told)
    for second in range(300):
        names = [_endpoint(f"/users/{second}-{n}/orders") for n in range(13)]
        union.fold(_part([*names, _endpoint("/"), _endpoint("/health")]))
    assert [kind for kind, _subject, _message in told] == ["names"] * 4
    assert {subject for _kind, subject, _message in told} == {"GET /users/*-*/orders"}
    counts = [message.split(" ")[0] for _kind, _subject, message in told]
    assert counts == ["3", "16", "107", "1,004"]
    common = "998 of the first 1,000 names are of the pattern GET /users/*-*/orders"
    assert all(message.partition(": ")[2] == common for _kind, _subject, message in told)


def test_what_a_process_folded_itself_is_told_too() -> None:
    """One process reaches the limit before the union does; its count is the union's."""
    told = Told()
    union = Union(told)
    other = EndpointInterval("", OTHER, 40, 0, 0, EMPTY_COUNTS)
    failures = [
        FailureCount("GET", "/pay", "Slow", f"timeout after 0.{n} s", 1) for n in range(500)
    ]
    failures += [FailureCount("GET", "/pay", "Slow", OTHER, 7)]
    part = union.fold(_part([_endpoint("/pay"), other], failures))
    assert [(e.name, e.requests) for e in part.endpoints] == [("/pay", 1), (OTHER, 40)]
    assert part.failures == failures
    names, errors = told
    assert names[2] == (
        "40 requests so far are counted under (other): the first 1 names have no pattern in common"
    )
    assert errors[:2] == ("errors", "GET /pay: Slow: timeout after * s")
    assert errors[2].startswith("7 failures so far are counted without their text: 500 of the")
