"""The plan as Locust's load shape: an adapter of a few lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gevent
from locust import LoadTestShape

if TYPE_CHECKING:
    from collections.abc import Callable

    from reli.plan import Plan

_SPAWN_RATE = 100
_TICK_S = 1.0


class PlanShape(LoadTestShape):
    """Follows a plan on the run's own clock; ``None`` at its end makes Locust stop the run."""

    abstract = True

    def __init__(
        self, plan: Plan, elapsed_s: Callable[[], float], is_idle: Callable[[float], bool]
    ) -> None:
        """``is_idle`` says whether nothing of what was due by a moment waits or runs any more."""
        super().__init__()  # type: ignore[no-untyped-call]  # Locust's shape has no annotations
        self._plan = plan
        self._elapsed_s = elapsed_s
        self._is_idle = is_idle
        self._asked: tuple[int, float] | None = None

    def tick(self) -> tuple[int, float] | None:
        """Users wanted now.

        Locust's master blocks while it spawns, so each tick asks for all that is missing at once;
        and it needs one user to begin a run at all. It asks once a second: stages that begin before
        the next time are waited for here, so that none begins late, and one that has ended by then
        is started from here, so that none is skipped.
        """
        now_s = self._elapsed_s()
        if now_s == 0:  # the run begins with the first users
            self._asked = self._wanted(now_s)
            return self._asked
        ends_s, started = now_s + _TICK_S, False
        while now_s < (begins_s := self._plan.next_start_s(now_s)) < ends_s:
            started = self._start(now_s) or started
            gevent.sleep(max(0.0, begins_s - self._elapsed_s()))
            now_s = begins_s
        if started:  # Locust knows only what it was told, and may take this for no change
            self._start(now_s)
        self._asked = self._wanted(now_s)
        return self._asked or self._at_end(now_s)

    def _start(self, now_s: float) -> bool:
        """Ask for the users of a stage that ends before Locust's next time, unless it has them."""
        wanted = self._wanted(now_s)
        if wanted is None or wanted == self._asked or self.runner is None:
            return False
        self._asked = wanted
        self.runner.start(*wanted)
        return True

    def _wanted(self, now_s: float) -> tuple[int, float] | None:
        point = self._plan.at(now_s)
        return (max(point.users, 1), max(_SPAWN_RATE, point.users)) if point else None

    def _at_end(self, now_s: float) -> tuple[int, float] | None:
        """Keep the users until they have taken what was due: a slow end must be seen, too."""
        model = self._plan.open
        late = model is None or now_s > self._plan.total_s + model.drop_after_s + _TICK_S
        if model is None or late or self._is_idle(self._plan.total_s):
            return None
        return model.users, max(_SPAWN_RATE, model.users)
