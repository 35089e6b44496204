"""What recording a request costs on top of Locust's own event."""

from __future__ import annotations

import statistics
import time
from functools import partial
from typing import TYPE_CHECKING

import locust  # noqa: F401 -- patches the process, so it comes first
from figures import Figure
from locust.env import Environment

from reli.stats import RequestStats
from reli.wiring.tap import Tap

if TYPE_CHECKING:
    from collections.abc import Callable

REQUESTS = 20_000
ROUNDS = 15


def _round_us(environment: Environment, at_end: Callable[[], object]) -> float:
    """Microseconds a request for one second's worth of requests, the interval's end included."""
    fire = environment.events.request.fire
    began = time.perf_counter()
    for number in range(REQUESTS):
        fire(  # type: ignore[no-untyped-call]  # Locust's events have no annotations
            request_type="GET",
            name="/",
            response_time=0.1 + (number % 997) / 100,
            response_length=12,
            response=None,
            context={},
            exception=None,
        )
    at_end()
    return (time.perf_counter() - began) / REQUESTS * 1e6


def _close(tap: Tap, stats: RequestStats) -> None:
    tap.show(time.time())
    stats.close()


def figures() -> list[Figure]:
    """Rounds with and without our tap, alternating; the median of the differences."""
    environment = Environment()
    environment.create_local_runner()
    stats = RequestStats()
    extra = []
    for _ in range(ROUNDS):
        plain = _round_us(environment, lambda: None)
        tap = Tap(environment.stats, stats)
        recorded = _round_us(environment, partial(_close, tap, stats))
        tap.detach()
        extra.append(recorded - plain)
    return [
        Figure(
            "Recording a request, on top of Locust's event",
            statistics.median(extra),
            3.0,
            "us",
            f"median of {ROUNDS} alternating rounds of {REQUESTS:,} events",
        )
    ]


if __name__ == "__main__":
    for figure in figures():
        print(figure.row())
