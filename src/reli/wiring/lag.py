"""How long the event loop of a load process was kept waiting."""

from __future__ import annotations

import time
from typing import NoReturn

import gevent

_EVERY_S = 0.05


class LagProbe:
    """Wakes up twenty times a second and notes the longest that it overslept."""

    def __init__(self) -> None:
        self._longest_s = 0.0
        self._greenlet = gevent.spawn(self._probe)

    def _probe(self) -> NoReturn:
        while True:
            began_s = time.monotonic()
            gevent.sleep(_EVERY_S)
            self._longest_s = max(self._longest_s, time.monotonic() - began_s - _EVERY_S)

    def take_ms(self) -> float:
        """The longest since the last call, in milliseconds."""
        longest_s, self._longest_s = self._longest_s, 0.0
        return longest_s * 1000

    def stop(self) -> None:
        self._greenlet.kill(block=False)
