"""Decides when an expensive collector may run again, so that its cost stays a share of the time."""

from __future__ import annotations

import math
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LONGEST_S = 3600.0


class Pace:
    """Doubles the time between two runs until they cost no more than their share of a core.

    A cost is CPU time of the thread that pays it: to wait for a busy core costs nobody anything.
    ``share_of_interval`` is the share that the collector may take, ``interval_s`` the sampling
    interval, ``every_s`` the pace that is asked for (0 is each sample). ``tell`` gets one sentence
    the first time that each slower pace is taken; ``what`` is its subject, in the plural ("kinds of
    descriptors"). Only two dear runs in a row make it slower, as the first of all may be dearer
    than the others; it gets faster again when both cost less than a third of what they might then.
    """

    def __init__(
        self,
        share_of_interval: float,
        interval_s: float,
        *,
        what: str,
        tell: Callable[[str], None],
        every_s: float = 0.0,
    ) -> None:
        self._share = share_of_interval
        self._asked_s = max(every_s, interval_s)
        self._slowest = max(0, math.ceil(math.log2(_LONGEST_S / self._asked_s)))
        self._slack_s = interval_s / 2
        self._what = what
        self._tell = tell
        self._level = 0
        self._told = 0
        self._due_s = -math.inf
        self._costs_s = (0.0, 0.0)

    @property
    def every_s(self) -> float:
        """The time between two runs, as it is now."""
        return self._asked_s * float(2**self._level)

    def due(self, elapsed_s: float) -> bool:
        """Whether it may run at this moment of the run."""
        return elapsed_s >= self._due_s

    @contextmanager
    def run(self, elapsed_s: float) -> Iterator[None]:
        """Measure one run within; the next is due by what it cost."""
        began_s = time.thread_time()
        try:
            yield
        finally:
            self.ran(elapsed_s, time.thread_time() - began_s)

    def ran(self, elapsed_s: float, cost_s: float) -> None:
        """Take over the cost of a run that was measured elsewhere."""
        self._costs_s = (self._costs_s[1], cost_s)
        least, most = (cost / self._share / self._asked_s for cost in sorted(self._costs_s))
        if least > 2**self._level:
            self._level = min(self._slowest, math.ceil(math.log2(least)))
        elif self._level and most < 2 ** (self._level - 1) / 3:
            self._level -= 1
        # A sample is never exactly on time: half an interval early is the sample that was meant.
        self._due_s = elapsed_s + self.every_s - self._slack_s
        if self._level > self._told:
            self._told = self._level
            self._tell(
                f"{self._what} are read every {self.every_s:.3g} s from now on: "
                f"reading them took {min(self._costs_s) * 1000:.3g} ms"
            )
