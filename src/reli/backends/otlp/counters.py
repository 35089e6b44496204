"""What the collector has counted, in memory that it shares with its parent.

The parent reads without a system call, a lock or a word to the child, so reading never blocks the
loop that drives the users; and the numbers outlive the child.
"""

from __future__ import annotations

import mmap
import os
from dataclasses import dataclass, fields


@dataclass(frozen=True)
class CollectorCounts:
    """The collector's counters; all but ``port`` only grow.

    ``records`` are spans as they came, ``unique`` are those with an id not seen before. Both count
    what was stored, before the answer was sent. ``unanswered`` are requests that got no whole
    answer, on purpose or because the client had gone.
    """

    port: int = 0
    requests: int = 0
    received_bytes: int = 0
    records: int = 0
    unique: int = 0
    status_2xx: int = 0
    status_3xx: int = 0
    status_4xx: int = 0
    status_5xx: int = 0
    unanswered: int = 0


_INDEX = {field.name: at for at, field in enumerate(fields(CollectorCounts))}
_CELL_BYTES = 8


class SharedCounters:
    """One 8-byte cell a counter; a single process writes.

    A cell is aligned and written in one piece, so each number is whole. Numbers read together may
    be one request apart.
    """

    def __init__(self, descriptor: int) -> None:
        """Map the memory behind a descriptor, which stays the caller's to close."""
        size = len(_INDEX) * _CELL_BYTES
        if os.fstat(descriptor).st_size < size:
            os.ftruncate(descriptor, size)
        self._memory = mmap.mmap(descriptor, size)
        self._cells = memoryview(self._memory).cast("Q")

    def add(self, name: str, amount: int = 1) -> None:
        self._cells[_INDEX[name]] += amount

    def read(self) -> CollectorCounts:
        return CollectorCounts(*self._cells)

    def close(self) -> None:
        self._cells.release()
        self._memory.close()
