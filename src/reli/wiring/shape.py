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

    def tick(self) -> tuple[int, float] | None:
        """Users wanted now.

        Locust's master blocks while it spawns, so each tick asks for all that is missing at once;
        and it needs one user to begin a run at all. It asks once a second: a stage that begins
        before the next time is waited for here, so that no stage begins late.
        """
        now_s = self._elapsed_s()
        ahead_s = self._plan.next_start_s(now_s) - now_s
        if 0 < ahead_s < _TICK_S:
            gevent.sleep(ahead_s)
            now_s += ahead_s
        point = self._plan.at(now_s)
        if point is None:
            return self._at_end(now_s)
        return max(point.users, 1), max(_SPAWN_RATE, point.users)

    def _at_end(self, now_s: float) -> tuple[int, float] | None:
        """Keep the users until they have taken what was due: a slow end must be seen, too."""
        model = self._plan.open
        late = model is None or now_s > self._plan.total_s + model.drop_after_s + _TICK_S
        if model is None or late or self._is_idle(self._plan.total_s):
            return None
        return model.users, max(_SPAWN_RATE, model.users)
