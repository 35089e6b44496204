"""Is it the generator? What one load process knows of its own condition, once an interval."""

from __future__ import annotations

import os
import resource
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_SOCKSTAT = (Path("/proc/net/sockstat"), Path("/proc/net/sockstat6"))
_PORT_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_OWN_FDS = "/proc/self/fd"
_OWN_WAITS = Path("/proc/self/schedstat")


@dataclass(frozen=True)
class Health:
    """``None`` is unknown: elsewhere than on Linux, or before the first interval.

    ``lag_ms`` is the longest that the event loop was kept waiting; ``cpu_cores`` counts all threads
    of the process; ``cpu_demand_cores`` adds the time for which the main thread could have run and
    had to wait for a core, which is what a busy host takes from it; ``fds_ratio`` is descriptors by their limit; ``sockets_ratio`` TCP sockets of
    the host, those in TIME_WAIT included, by the number of its ephemeral ports.
    """

    lag_ms: float = 0.0
    cpu_cores: float | None = None
    cpu_demand_cores: float | None = None
    fds_ratio: float | None = None
    sockets_ratio: float | None = None


def worst(parts: Iterable[Health]) -> Health:
    """The highest of each, over several processes."""
    listed = list(parts)

    def highest(name: str) -> float | None:
        known = [value for part in listed if (value := getattr(part, name)) is not None]
        return max(known, default=None)

    return Health(
        lag_ms=highest("lag_ms") or 0.0,
        cpu_cores=highest("cpu_cores"),
        cpu_demand_cores=highest("cpu_demand_cores"),
        fds_ratio=highest("fds_ratio"),
        sockets_ratio=highest("sockets_ratio"),
    )


class HealthReader:
    """Reads this process; four small files a reading, none of which can block."""

    def __init__(self) -> None:
        self._read_at_s = time.monotonic()
        self._cpu_s = time.process_time()
        self._waited_s = _waited_s()
        self._fd_limit, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        self._ports = _ephemeral_ports()

    def read(self, lag_ms: float) -> Health:
        """The condition since the last reading."""
        now_s, cpu_s = time.monotonic(), time.process_time()
        passed_s, used_s = now_s - self._read_at_s, cpu_s - self._cpu_s
        self._read_at_s, self._cpu_s = now_s, cpu_s
        waited_s = self._waited_since()
        # Over a moment the clock's own grain would be most of it.
        told = passed_s > 0.05
        return Health(
            lag_ms=round(lag_ms, 3),
            cpu_cores=round(used_s / passed_s, 4) if told else None,
            cpu_demand_cores=(
                round((used_s + waited_s) / passed_s, 4) if told and waited_s is not None else None
            ),
            fds_ratio=self._fds_ratio(),
            sockets_ratio=self._sockets_ratio(),
        )

    def _waited_since(self) -> float | None:
        before_s, self._waited_s = self._waited_s, _waited_s()
        if before_s is None or self._waited_s is None:
            return None
        return self._waited_s - before_s

    def _fds_ratio(self) -> float | None:
        try:
            return round(len(os.listdir(_OWN_FDS)) / self._fd_limit, 4)  # noqa: PTH208 -- cheaper
        except OSError:
            return None

    def _sockets_ratio(self) -> float | None:
        if not self._ports:
            return None
        texts = [text for path in _SOCKSTAT if (text := _text_of(path))]
        return round(tcp_sockets("\n".join(texts)) / self._ports, 4) if texts else None


def tcp_sockets(sockstat: str) -> int:
    """TCP sockets in use or in TIME_WAIT, from the text of ``/proc/net/sockstat`` (and its v6)."""
    sockets = 0
    for line in sockstat.splitlines():
        family, _, rest = line.partition(":")
        if family in {"TCP", "TCP6"}:
            words = rest.split()
            counts = dict(zip(words[::2], words[1::2], strict=False))
            sockets += int(counts.get("inuse", 0)) + int(counts.get("tw", 0))
    return sockets


def _waited_s() -> float | None:
    """How long the main thread has waited for a core so far; unknown where the kernel is silent."""
    words = _text_of(_OWN_WAITS).split()
    return int(words[1]) / 1e9 if len(words) == 3 else None


def _ephemeral_ports() -> int:
    words = _text_of(_PORT_RANGE).split()
    return int(words[1]) - int(words[0]) + 1 if len(words) == 2 else 0


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, ValueError):
        return ""
