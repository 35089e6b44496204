"""Gives the load processes their shares of the arrivals, and follows who comes and goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli.arrivals import Axis
from reli.shares import Shares
from reli.wiring import messages

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from reli.clock import RunClock
    from reli.plan import Plan

_FIRST_WAIT_S = 5.0
"""Longest wait for the other processes once the first is ready."""


class Sharing:
    """The coordinator's side of the open model."""

    def __init__(
        self,
        plan: Plan,
        clock: RunClock,
        send: Callable[[str, Mapping[str, Any], str], None],
        on_event: Callable[[str, str, str], None],
    ) -> None:
        assert plan.open is not None
        self._users = plan.open.users
        self._clock = clock
        self._send = send
        self._on_event = on_event
        self._shares = Shares(Axis(plan))
        self._ready: dict[str, float] = {}

    def ready(self, process: str) -> None:
        """Users of a process wait for arrivals."""
        self._ready.setdefault(process, self._clock.elapsed_s())

    def update(self, expected: set[str]) -> None:
        """Follow the processes that are there; the first shares wait until most are ready.

        A process without a user never gets ready: there are as many as there are users.
        """
        now_s = self._clock.elapsed_s()
        there = [process for process in self._ready if process in expected]
        if not self._shares.members:
            wanted = min(len(expected), self._users)
            if not there or (len(there) < wanted and now_s - self._ready[there[0]] < _FIRST_WAIT_S):
                return
        before = len(self._shares.members)
        gone = [process for process in self._shares.members if process not in expected]
        shares = self._shares.change(now_s, join=there, leave=gone)
        for process, share in shares.items():
            self._send(messages.SHARE, share.to_wire(), process)
        if shares:
            (begin, *_same) = (share.begin for share in shares.values())
            says = (
                f"{before} -> {len(self._shares.members)} load processes from arrival {begin:,} on"
            )
            self._on_event("shares", "generator", says)
