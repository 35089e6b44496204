"""The descriptors of one process: how many, and of which kinds."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_LINKS = 100_000
"""Descriptors of one process past which their kinds are not looked at: a tenth of a second."""


def size_is_count() -> bool:
    """Whether this kernel tells the number of descriptors as a directory's size (since 6.2)."""
    return os.stat("/proc/self/fd").st_size > 0


def count(pid: int, *, by_size: bool) -> int:
    """Open descriptors; raises ``OSError`` when they cannot be seen."""
    directory = f"/proc/{pid}/fd"
    return os.stat(directory).st_size if by_size else len(os.listdir(directory))


def links(pid: int) -> list[str]:
    """What each descriptor is, such as ``socket:[812]``; raises ``OSError``."""
    directory = f"/proc/{pid}/fd"
    found = []
    for fd in os.listdir(directory):
        try:
            found.append(os.readlink(f"{directory}/{fd}"))
        except FileNotFoundError:
            continue  # closed since
    return found


def kinds(links: Iterable[str]) -> dict[str, float]:
    """Columns of ``resources.csv``: what has a path is a file."""
    counts = {"file_fds": 0.0, "socket_fds": 0.0, "pipe_fds": 0.0, "other_fds": 0.0}
    for link in links:
        if link.startswith("/"):
            counts["file_fds"] += 1
        elif link.startswith("socket:"):
            counts["socket_fds"] += 1
        elif link.startswith("pipe:"):
            counts["pipe_fds"] += 1
        else:
            counts["other_fds"] += 1
    return counts


def socket_inodes(links: Iterable[str]) -> list[int]:
    """Of those that are sockets."""
    return [int(link[8:-1]) for link in links if link.startswith("socket:[")]
