"""Holds a worker's users back until the worker has joined a run.

Subtleness ahead. A worker tells its master that it is ready before Locust's ``init`` event, so when
it joins in mid-run the master's order to start users can be there before any listener of ours: the
users would load the target unrecorded. So the method that carries the order out waits, in the
greenlet of its own that Locust gives it.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Protocol

import gevent
from locust.runners import WorkerRunner

if TYPE_CHECKING:
    from collections.abc import Callable

ATTRIBUTE = "reli_gatekeeper"
_LOOK_EVERY_S = 0.02


class Gatekeeper(Protocol):
    """Decides, for one Locust environment; set as its attribute of the name ``ATTRIBUTE``."""

    def may_start_users(self) -> bool:
        """Wait until it is known whether users may start."""


def hold_back_users() -> None:
    """Put the gate in front of every worker of this process; doing it again changes nothing."""
    original = WorkerRunner.start_worker
    if not hasattr(original, "__wrapped__"):
        WorkerRunner.start_worker = _gated(original)  # type: ignore[method-assign]


def _gated(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def start_worker(runner: WorkerRunner, *args: Any, **kwargs: Any) -> None:
        while (keeper := getattr(runner.environment, ATTRIBUTE, None)) is None:
            gevent.sleep(_LOOK_EVERY_S)  # Locust is still starting
        if keeper.may_start_users():
            original(runner, *args, **kwargs)

    return start_worker
