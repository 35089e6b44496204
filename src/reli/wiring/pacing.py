"""Paces the users of a closed-model run so that together they make the planned rate."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reli.clock import RunClock
    from reli.plan import Plan

_STEP_S = 0.25
_LONGEST_WAIT_S = 3600.0


def next_due_s(plan: Plan, from_s: float, share: float = 1.0) -> float:
    """When one user is due again: when its part of the planned iterations has grown by ``share``.

    That part is the integral of rate(t) / users(t), followed in steps of a quarter of a second, so
    that a user that waits through a ramp is due when the ramp says so. Past the plan's end nobody
    is due.
    """
    at_s, missing = from_s, share
    while at_s - from_s < _LONGEST_WAIT_S:
        point = plan.at(at_s)
        if point is None:
            return from_s + _LONGEST_WAIT_S
        middle = plan.at(at_s + _STEP_S / 2) or point
        speed = (middle.rate_per_s or 0.0) / max(middle.users, 1)
        if speed * _STEP_S >= missing:
            return at_s + missing / speed
        missing -= speed * _STEP_S
        at_s += _STEP_S
    return at_s


class Pacer:
    """Takes the place of the user classes' ``wait_time`` in a run whose load is in iterations.

    Each user keeps its own absolute schedule, so that sleeping a little too long does not add up;
    a user that is late skips what it missed, because in the closed model a load waits for the
    service. A load in users keeps its classes' own waits and costs nothing here.
    """

    def __init__(self, clock: RunClock, plan: Plan, seed: str) -> None:
        self.iterations = 0
        self._clock = clock
        self._plan = plan
        self._random = Random(seed)  # noqa: S311 -- spreads users in time, keeps no secret
        self._originals: dict[type[Any], Any] = {}

    def attach(self, user_classes: Iterable[type[Any]]) -> None:
        def paced(user: Any) -> float:
            self.iterations += 1
            return self._until_due(user)

        for user_class in user_classes:
            # Only what the class itself defines is restored; the rest is inherited again.
            self._originals[user_class] = user_class.__dict__.get("wait_time")
            user_class.wait_time = paced

    def detach(self) -> None:
        for user_class, original in self._originals.items():
            if original is None:
                del user_class.wait_time
            else:
                user_class.wait_time = original
        self._originals.clear()

    def _until_due(self, user: Any) -> float:
        now_s = self._clock.elapsed_s()
        due_s: float | None = getattr(user, "reli_due_s", None)
        if due_s is None:
            # The first wait is a random part of a turn: users that start together spread out.
            due_s = next_due_s(self._plan, now_s, self._random.random())
        else:
            due_s = next_due_s(self._plan, due_s)
        user.reli_due_s = max(due_s, now_s)
        return max(0.0, due_s - now_s)
