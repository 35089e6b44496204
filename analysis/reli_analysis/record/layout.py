"""What a run record is made of: its files, their columns, their units.

History of the format, newest first. A reader accepts its own version and older ones.

    1   2026-11-21   the first: run.json, results.csv, requests.csv, latency.hlog, resources.csv,
                     events.csv, failures.csv

Columns carry their unit in the name. A missing measurement is an empty field, never 0.
"""

from __future__ import annotations

from dataclasses import dataclass

FORMAT_VERSION = 1

RUN_JSON = "run.json"
RESULTS_CSV = "results.csv"
REQUESTS_CSV = "requests.csv"
LATENCY_HLOG = "latency.hlog"
RESOURCES_CSV = "resources.csv"
EVENTS_CSV = "events.csv"
FAILURES_CSV = "failures.csv"
VERDICT_JSON = "verdict.json"
REPORT_HTML = "report.html"
JUNIT_XML = "junit.xml"

WINDOWS = ("warm-up", "steady", "fault", "recovery", "cool-down")
"""The parts of a run; every interval lies in one."""

DRAIN = "drain"
"""The stage after the plan's end, in which users finish what was due and services flush."""

ARRIVAL = "ARRIVAL"
"""Type of request of arrivals that no user carried to an end, and nobody answered."""

STATES = ("running", "finished", "interrupted", "lost")

OTHER = "(other)"
"""Stands for the endpoints past the limit of names, and for the texts past that of texts."""

NAMES_EVENT = "names"
ERRORS_EVENT = "errors"
"""Kinds of events that say, after the message's first colon, what was folded has in common."""


@dataclass(frozen=True)
class Column:
    """One column of a CSV file: its name, the unit of its values, what they mean."""

    name: str
    unit: str
    meaning: str


_TIME = (
    Column("elapsed_s", "s", "seconds from the start of the run to the start of the interval"),
    Column("wall_s", "s", "the same moment as seconds since 1970-01-01 UTC"),
    Column("interval_s", "s", "length of the interval"),
)

_SERVICE = (
    Column("service_p50_ms", "ms", "median service time: from sending to answer"),
    Column("service_p95_ms", "ms", "95th percentile of service time"),
    Column("service_p99_ms", "ms", "99th percentile of service time"),
    Column("service_max_ms", "ms", "longest service time"),
)

_RESPONSE = (
    Column("mean_ms", "ms", "mean response time: from the intended start to the answer"),
    Column("p50_ms", "ms", "median response time"),
    Column("p90_ms", "ms", "90th percentile of response time"),
    Column("p95_ms", "ms", "95th percentile of response time"),
    Column("p99_ms", "ms", "99th percentile of response time"),
    Column("p999_ms", "ms", "99.9th percentile of response time"),
    Column("max_ms", "ms", "longest response time"),
)

_START = (
    Column("start_delay_p50_ms", "ms", "median start delay: from an arrival to its iteration"),
    Column("start_delay_p99_ms", "ms", "99th percentile of the start delay"),
    Column("start_delay_max_ms", "ms", "longest start delay"),
    Column(
        "idle_start_delay_p99_ms",
        "ms",
        "the same for arrivals that found a user idle: how late the generator itself was",
    ),
)

RESPONSE_QUANTILES = {
    "p50_ms": 0.5,
    "p90_ms": 0.9,
    "p95_ms": 0.95,
    "p99_ms": 0.99,
    "p999_ms": 0.999,
    "max_ms": 1.0,
}
SERVICE_QUANTILES = {
    "service_p50_ms": 0.5,
    "service_p95_ms": 0.95,
    "service_p99_ms": 0.99,
    "service_max_ms": 1.0,
}

START_DELAY_QUANTILES = {
    "start_delay_p50_ms": 0.5,
    "start_delay_p99_ms": 0.99,
    "start_delay_max_ms": 1.0,
}
IDLE_START_DELAY_QUANTILES = {"idle_start_delay_p99_ms": 0.99}

