"""What recording takes from a Locust run whose tasks do nothing but fire the event."""

from __future__ import annotations

import statistics
import time

import gevent
import locust  # noqa: F401 -- patches the process, so it comes first
from figures import Figure
from locust import User, constant, task
from locust.env import Environment

from reli.health import Health
from reli.intervals import Part
from reli.stats import RequestStats
from reli.wiring.tap import Tap

PAIRS = 120
SECONDS = 0.25


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


def _iterations_per_cpu_s(stats: RequestStats | None) -> float:
    """Let the load run for an interval, its end included; by CPU time of this process."""
    began, iterations = time.process_time(), Empty.iterations
    gevent.sleep(SECONDS)
    if stats is not None:
        closed = stats.close()
        Part(0, 1, 0, Health(), closed.endpoints, closed.failures, closed.services).to_wire()
    return (Empty.iterations - iterations) / (time.process_time() - began)


def _recorded(environment: Environment) -> float:
    stats = RequestStats()
    tap = Tap(environment.stats, stats)
    try:
        return _iterations_per_cpu_s(stats)
    finally:
        tap.detach()


def figures() -> list[Figure]:
    """One Locust run in which recording is switched on and off, interval by interval.

    Two processes would differ by more than what is measured, because their memory lies otherwise.
    """
    environment = Environment(user_classes=[Empty])
    runner = environment.create_local_runner()
    runner.start(1, spawn_rate=1)
    gevent.sleep(SECONDS)
    lost = []
    for number in range(PAIRS):
        # Which comes first alternates too: a machine that slows down favours neither.
        if number % 2:
            plain, recorded = _iterations_per_cpu_s(None), _recorded(environment)
        else:
            recorded, plain = _recorded(environment), _iterations_per_cpu_s(None)
        lost.append((1 - recorded / plain) * 100)
    runner.quit()
    low, _, high = statistics.quantiles(lost, n=4)
    return [
        Figure(
            "Iterations lost in a run of empty tasks",
            statistics.median(lost),
            5.0,
            "%",
            f"by CPU time, median of {PAIRS} alternating pairs of intervals of one run; "
            f"half of them from {low:.1f} to {high:.1f} %",
        )
    ]


if __name__ == "__main__":
    for figure in figures():
        print(figure.row())
