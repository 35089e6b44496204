"""What a run record is made of: its files, their columns, their units.

History of the format, newest first. A reader accepts its own version and older ones.

    2   2026-11-21   resources.csv tells whole targets (kind, segment) and cgroups and hosts, with
                     many more columns; metrics.csv (what targets publish themselves) and
                     budgets.csv (budgets as they stood) are new
    1   2026-11-21   the first: run.json, results.csv, requests.csv, latency.hlog, resources.csv,
                     events.csv, failures.csv

Columns carry their unit in the name. A missing measurement is an empty field, never 0.
"""

from __future__ import annotations

from dataclasses import dataclass

FORMAT_VERSION = 2

RUN_JSON = "run.json"
RESULTS_CSV = "results.csv"
REQUESTS_CSV = "requests.csv"
LATENCY_HLOG = "latency.hlog"
RESOURCES_CSV = "resources.csv"
EVENTS_CSV = "events.csv"
FAILURES_CSV = "failures.csv"
METRICS_CSV = "metrics.csv"
BUDGETS_CSV = "budgets.csv"
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


PROCESS = "process"
TREE = "tree"
CGROUP = "cgroup"
HOST = "host"
METRIC = "metric"
KINDS = (PROCESS, TREE, CGROUP, HOST, METRIC)
"""What one reading is of: a process, a target's processes as a sum, a cgroup, a host, a number."""

STANDINGS = ("unknown", "holds", "warns", "broken")
"""How a budget stands while the run goes on; only the analysis gives a verdict."""


@dataclass(frozen=True)
class Column:
    """One column of a CSV file: its name, the unit of its values, what they mean.

    A ``counter`` only grows, from the start of the process, cgroup or host that it is of.
    """

    name: str
    unit: str
    meaning: str
    counter: bool = False


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
    Column("pss_bytes", "bytes", "the same with its share of what is shared; read rarely"),
    Column("swap_bytes", "bytes", "memory of the target that is swapped out"),
    Column("fds", "count", "open descriptors of the target"),
    Column("socket_fds", "count", "those that are sockets; read rarely when there are many"),
    Column("fds_ratio", "ratio", "descriptors of its fullest process, by that process's limit"),
    Column("threads", "count", "threads of the target"),
    Column("processes", "count", "processes of the target"),
    Column("cpu_cores", "cores", "cores that the target kept busy; 1 is one whole core"),
    Column("io_read_bytes_per_s", "1/s", "bytes a second that the target read from storage"),
    Column("io_written_bytes_per_s", "1/s", "bytes a second that it wrote to storage"),
    Column("sockets_close_wait", "count", "sockets of the target that only the peer has closed"),
    Column("working_set_bytes", "bytes", "memory of the target's cgroup less its idle page cache"),
    Column("throttled_ratio", "ratio", "share of periods in which the cgroup hit its CPU quota"),
    Column("oom_kills", "count", "processes killed for lack of memory since the run began"),
    Column("restarts", "count", "restarts of the target since the run began"),
    Column("host_cpu_ratio", "ratio", "share of the target's host's cores that was busy"),
    Column("host_memory_available_bytes", "bytes", "memory that the host could still give"),
    Column("host_disk_free_ratio", "ratio", "free share of the host's fullest disk"),
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
    Column("kind", "", "process, tree (the source's processes as a sum), cgroup or host"),
    Column("segment", "count", "restarts of the source before this sample"),
    Column("host", "", "name of the host on which it is"),
    Column("pid", "", "process id; of a tree, that of its oldest root"),
    Column("started_s", "s", "start of the process, seconds since 1970-01-01 UTC"),
    Column("parent_pid", "", "process id of its parent"),
    Column("process", "", "name of the process, of the cgroup or of the host"),
    Column("rss_bytes", "bytes", "resident memory"),
    Column("uss_bytes", "bytes", "memory that only this process holds; read rarely, else empty"),
    Column("pss_bytes", "bytes", "the same with its share of what is shared; read rarely"),
    Column("swap_bytes", "bytes", "memory that is swapped out"),
    Column("fds", "count", "open descriptors"),
    Column("file_fds", "count", "those that are files; kinds are read rarely when there are many"),
    Column("socket_fds", "count", "those that are sockets"),
    Column("pipe_fds", "count", "those that are pipes"),
    Column("other_fds", "count", "those that are anything else"),
    Column("fds_limit", "count", "descriptors that a process may open; of a tree, of its fullest"),
    Column("fds_ratio", "ratio", "descriptors by that limit; of a tree, of its fullest process"),
    Column("threads", "count", "threads"),
    Column("children", "count", "processes that it started and that live; of a tree, all below it"),
    Column("cpu_cores", "cores", "cores kept busy since the sample before"),
    Column("cpu_s", "s", "CPU seconds used since the process began", counter=True),
    Column("cpu_user_s", "s", "those in the program itself", counter=True),
    Column("cpu_system_s", "s", "those in the kernel on its behalf", counter=True),
    Column("voluntary_switches", "count", "times it gave its core up to wait", counter=True),
    Column("involuntary_switches", "count", "times its core was taken away", counter=True),
    Column("minor_faults", "count", "page faults that needed no disk", counter=True),
    Column("major_faults", "count", "page faults that did", counter=True),
    Column("io_read_bytes", "bytes", "bytes read from storage", counter=True),
    Column("io_written_bytes", "bytes", "bytes written to storage", counter=True),
    Column("oom_score", "count", "how likely the kernel is to kill it for lack of memory"),
    Column("oom_kills", "count", "processes killed for lack of memory", counter=True),
    Column("sockets_established", "count", "TCP sockets that are connected"),
    Column("sockets_listen", "count", "TCP sockets that listen"),
    Column("sockets_close_wait", "count", "TCP sockets that only the peer has closed"),
    Column("sockets_time_wait", "count", "TCP sockets that wait for stray packets; a host's only"),
    Column("sockets_other", "count", "TCP sockets in any other state, and UDP and Unix sockets"),
    Column("memory_bytes", "bytes", "memory charged to the cgroup, or in use on the host"),
    Column("memory_limit_bytes", "bytes", "memory that the cgroup may use, or that the host has"),
    Column("memory_available_bytes", "bytes", "memory that the host could still give"),
    Column("working_set_bytes", "bytes", "memory of the cgroup less its idle page cache"),
    Column(
        "throttled_ratio", "ratio", "share of periods since the sample before that hit the quota"
    ),
    Column("throttled_s", "s", "time for which the cgroup had to wait for its quota", counter=True),
    Column("pids", "count", "processes and threads of the cgroup"),
    Column("pids_limit", "count", "how many it may have"),
    Column("disk_free_bytes", "bytes", "free space of the host's fullest disk"),
    Column("disk_free_ratio", "ratio", "free share of that disk's space"),
    Column("disk_free_inodes", "count", "free inodes of the disk that has fewest"),
    Column(
        "net_received_bytes",
        "bytes",
        "bytes that the host received, loopback left out",
        counter=True,
    ),
    Column("net_sent_bytes", "bytes", "bytes that the host sent, loopback left out", counter=True),
    Column("tcp_retransmits", "count", "TCP segments that the host sent again", counter=True),
    Column("listen_drops", "count", "connections refused for a full listen queue", counter=True),
)
"""``resources.csv``: a row a process (or tree, cgroup, host) and sample."""

