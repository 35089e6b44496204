"""Reads of each process of a target what is too expensive for each sample."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from reli.sampling.cost import Pace


_LONG_ROUNDS = 2
"""So many in a row are no accident; one may have had to wait for a core."""


class Rarely:
    """One round over all processes as often as the pace allows; a long round goes on next time.

    ``read`` takes a pid and must not raise; ``limit_s`` is the time that it may take of a sample.
    ``too_long`` is called once when rounds turn out to be more than one sample can hold.
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
        self._too_long = too_long
        self._told = False
        self._left: list[int] = []
        self._cost_s = 0.0
        self._parts = 0
        self._long_rounds = 0

    def round(self, elapsed_s: float, pids: Iterable[int]) -> dict[int, dict[str, float]]:
        """What was read in this sample, by pid: mostly nothing."""
        if not self._left:
            if not self._pace.due(elapsed_s):
                return {}
            self._left = list(pids)[::-1]
            self._cost_s = 0.0
            self._parts = 0
        found: dict[int, dict[str, float]] = {}
        began_s, until_s = time.thread_time(), time.perf_counter() + self._limit_s
        while self._left and time.perf_counter() < until_s:
            pid = self._left.pop()
            found[pid] = self._read(pid)
        self._cost_s += time.thread_time() - began_s
        self._parts += 1
        if not self._left:
            self._end_round(elapsed_s)
        return found

    def _end_round(self, elapsed_s: float) -> None:
        self._pace.ran(elapsed_s, self._cost_s)
        self._long_rounds = self._long_rounds + 1 if self._parts > 1 else 0
        if self._long_rounds == _LONG_ROUNDS and not self._told:
            self._told = True
            self._too_long()
