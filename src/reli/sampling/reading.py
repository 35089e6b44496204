"""Reads one process, cheaply and without ever failing."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import psutil

from reli.sampling.source import Reading
from reli_analysis.record.layout import PROCESS

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")


def _or_none(read: Callable[[], _T]) -> _T | None:
    """What cannot be read (gone, forbidden, unsupported) is ``None``."""
    try:
        return read()
    except (psutil.Error, OSError):
        return None


class ProcessReader:
    """Reads processes by pid and remembers their identity between samples."""

    def __init__(self) -> None:
        self._processes: dict[int, psutil.Process] = {}

    def read(self, pid: int, *, with_uss: bool) -> Reading | None:
        """A reading, or ``None`` when there is no such process (any more; a zombie is gone too).

        USS walks the memory map and holds its lock, so it is read only when asked for.
        """
        process = self._processes.get(pid)
        try:
            if process is None or not process.is_running():
                process = self._processes[pid] = psutil.Process(pid)
            with process.oneshot():
                if process.status() == psutil.STATUS_ZOMBIE:
                    return None
                return self._reading(process, with_uss=with_uss)
        except psutil.NoSuchProcess:
            self._processes.pop(pid, None)
            return None

    @staticmethod
    def _reading(process: psutil.Process, *, with_uss: bool) -> Reading:
        memory = _or_none(process.memory_info)
        times = _or_none(process.cpu_times)
        values = {
            "rss_bytes": memory.rss if memory else None,
            "uss_bytes": _or_none(lambda: process.memory_full_info().uss) if with_uss else None,
            "fds": _or_none(process.num_fds),
            "threads": _or_none(process.num_threads),
            "cpu_s": times.user + times.system if times else None,
        }
        return Reading(
            kind=PROCESS,
            name=_or_none(process.name) or "",
            values={name: value for name, value in values.items() if value is not None},
            pid=process.pid,
            started_s=process.create_time(),
            parent_pid=_or_none(process.ppid) or 0,
        )
