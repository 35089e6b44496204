"""Work that may take long, in a thread of its own: a sample takes what there is by then."""

from __future__ import annotations

import math
import threading
import time
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_END_WITHIN_S = 1.0


class Background(Generic[T]):
    """Does ``work`` once each time that it is asked to; asked while it works, it does no more.

    ``work`` must not raise. A work that never comes back keeps its thread, and nothing else.
    """

    def __init__(self, work: Callable[[], T], name: str) -> None:
        self._work = work
        self._asked = threading.Event()
        self._ending = False
        self._newest: tuple[float, T] | None = None
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._thread.start()

    def ask(self) -> None:
        """Do the work again, soon; returns at once."""
        self._asked.set()

    def newest(self, at_most_s: float = math.inf) -> T | None:
        """What the work came to, unless it began longer ago than that."""
        newest = self._newest
        if newest is None or time.monotonic() - newest[0] > at_most_s:
            return None
        return newest[1]

    def _serve(self) -> None:
        while True:
            self._asked.wait()
            self._asked.clear()
            if self._ending:
                return
            began_s = time.monotonic()
            self._newest = (began_s, self._work())

    def close(self) -> None:
        """End the thread, unless its work hangs: then it ends with the process."""
        self._ending = True
        self._asked.set()
        self._thread.join(_END_WITHIN_S)
