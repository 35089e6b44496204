"""Whether the recorder of a record that says ``running`` really still runs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_START_TOLERANCE_S = 2.0
"""The kernel counts a process's start in ticks from a boot time that it rounds to a second."""

_PROC = Path("/proc")


def _started_s(pid: int) -> float | None:
    """When a process started, seconds since 1970; ``None`` when none lives under that id."""
    try:
        stat = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
        boot = (_PROC / "stat").read_text(encoding="utf-8")
        # The name before them may hold spaces and brackets; the fields begin after its last one.
        state, *fields = stat.rpartition(")")[2].split()
        ticks = int(fields[18])
        booted_s = next(int(line.split()[1]) for line in boot.splitlines() if line[:5] == "btime")
    except (OSError, ValueError, IndexError, StopIteration):
        return None
    if state in {"Z", "X"}:  # ended, but not yet waited for
        return None
    return booted_s + ticks / os.sysconf("SC_CLK_TCK")


def is_alive(recorder: Mapping[str, Any]) -> bool:
    """Whether this very process (``pid``, ``started_s``, ``boot_id``) lives on this host."""
    try:
        pid, started_s = int(recorder["pid"]), float(recorder["started_s"])
        boot_id = (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except (KeyError, TypeError, ValueError, OSError):
        return False
    if recorder.get("boot_id") != boot_id:
        return False
    found_s = _started_s(pid)
    return found_s is not None and abs(found_s - started_s) <= _START_TOLERANCE_S
