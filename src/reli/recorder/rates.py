"""What grew between two samples of the same thing, by the time that passed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable

    from reli.sampling import Reading

_FORGET_S = 120.0


def identity(role: str, source: str, reading: Reading) -> Hashable:
    """What tells a thing that is sampled from every other; a process also from later ones."""
    if reading.pid:
        return role, source, reading.host, reading.kind, reading.pid, reading.started_s
    return role, source, reading.host, reading.kind, reading.name, reading.segment


class Rates:
    """Remembers each counter's last value; what was not seen for two minutes is forgotten."""

    def __init__(self) -> None:
        self._before: dict[Hashable, tuple[float, float]] = {}
        self._forget_s = _FORGET_S

    def per_s(self, key: Hashable, at_s: float, value: float) -> float | None:
        """Growth per second since the value before; ``None`` without one, or when it fell."""
        before = self._before.get(key)
        self._before[key] = (at_s, value)
        if before is None or at_s <= before[0] or value < before[1]:
            return None
        return (value - before[1]) / (at_s - before[0])

    def with_cores(self, role: str, text: str, reading: Reading, elapsed_s: float) -> Reading:
        """With the CPU time used since the last sample of the same, by the time that passed.

        ``text`` is the source's; ``elapsed_s`` is when it was read, unless the reading knows better.
        """
        cpu_s = reading.values.get("cpu_s")
        if cpu_s is None or "cpu_cores" in reading.values:
            return reading
        at_s = elapsed_s if reading.elapsed_s is None else reading.elapsed_s
        cores = self.per_s(identity(role, reading.source or text, reading), at_s, cpu_s)
        if cores is None:
            return reading
        return replace(reading, values={**reading.values, "cpu_cores": cores})

    def forget(self, now_s: float) -> None:
        """Drop what is gone, now and then."""
        if now_s >= self._forget_s:
            self._forget_s = now_s + _FORGET_S
            kept = {key: old for key, old in self._before.items() if now_s - old[0] < _FORGET_S}
            self._before = kept
