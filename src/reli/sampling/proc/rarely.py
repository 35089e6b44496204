"""Reads of each process of a target what is too expensive for each sample."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from reli.sampling.cost import Pace


class Rarely:
    """One round over all processes as often as the pace allows; a long round goes on next time.

    ``read`` takes a pid and must not raise; ``limit_s`` is the time that it may take of a sample.
    ``too_long`` is called at the first round that one sample cannot hold.
    """

    def __init__(
        self,
        pace: Pace,
        read: Callable[[int], dict[str, float]],
        limit_s: float,
        too_long: Callable[[], None],
    ) -> None:
        self._pace = pace
        self._read = read
        self._limit_s = limit_s
        self._too_long: Callable[[], None] | None = too_long
        self._left: list[int] = []
        self._cost_s = 0.0

    def round(self, elapsed_s: float, pids: Iterable[int]) -> dict[int, dict[str, float]]:
        """What was read in this sample, by pid: mostly nothing."""
        if not self._left:
            if not self._pace.due(elapsed_s):
                return {}
            self._left = list(pids)[::-1]
            self._cost_s = 0.0
        found: dict[int, dict[str, float]] = {}
        began_s = time.perf_counter()
        while self._left and time.perf_counter() - began_s < self._limit_s:
            pid = self._left.pop()
            found[pid] = self._read(pid)
        self._cost_s += time.perf_counter() - began_s
        if not self._left:
            self._pace.ran(elapsed_s, self._cost_s)
        elif self._too_long is not None:
            self._too_long()
            self._too_long = None
        return found
