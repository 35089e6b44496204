"""What version 1 of cgroups says, as columns of ``resources.csv``.

A function gets the cgroup's directory and the top of its hierarchy. What a file does not say is
absent; a missing file raises ``OSError``.
"""

from __future__ import annotations

from contextlib import suppress

from reli.sampling.cgroup_files import UNLIMITED, keyed, known, lowest, text, throttling
from reli.sampling.proc.files import CLOCK_TICKS

_STORAGE = (
    "blkio.throttle.io_service_bytes_recursive",
    "blkio.bfq.io_service_bytes_recursive",
    "blkio.throttle.io_service_bytes",  # before Linux 5.6
)


def memory(directory: str, _top: str) -> dict[str, float]:
    """The working set leaves out the page cache that is not in use, as Kubernetes counts it."""
    usage = int(text(directory, "memory.usage_in_bytes"))
    stat = keyed(directory, "memory.stat")
    inactive = stat.get("total_inactive_file", stat.get("inactive_file"))
    limit = stat.get("hierarchical_memory_limit", UNLIMITED)
    kills = None
    with suppress(OSError):
        kills = keyed(directory, "memory.oom_control").get("oom_kill")
    return known(
        {
            "memory_bytes": usage,
            "memory_limit_bytes": limit if limit < UNLIMITED else None,
            "working_set_bytes": None if inactive is None else max(0, usage - inactive),
            "swap_bytes": stat.get("total_swap", stat.get("swap")),
            "oom_kills": kills,
        }
    )


def cpu_time(directory: str, _top: str) -> dict[str, float]:
    used_s = int(text(directory, "cpuacct.usage")) / 1e9
    stat = keyed(directory, "cpuacct.stat")
    modes = [mode for mode in ("user", "system") if mode in stat]
    return {"cpu_s": used_s, **{f"cpu_{mode}_s": stat[mode] / CLOCK_TICKS for mode in modes}}


def cpu_quota(directory: str, top: str) -> dict[str, float]:
    stat = keyed(directory, "cpu.stat")
    waited_ns = stat.get("throttled_time")
    cores = lowest(directory, top, _quota_cores)
    return throttling(stat, None if waited_ns is None else waited_ns / 1e9, cores)


def _quota_cores(directory: str) -> float | None:
    quota_us = int(text(directory, "cpu.cfs_quota_us"))
    return None if quota_us < 0 else quota_us / int(text(directory, "cpu.cfs_period_us"))


def storage(directory: str, _top: str) -> dict[str, float]:
    """With what is below it; by the throttling of block devices, or else by their scheduler.

    Linux counts for neither before one of them is in use: then nothing is known, which is not 0.
    """
    trouble: OSError | None = None
    for file in _STORAGE:
        try:
            words = [line.split() for line in text(directory, file).splitlines()]
        except FileNotFoundError as error:
            trouble = trouble or error
            continue
        devices = [word for word in words if len(word) == 3]
        if devices:
            return {
                column: sum(int(number) for _, way, number in devices if way == wanted)
                for wanted, column in (("Read", "io_read_bytes"), ("Write", "io_written_bytes"))
            }
        trouble = OSError("no device counts it")
    raise trouble or OSError("there is no file of it")
