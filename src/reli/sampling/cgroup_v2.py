"""What version 2 of cgroups says, as columns of ``resources.csv``.

A function gets the cgroup's directory and the top of the hierarchy. What a file does not say is
absent; a missing file (its controller is not enabled for this cgroup) raises ``OSError``.
"""

from __future__ import annotations

from contextlib import suppress

from reli.sampling.cgroup_files import keyed, known, lowest, number, text, throttling

_TIMES = {"usage_usec": "cpu_s", "user_usec": "cpu_user_s", "system_usec": "cpu_system_s"}


def memory(directory: str, top: str) -> dict[str, float]:
    """The working set leaves out the page cache that is not in use, as Kubernetes counts it."""
    usage = int(text(directory, "memory.current"))
    inactive = keyed(directory, "memory.stat").get("inactive_file")
    swap = kills = None
    with suppress(OSError, ValueError):  # a kernel without swap
        swap = int(text(directory, "memory.swap.current"))
    with suppress(OSError):
        kills = keyed(directory, "memory.events").get("oom_kill")
    return known(
        {
            "memory_bytes": usage,
            "memory_limit_bytes": lowest(directory, top, number("memory.max")),
            "working_set_bytes": None if inactive is None else max(0, usage - inactive),
            "swap_bytes": swap,
            "oom_kills": kills,
        }
    )


def cpu_time(directory: str, _top: str) -> dict[str, float]:
    """Is there whether the controller is enabled or not."""
    stat = keyed(directory, "cpu.stat")
    return {column: stat[key] / 1e6 for key, column in _TIMES.items() if key in stat}


def cpu_quota(directory: str, top: str) -> dict[str, float]:
    stat = keyed(directory, "cpu.stat")
    waited_us = stat.get("throttled_usec")
    cores = lowest(directory, top, _quota_cores)
    return throttling(stat, None if waited_us is None else waited_us / 1e6, cores)


def _quota_cores(directory: str) -> float | None:
    quota_us, period_us = text(directory, "cpu.max").split()
    return None if quota_us == "max" else int(quota_us) / int(period_us)


def storage(directory: str, _top: str) -> dict[str, float]:
    """Over all devices."""
    words = text(directory, "io.stat").split()

    def total(key: str) -> int:
        return sum(int(word[len(key) :]) for word in words if word.startswith(key))

    return {"io_read_bytes": total("rbytes="), "io_written_bytes": total("wbytes=")}
