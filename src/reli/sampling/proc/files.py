"""Reads one file of ``/proc`` whole, and says what it means when that fails."""

from __future__ import annotations

import os

CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
"""Ticks a second, in which ``stat`` counts time."""

_CHUNK_BYTES = 1 << 14
"""Small enough for memory that the process has already."""


def read(path: str, at_most_bytes: int = 4096) -> bytes:
    """The text of a small file; raises ``OSError`` as the kernel does."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(fd, at_most_bytes)
    finally:
        os.close(fd)


def read_whole(path: str, at_most_bytes: int = 1 << 20) -> bytes:
    """A file that the kernel hands over a page at a time, such as a list; raises ``OSError``."""
    chunks = []
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        while at_most_bytes > 0 and (chunk := os.read(fd, min(at_most_bytes, _CHUNK_BYTES))):
            chunks.append(chunk)
            at_most_bytes -= len(chunk)
    finally:
        os.close(fd)
    return b"".join(chunks)


def boot_wall_s() -> float:
    """When this host was booted, in seconds since 1970-01-01 UTC, as the kernel has it now."""
    with open("/proc/stat", "rb") as file:
        for line in file:
            if line.startswith(b"btime "):
                return float(line[6:])
    raise OSError("/proc/stat has no btime")


def why(error: OSError, path: str) -> str:
    """Why a file of a process that lives cannot be read, in a few words.

    ``path`` is what stands after ``/proc/PID/``.
    """
    if isinstance(error, PermissionError):
        return "permission denied; it needs the same user, or root"
    if isinstance(error, FileNotFoundError) and not os.path.exists(f"/proc/self/{path}"):
        return "this kernel does not offer it"
    return error.strerror or str(error)
