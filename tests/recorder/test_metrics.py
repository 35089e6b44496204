"""What the recorder serves to Prometheus is the run, in Prometheus' own terms."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from reli.exposition import GROUPS, Exposition
from reli.exposition.resources import KINDS
from reli.exposition.snapshot import BOUNDS_S, EVENT_KINDS, Latencies
from reli.recorder.protocol import IntervalRow
from reli.recorder.recording import Recorder
from reli.recorder.settings import Settings
from reli.recorder.told import EventRow, Measured, Standing, Told
from reli.sampling import Reading
from reli.sampling.names import VALUE_COLUMNS
from reli_analysis.errors import RecordError
from reli_analysis.record import Histogram, MetricSpec, RunInfo
from reli_analysis.record.layout import CGROUP, HOST, METRIC, PROCESS, TREE
from support.debian import find_program
from support.recorded import arrivals, buckets, endpoint, run_info, usual

HOSTILE = 'one "quoted" \\ back\nnext\x1b[31m\udcff \N{RIGHT-TO-LEFT OVERRIDE}end'

Values = dict[tuple[str, str], float]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def text_of(port: int, address: str = "127.0.0.1") -> str:
    with urllib.request.urlopen(f"http://{address}:{port}/metrics", timeout=10) as answer:
        text: str = answer.read().decode()
        return text


def values_of(text: str) -> Values:
    """The values by name and label values, the labels in the order of their names."""
    return {
        (sample.name, ",".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


Serve = Callable[..., tuple[Exposition, int]]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves runs, and stops."""
    with contextlib.ExitStack() as stack:

        def start(info: RunInfo | None = None) -> tuple[Exposition, int]:
            port = free_port()
            exposition = Exposition("127.0.0.1", port, lambda: info or run_info())
            stack.callback(exposition.close)
            return exposition, port

        yield start


def told(
    row: IntervalRow,
    measured: Sequence[Measured] = (),
    standings: tuple[Standing, ...] = (),
    events: tuple[EventRow, ...] = (),
    missed: int = 0,
) -> Told:
    everything = Histogram()
    for one in row.endpoints:
        everything.add(one.counts.keys(), one.counts.values())
    return Told(row, everything, {"missed_samples": missed}, measured, standings, events)


def reading(kind: str, name: str, source: str = "name:redis", **values: float) -> Measured:
    return Measured("target", source, Reading(kind, name, values))


EVERYTHING = told(
    usual(
        4,
        open_model=arrivals(arrived=5, dropped=1, waiting=2),
        services=buckets([1.0, 2.0]),
        endpoints=(endpoint("/", [1.5, 3.0], failures=1),),
        metrics={"queue_ratio": 0.25, "sent_total": 7.0},
    ),
    measured=(
        reading(TREE, "redis-server", rss_bytes=1e6, cpu_s=2.5, fds=9),
        reading(PROCESS, "redis-server", rss_bytes=1e6),
        reading(CGROUP, "/app", "cgroup:/app", working_set_bytes=5e5, throttled_s=0.5),
        reading(HOST, "db1", "agent:db1:9646", memory_available_bytes=1e9),
        reading(METRIC, "heap_bytes", "prometheus:http://db1/metrics", value=4096.0),
        reading(METRIC, "unnamed", "prometheus:http://db1/metrics", value=1.0),
    ),
    standings=(
        Standing("p95 < 250ms", 2.0, 250.0, "ms", "holds"),
        Standing("no leak in rss", None, None, "", "unknown"),
    ),
    events=(EventRow(4.2, "restart", "name:redis", "killed"), EventRow(4.3, "own", "", "")),
    missed=3,
)
INFO = run_info(
    metrics=(
        MetricSpec("queue_ratio", "gauge", "use of the queue", "ratio"),
        MetricSpec("sent_total", "counter", "what was sent"),
        MetricSpec("heap_bytes", "gauge", "the heap", "bytes"),
    )
)


def test_a_recorder_serves_its_run(tmp_path: Path) -> None:
    """/metrics on loopback has the totals, what was sampled, and the budgets (J083)."""
    port = free_port()
    info = run_info(interval_s=0.1, targets=("self",), budgets=("error_ratio < 10%",))
    recorder = Recorder(info, Settings(str(tmp_path), metrics_port=port))
    for index in range(3):
        recorder.take(usual(index, endpoints=(endpoint("/", [1.0, 2.0], failures=1),)))
    deadline = time.monotonic() + 20
    while values_of(text_of(port)).get(("reli_requests_total", "")) != 6:
        assert time.monotonic() < deadline
        time.sleep(recorder.wait_s)
        recorder.sample()
        recorder.write()
    values = values_of(text_of(port))
    recorder.end("finished", "")
    assert values["reli_failures_total", ""] == 3
    assert values["reli_budget_standing", "error_ratio < 10%"] == 3
    assert values["reli_budget_observed", "error_ratio < 10%,ratio"] == 0.5
    assert values["reli_events_total", "breach"] == 1
    assert values["reli_run_info", f"recorded,{recorder.directory.name}"] == 1
    recorder_rss = [
        value
        for (name, labels), value in values.items()
        if name == "reli_tree_rss_bytes" and ",recorder," in labels
    ]
    assert len(recorder_rss) == 1
    assert recorder_rss[0] > 10e6


