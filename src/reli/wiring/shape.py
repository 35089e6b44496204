"""The plan as Locust's load shape: an adapter of a few lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from locust import LoadTestShape

if TYPE_CHECKING:
    from collections.abc import Callable

    from reli.plan import Plan

_SPAWN_RATE = 100


class PlanShape(LoadTestShape):
    """Follows a plan on the run's own clock; ``None`` at its end makes Locust stop the run."""

    abstract = True

    def __init__(self, plan: Plan, elapsed_s: Callable[[], float]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Locust's shape has no annotations
        self._plan = plan
        self._elapsed_s = elapsed_s

    def tick(self) -> tuple[int, float] | None:
        """Users wanted now.

        Locust's master blocks while it spawns, so each tick asks for all that is missing at once;
        and it needs one user to begin a run at all.
        """
        point = self._plan.at(self._elapsed_s())
        if point is None:
            return None
        return max(point.users, 1), max(_SPAWN_RATE, point.users)
