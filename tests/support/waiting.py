"""Waits for a descriptor, whatever its number: select() knows only those below 1,024."""

from __future__ import annotations

import select


def readable(descriptor: int, timeout_s: float) -> bool:
    """Whether there is something to read (or an end) within a time."""
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    return bool(waiting.poll(max(0.0, timeout_s) * 1000))
