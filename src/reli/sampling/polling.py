"""Does a work once an interval in a thread of its own, on an absolute schedule."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from reli.clock import RunClock

T = TypeVar("T")

_END_WITHIN_S = 1.0


class Polling(Generic[T]):
    """Keeps what ``work`` returned until it is taken: the newest ``most`` of it.

    The work begins ``early`` intervals before each interval's end, so that the sample there finds
    it done; one that takes longer than an interval has the next begin at its next moment. It must
    not raise, and it runs once at a time. ``early`` is asked for anew each time.
    """

    def __init__(
        self,
        work: Callable[[], T],
        clock: RunClock,
        *,
        name: str,
        most: int,
        early: Callable[[], float],
    ) -> None:
        self._work = work
        self._clock = clock
        self._early = early
        self._done: deque[T] = deque(maxlen=most)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._thread.start()

    def take(self) -> list[T]:
        """What was done since the last call, in its order."""
        taken = []
        while self._done:
            taken.append(self._done.popleft())
        return taken

    def close(self) -> None:
        """End the thread, unless its work hangs: then it ends with the process."""
        self._ending.set()
        self._thread.join(_END_WITHIN_S)

    def _serve(self) -> None:
        interval_s = self._clock.interval_s
        index = int(self._clock.elapsed_s() / interval_s)
        while not self._ending.wait(self._clock.until_s((index + 1 - self._early()) * interval_s)):
            self._done.append(self._work())
            index = max(index + 1, int(self._clock.elapsed_s() / interval_s + self._early()))