RESULTS_COLUMNS = (
    *_TIME,
    Column("stage", "", "the profile's stage in force"),
    Column("window", "", "warm-up, steady, fault, recovery or cool-down"),
    Column("users", "count", "users running at the end of the interval, over all workers"),
    Column("workers", "count", "load processes that reported for the interval"),
    Column(
        "offered_per_s",
        "1/s",
        "iterations a second that the profile asked for; empty for a load in users",
    ),
    Column(
        "iterations_per_s",
        "1/s",
        "iterations a second that users finished; empty for a load in users",
    ),
    Column("arrivals", "count", "arrivals that became due; empty in the closed model"),
    Column("dropped", "count", "arrivals given up because no user was free in time"),
    Column("waiting", "count", "arrivals that wait for a free user at the end of the interval"),
    Column("busy_users", "count", "users within an iteration, the mean over the interval"),
    *_START,
    Column("completed_per_s", "1/s", "requests a second that were answered, failures included"),
    Column("requests", "count", "requests answered, failures included, and arrivals dropped"),
    Column("failures", "count", "requests that failed"),
    Column("error_ratio", "ratio", "failures divided by requests; empty without requests"),
    *_RESPONSE,
    *_SERVICE,
    Column("rss_bytes", "bytes", "resident memory of the target, summed over its processes"),
    Column("uss_bytes", "bytes", "memory that only the target holds; read rarely, else empty"),
    Column("fds", "count", "open descriptors of the target"),
    Column("threads", "count", "threads of the target"),
    Column("cpu_cores", "cores", "cores that the target kept busy; 1 is one whole core"),
    Column("generator_cpu_cores", "cores", "cores that the busiest load process kept busy"),
    Column("loop_lag_ms", "ms", "longest that the event loop of a load process was kept waiting"),
    Column("generator_fds_ratio", "ratio", "descriptors of the fullest load process, by its limit"),
    Column("sockets_ratio", "ratio", "TCP sockets of the fullest host, by its ephemeral ports"),
    Column("missed_samples", "count", "samples that the sampler missed before this one"),
)
"""``results.csv``; the columns of ``run.json``'s ``metrics`` follow these."""

REQUESTS_COLUMNS = (
    *_TIME,
    Column("window", "", "warm-up, steady, fault, recovery or cool-down"),
    Column("type", "", "kind of request, as given to Locust's request event"),
    Column("name", "", "the endpoint's name"),
    Column("requests", "count", "requests answered, failures included"),
    Column("failures", "count", "requests that failed"),
    Column("response_bytes", "bytes", "sum of the lengths of the answers"),
    *_RESPONSE,
)
"""``requests.csv``: a row an endpoint and (at most) ten seconds."""

RESOURCES_COLUMNS = (
    Column("elapsed_s", "s", "seconds from the start of the run to the sample"),
    Column("wall_s", "s", "the same moment as seconds since 1970-01-01 UTC"),
    Column("role", "", "target, generator or recorder; a process can have two rows"),
    Column("source", "", "the sampling source that read it, as the profile names it"),
    Column("host", "", "name of the host on which the process runs"),
    Column("pid", "", "process id"),
    Column("started_s", "s", "start of the process, seconds since 1970-01-01 UTC"),
    Column("process", "", "name of the process"),
    Column("rss_bytes", "bytes", "resident memory"),
    Column("uss_bytes", "bytes", "memory that only this process holds; read rarely, else empty"),
    Column("fds", "count", "open descriptors"),
    Column("threads", "count", "threads"),
    Column("cpu_cores", "cores", "cores kept busy since the sample before"),
    Column("cpu_s", "s", "CPU seconds used since the process began"),
)

EVENTS_COLUMNS = (
    Column("elapsed_s", "s", "seconds from the start of the run"),
    Column("wall_s", "s", "the same moment as seconds since 1970-01-01 UTC"),
    Column("kind", "", "stage, worker, gap, late, breach, recorder, ..."),
    Column("subject", "", "what it speaks of"),
    Column("message", "", "one sentence"),
)

FAILURES_COLUMNS = (
    Column("elapsed_s", "s", "start of the interval (at most ten seconds) in which they happened"),
    Column("type", "", "kind of request"),
    Column("name", "", "the endpoint's name"),
    Column("error", "", "class of the error"),
    Column("text", "", "its text, shortened; (other) once too many distinct texts were seen"),
    Column("count", "count", "how many in the interval"),
)

CSV_FILES: dict[str, tuple[Column, ...]] = {
    RESULTS_CSV: RESULTS_COLUMNS,
    REQUESTS_CSV: REQUESTS_COLUMNS,
    RESOURCES_CSV: RESOURCES_COLUMNS,
    EVENTS_CSV: EVENTS_COLUMNS,
    FAILURES_CSV: FAILURES_COLUMNS,
}

_UNIT_SUFFIXES = (
    ("_bytes", "bytes"),
    ("_per_s", "1/s"),
    ("_ratio", "ratio"),
    ("_cores", "cores"),
    ("_ms", "ms"),
    ("_s", "s"),
)


def unit_of(column: str) -> str:
    """The unit that a column's name states; ``"count"`` when it states none."""
    for suffix, unit in _UNIT_SUFFIXES:
        if column.endswith(suffix):
            return unit
    return "count"