def test_everything_of_an_interval_is_served(serve: Serve) -> None:
    """Each group of metrics, with its labels, in base units."""
    exposition, port = serve(INFO)
    assert values_of(text_of(port)) == {}, "nothing before the first interval"
    exposition.tell(EVERYTHING)
    exposition.tell(EVERYTHING)
    values = values_of(text_of(port))
    host = socket.gethostname()
    expected = {
        ("reli_users", ""): 3,
        ("reli_workers", ""): 1,
        ("reli_expected_workers", ""): 1,
        ("reli_offered_iterations_per_second", ""): 2,
        ("reli_iterations_total", ""): 4,
        ("reli_arrivals_total", ""): 10,
        ("reli_dropped_arrivals_total", ""): 2,
        ("reli_waiting_arrivals", ""): 2,
        ("reli_requests_total", ""): 4,
        ("reli_failures_total", ""): 2,
        ("reli_elapsed_seconds", ""): 5,
        ("reli_interval_seconds", ""): 1,
        ("reli_missed_samples_total", ""): 6,
        ("reli_run_info", "recorded,recorded"): 1,
        ("reli_restarts_total", "name:redis"): 2,
        ("reli_restarts_total", "cgroup:/app"): 0,
        ("reli_events_total", "restart"): 2,
        ("reli_events_total", "own"): 2,
        ("reli_events_total", "gap"): 0,
        ("reli_tree_rss_bytes", f"{host},redis-server,target,name:redis"): 1e6,
        ("reli_tree_cpu_seconds_total", f"{host},redis-server,target,name:redis"): 2.5,
        ("reli_cgroup_working_set_bytes", f"{host},/app,target,cgroup:/app"): 5e5,
        ("reli_cgroup_throttled_seconds_total", f"{host},/app,target,cgroup:/app"): 0.5,
        ("reli_host_memory_available_bytes", f"{host},db1,target,agent:db1:9646"): 1e9,
        ("reli_metric_value", "heap_bytes,prometheus:http://db1/metrics"): 4096,
        ("reli_service_queue_ratio", ""): 0.25,
        ("reli_service_sent_total", ""): 7,
        ("reli_budget_observed", "p95 < 250ms,ms"): 2,
        ("reli_budget_limit", "p95 < 250ms,ms"): 250,
        ("reli_budget_standing", "p95 < 250ms"): 1,
        ("reli_budget_standing", "no leak in rss"): 0,
        ("reli_response_time_seconds_bucket", "0.001"): 0,
        ("reli_response_time_seconds_bucket", "0.0025"): 2,
        ("reli_response_time_seconds_bucket", "0.005"): 4,
        ("reli_response_time_seconds_bucket", "+Inf"): 4,
        ("reli_response_time_seconds_count", ""): 4,
    }
    assert {key: values.get(key) for key in expected} == expected
    assert values["reli_response_seconds", "0.5"] == pytest.approx(1.5e-3, rel=1e-3)
    assert values["reli_response_seconds", "1"] == pytest.approx(3e-3, rel=1e-3)
    assert values["reli_service_time_seconds", "1"] == pytest.approx(2e-3, rel=1e-3)
    assert values["reli_response_time_seconds_sum", ""] == pytest.approx(9e-3, rel=1e-3)
    left_out = ("reli_process", "reli_budget_observed,no leak", "reli_metric_value,unnamed,")
    assert not [key for key in values if ",".join(key).startswith(left_out)]


def test_what_does_not_apply_is_not_served(serve: Serve) -> None:
    """Without load there is no load, without an open model no arrival, without requests no time."""
    exposition, port = serve()
    exposition.tell(told(usual(0)))
    closed = {name for name, _labels in values_of(text_of(port))}
    assert "reli_requests_total" in closed
    assert not closed & {"reli_arrivals_total", "reli_response_seconds", "reli_budget_standing"}
    exposition, port = serve(run_info(load=False))
    exposition.tell(told(usual(0), EVERYTHING.measured))
    sampled = {name for name, _labels in values_of(text_of(port))}
    assert "reli_tree_rss_bytes" in sampled
    assert not sampled & {"reli_requests_total", "reli_users", "reli_response_time_seconds_count"}


