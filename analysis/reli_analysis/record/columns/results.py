"""The columns of ``results.csv``: the story in one file."""

from __future__ import annotations

from reli_analysis.record.columns.column import INTERVAL, Column
from reli_analysis.record.columns.times import RESPONSE, SERVICE, START_DELAY

RESULTS_COLUMNS = (
    *INTERVAL,
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
    *START_DELAY,
    Column("completed_per_s", "1/s", "requests a second that were answered, failures included"),
    Column("requests", "count", "requests answered, failures included, and arrivals dropped"),
    Column("failures", "count", "requests that failed"),
    Column("error_ratio", "ratio", "failures divided by requests; empty without requests"),
    *RESPONSE,
    *SERVICE,
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
    Column("generator_cpu_demand_cores", "cores", "cores that it used or had to wait for"),
    Column("loop_lag_ms", "ms", "longest that the event loop of a load process was kept waiting"),
    Column("generator_fds_ratio", "ratio", "descriptors of the fullest load process, by its limit"),
    Column("sockets_ratio", "ratio", "TCP sockets of the fullest host, by its ephemeral ports"),
    Column("missed_samples", "count", "samples that the sampler missed before this one"),
    Column("sample_late_ms", "ms", "how long after the interval's end the sample was taken"),
)
"""``results.csv``; the columns of ``run.json``'s ``metrics`` follow these."""
