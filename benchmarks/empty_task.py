"""What recording takes from a Locust run whose tasks do nothing but fire the event."""

from __future__ import annotations

from typing import TYPE_CHECKING

import locust  # noqa: F401 -- patches the process, so it comes first
from locust import User, constant, task
from locust.env import Environment
from recorded_pairs import recording_figure

if TYPE_CHECKING:
    from figures import Figure


class Empty(User):
    """Runs as many iterations as Locust can."""

    wait_time = constant(0)
    iterations = 0

    @task
    def nothing(self) -> None:
        Empty.iterations += 1
        self.environment.events.request.fire(
            request_type="NOTHING",
            name="nothing",
            response_time=0.01 + (Empty.iterations % 997) / 100,
            response_length=0,
            response=None,
            context={},
            exception=None,
        )


def figures() -> list[Figure]:
    """One user; more would only take turns."""
    environment = Environment(user_classes=[Empty])
    return [recording_figure("Iterations lost in a run of empty tasks", environment, 1)]


if __name__ == "__main__":
    for figure in figures():
        print(figure.row())
