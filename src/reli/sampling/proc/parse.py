"""Parses the files of one process; what a file does not say is absent from its values."""

from __future__ import annotations

from typing import NamedTuple

from reli.sampling.proc.files import CLOCK_TICKS


class Stat(NamedTuple):
    """``/proc/PID/stat``: who a process is, and its counters. A tick is 1 / ``CLOCK_TICKS`` s.

    ``child_*`` are of its children that have ended and that it has waited for.
    """

    pid: int
    name: str
    state: str
    parent_pid: int
    session: int
    minor_faults: int
    major_faults: int
    user_ticks: int
    system_ticks: int
    child_user_ticks: int
    child_system_ticks: int
    threads: int
    started_ticks: int
    exit_status: int

    @property
    def gone(self) -> bool:
        """Whether it has ended; a main thread may end before the others, which then live on."""
        return self.state in "ZXx" and self.threads <= 1

    @property
    def values(self) -> dict[str, float]:
        """Columns of ``resources.csv``."""
        return {
            "threads": self.threads,
            "cpu_s": (self.user_ticks + self.system_ticks) / CLOCK_TICKS,
            "cpu_user_s": self.user_ticks / CLOCK_TICKS,
            "cpu_system_s": self.system_ticks / CLOCK_TICKS,
            "minor_faults": self.minor_faults,
            "major_faults": self.major_faults,
        }


def parse_stat(text: bytes) -> Stat:
    """Raises ``ValueError`` or ``IndexError`` for what is no such file."""
    # A name may hold spaces and parentheses: its end is the last one.
    head, _, tail = text.rpartition(b") ")
    pid, _, name = head.partition(b" (")
    field = tail.split()
    return Stat(
        int(pid),
        name.decode("utf-8", "replace"),
        field[0].decode(),
        int(field[1]),
        int(field[3]),
        int(field[7]),
        int(field[9]),
        int(field[11]),
        int(field[12]),
        int(field[13]),
        int(field[14]),
        int(field[17]),
        int(field[19]),
        int(field[49]) if len(field) > 49 else 0,
    )


_STATUS = (
    (b"\nVmRSS:", "rss_bytes", 1024),
    (b"\nVmSwap:", "swap_bytes", 1024),
    (b"\nvoluntary_ctxt_switches:", "voluntary_switches", 1),
    (b"\nnonvoluntary_ctxt_switches:", "involuntary_switches", 1),
)
_IO = (
    (b"\nread_bytes:", "io_read_bytes", 1),
    (b"\nwrite_bytes:", "io_written_bytes", 1),
)


def _numbers(text: bytes, wanted: tuple[tuple[bytes, str, int], ...]) -> dict[str, float]:
    """The first number of each line that begins as wanted; lines come in the wanted order."""
    values: dict[str, float] = {}
    at = 0
    for key, column, factor in wanted:
        found = text.find(key, at)
        if found >= 0:
            at = found + len(key)
            values[column] = int(text[at : text.find(b"\n", at)].split(None, 1)[0]) * factor
    return values


def parse_status(text: bytes) -> dict[str, float]:
    """Memory and context switches (those of the main thread) of ``/proc/PID/status``."""
    return _numbers(text, _STATUS)


def parse_io(text: bytes) -> dict[str, float]:
    """Bytes from and to storage of ``/proc/PID/io``."""
    return _numbers(text, _IO)


def parse_fds_limit(text: bytes) -> int | None:
    """The soft limit on descriptors of ``/proc/PID/limits``; ``None`` for unlimited."""
    line = text.partition(b"Max open files")[2].split(None, 1)
    return int(line[0]) if line and line[0].isdigit() else None


def parse_memory_map(text: bytes) -> dict[str, float]:
    """USS and PSS of ``/proc/PID/smaps_rollup``: USS is the sum of what is private."""
    kilobytes: dict[bytes, int] = {}
    for line in text.splitlines()[1:]:
        key, _, rest = line.partition(b":")
        kilobytes[key] = int(rest.split(None, 1)[0])
    private = [kilobytes[key] for key in kilobytes if key.startswith(b"Private_")]
    if not private or b"Pss" not in kilobytes:
        return {}
    return {"uss_bytes": sum(private) * 1024, "pss_bytes": kilobytes[b"Pss"] * 1024}