METRICS_COLUMNS = (
    Column("elapsed_s", "s", "seconds from the start of the run to the sample"),
    Column("wall_s", "s", "the same moment as seconds since 1970-01-01 UTC"),
    Column("source", "", "the sampling source that read it, as the profile names it"),
    Column("host", "", "name of the host that publishes it"),
    Column("metric", "", "its name with its labels, or the name that the target gives it"),
    Column("value", "", "in the unit that the name states"),
)
"""``metrics.csv``: a row a number that a target publishes and sample."""

BUDGETS_COLUMNS = (
    Column("elapsed_s", "s", "seconds from the start of the run"),
    Column("wall_s", "s", "the same moment as seconds since 1970-01-01 UTC"),
    Column("budget", "", "the budget as it was written"),
    Column("observed", "", "what it has come to so far, in its unit; empty when nothing is known"),
    Column("limit", "", "the limit that it is held against, in the same unit"),
    Column("unit", "", "that unit"),
    Column("standing", "", "unknown, holds, warns or broken"),
)
"""``budgets.csv``: a row a budget, every ten seconds and when its standing changes."""

EVENTS_COLUMNS = (
    Column("elapsed_s", "s", "seconds from the start of the run"),
    Column("wall_s", "s", "the same moment as seconds since 1970-01-01 UTC"),
    Column("kind", "", "stage, worker, restart, exit, sampling, gap, clock, breach, recorder, ..."),
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
    METRICS_CSV: METRICS_COLUMNS,
    BUDGETS_CSV: BUDGETS_COLUMNS,
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