def test_hostile_texts_stay_labels(serve: Serve) -> None:
    """Names of processes, targets and budgets are escaped, cleaned, and never seen twice."""
    exposition, port = serve(run_info(profile_name=HOSTILE))
    measured = (
        reading(TREE, HOSTILE, HOSTILE, rss_bytes=1.0),
        reading(TREE, f"{HOSTILE}\x1b", HOSTILE, rss_bytes=2.0),
    )
    standing = Standing(f'p95 of "{HOSTILE}" < 1s', 1.0, 1.0, "ms", "holds")
    exposition.tell(told(usual(0), measured, (standing,)))
    text = text_of(port)
    clean = 'one "quoted" \\ back next   end'
    assert text.count("\nreli_tree_rss_bytes{") == 1
    (rss,) = [key for key in values_of(text) if key[0] == "reli_tree_rss_bytes"]
    assert rss[1] == f"{socket.gethostname()},{clean},target,{clean}"
    assert ("reli_budget_standing", f'p95 of "{clean}" < 1s') in values_of(text)
    assert promtool(text) == ""


def promtool(text: str) -> str:
    """What promtool has to say about a page."""
    command = [find_program("promtool", "prometheus"), "check", "metrics"]
    ended = subprocess.run(
        command, input=text, capture_output=True, text=True, check=False, timeout=60
    )
    return ended.stdout + ended.stderr


def test_promtool_finds_nothing_to_complain_of(serve: Serve) -> None:
    """Names, types, help texts and labels are as Prometheus wants them."""
    exposition, port = serve(INFO)
    every = dict.fromkeys(VALUE_COLUMNS, 1.0)
    resources = [reading(kind, kind, kind, **every) for kind in KINDS]
    exposition.tell(replace(EVERYTHING, measured=[*EVERYTHING.measured, *resources]))
    text = text_of(port)
    assert all(f"# HELP {metric.name} " in text for group in GROUPS for metric in group.metrics)
    assert promtool(text) == ""
    assert "no help text" in promtool("x 1\n"), "it looks at what it is given"


def test_kinds_of_events_are_few(serve: Serve) -> None:
    """However many kinds a load invents, the time series stay bounded; so do sources."""
    exposition, port = serve()
    for at in range(300):
        happened = (EventRow(0, f"kind {at}", "", ""), EventRow(0, "restart", f"pid:{at}", ""))
        exposition.tell(told(usual(at), events=happened))
    values = values_of(text_of(port))
    kinds = {key: value for key, value in values.items() if key[0] == "reli_events_total"}
    assert len(kinds) <= 51
    assert sum(kinds.values()) == 600
    assert values["reli_events_total", "other"] > 200
    assert len([key for key in values if key[0] == "reli_restarts_total"]) <= 200
    assert set(EVENT_KINDS) <= {kind for _name, kind in kinds}


@given(st.lists(st.lists(st.integers(1, 100_000_000_000), max_size=30), max_size=5))
def test_the_histogram_counts_every_request_once(intervals_ns: list[list[int]]) -> None:
    """A bound holds what lies below it; only what is within 0.1 % of it may be on either side."""
    latencies = Latencies()
    for values_ns in intervals_ns:
        latencies = latencies.plus(buckets(value / 1e6 for value in values_ns))
    everything = [value / 1e9 for values_ns in intervals_ns for value in values_ns]
    cumulative = latencies.cumulative()
    assert cumulative[-1] == len(everything)
    assert latencies.sum_s == pytest.approx(sum(everything), rel=1e-3)
    for bound, count in zip(BOUNDS_S, cumulative, strict=False):
        assert sum(v <= bound * 0.999 for v in everything) <= count
        assert count <= sum(v <= bound * 1.001 for v in everything)


@pytest.mark.parametrize("bound_s", BOUNDS_S)
def test_a_bound_holds_what_took_just_as_long(bound_s: float) -> None:
    """``le`` means less or equal."""
    cumulative = Latencies().plus(buckets([bound_s * 1000])).cumulative()
    at = BOUNDS_S.index(bound_s)
    assert cumulative == [0] * at + [1] * (len(cumulative) - at)


def test_it_listens_where_it_is_told_to() -> None:
    """--metrics-host is an address of this host; another one, or a name without one, is told."""
    port = free_port()
    exposition = Exposition("127.0.0.2", port, run_info)
    try:
        exposition.tell(told(usual(0)))
        assert "reli_users" in text_of(port, "127.0.0.2")
        with pytest.raises(OSError, match="refused"):
            text_of(port)
    finally:
        exposition.close()
    for nowhere in ("192.0.2.1", "no such host"):
        with pytest.raises(RecordError, match="--metrics-host"):
            Exposition(nowhere, port, run_info)
