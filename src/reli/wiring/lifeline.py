"""A worker's watch over its master: without it nothing is recorded, so nothing may be loaded."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

import gevent

if TYPE_CHECKING:
    from collections.abc import Callable

    from locust.env import Environment

PAUSE_AFTER_S = 3.5
"""Silence after which no iteration begins: by then the master gives this worker's share away."""

ABANDON_AFTER_S = 8.0
"""Silence after which the users stop. The master answers a heartbeat every second."""

_EVERY_S = 0.5

_log = logging.getLogger(__name__)


class Lifeline:
    """Listens to the master's heartbeats for the time of a run."""

    def __init__(
        self,
        environment: Environment,
        on_silence: Callable[[], None],
        on_death: Callable[[], None],
    ) -> None:
        self._heard_s = time.monotonic()
        self._events = environment.events
        self._on_silence = on_silence
        self._on_death = on_death
        self._events.heartbeat_received.add_listener(self._on_heartbeat)
        self._greenlet = gevent.spawn(self._watch)

    def _on_heartbeat(self, **_others: Any) -> None:
        self._heard_s = time.monotonic()

    def _watch(self) -> None:
        watched_s = time.monotonic()
        while (silent_s := watched_s - self._heard_s) < ABANDON_AFTER_S:
            if silent_s > PAUSE_AFTER_S:
                self._on_silence()
            gevent.sleep(_EVERY_S)
            now_s = time.monotonic()
            if now_s - watched_s > 2 * _EVERY_S:
                # This process was kept from listening itself: what came meanwhile is heard first.
                self._heard_s += now_s - watched_s - _EVERY_S
            watched_s = now_s
        _log.error("reli: no word from the master for %.0f s: the load ends", ABANDON_AFTER_S)
        gevent.spawn(self._on_death)

    def stop(self) -> None:
        self._events.heartbeat_received.remove_listener(self._on_heartbeat)
        self._greenlet.kill(block=False)
