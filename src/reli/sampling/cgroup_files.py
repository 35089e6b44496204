"""Reads the files of a cgroup, and the limits that it shares with those above it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from reli.sampling.proc.files import read_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PERIODS, THROTTLED = "periods", "throttled"
"""Beside columns of ``resources.csv``: periods of the CPU quota so far, and those that hit it."""

UNLIMITED = 2**62
"""Version 1 says "no limit" by the largest number of pages that there can be."""


def text(directory: str, name: str) -> str:
    """Raises ``OSError`` as the kernel does."""
    return read_whole(f"{directory}/{name}").decode("utf-8", "replace")


def keyed(directory: str, name: str) -> dict[str, int]:
    """A file of lines ``key number``; other lines are left out."""
    words = (line.split() for line in text(directory, name).splitlines())
    return {word[0]: int(word[1]) for word in words if len(word) == 2 and word[1].isdecimal()}


def lowest(directory: str, top: str, limit: Callable[[str], float | None]) -> float | None:
    """The lowest limit of a cgroup and those above it: a pod's counts for its containers."""
    found = []
    while directory.startswith(top):
        with suppress(OSError, ValueError):  # the root has no limits
            found.append(limit(directory))
        directory = directory.rpartition("/")[0]
    return min((one for one in found if one is not None), default=None)


def number(name: str) -> Callable[[str], float | None]:
    """Reads a limit that is a number, or the word ``max``."""

    def limit(directory: str) -> float | None:
        found = text(directory, name).strip()
        return int(found) if found.isdecimal() else None

    return limit


def known(values: Mapping[str, float | None]) -> dict[str, float]:
    """Without what is not known: an absent column, never 0."""
    return {column: value for column, value in values.items() if value is not None}


def pids(directory: str, top: str) -> dict[str, float]:
    """The same files in both versions."""
    current = int(text(directory, "pids.current"))
    return known({"pids": current, "pids_limit": lowest(directory, top, number("pids.max"))})


def throttling(
    stat: Mapping[str, int], waited_s: float | None, cores: float | None
) -> dict[str, float]:
    """The CPU quota, from ``cpu.stat`` of either version."""
    return known(
        {
            "throttled_s": waited_s,
            "cores": cores,
            PERIODS: stat.get("nr_periods"),
            THROTTLED: stat.get("nr_throttled"),
        }
    )
