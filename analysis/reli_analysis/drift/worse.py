"""Which way of a column is the bad one."""

from __future__ import annotations

_LESS_IS_WORSE = (
    "throughput",
    "availability",
    "completed_per_s",
    "iterations_per_s",
    "requests",
    "host_memory_available_bytes",
    "host_disk_free_ratio",
)
_MORE_IS_WORSE = (
    "_ms",
    "rss_bytes",
    "uss_bytes",
    "pss_bytes",
    "swap_bytes",
    "fds",
    "fds_ratio",
    "threads",
    "processes",
    "cpu_cores",
    "working_set_bytes",
    "throttled_ratio",
    "error_ratio",
    "failures",
    "dropped",
    "waiting",
    "sockets_close_wait",
)


def worse_of(name: str) -> int:
    """1 when more of a column is worse, -1 when less is, 0 for what is not known."""
    if name in _LESS_IS_WORSE:
        return -1
    return int(name.endswith(_MORE_IS_WORSE))
