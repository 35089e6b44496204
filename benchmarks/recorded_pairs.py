"""What recording takes from a load: one Locust run in which it is switched on and off.

Two processes would differ by more than what is measured, because their memory lies otherwise.
"""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

import gevent
from figures import Figure

from reli.health import Health
from reli.intervals import Part
from reli.stats import RequestStats
from reli.wiring.tap import Tap

if TYPE_CHECKING:
    from collections.abc import Callable

    from locust.env import Environment

PAIRS = 120
SECONDS = 0.25


def _requests_per_cpu_s(environment: Environment, at_end: Callable[[], None]) -> float:
    """Let the load run for an interval, its end included; by CPU time of this process."""
    total = environment.stats.total
    began, requests = time.process_time(), total.num_requests
    gevent.sleep(SECONDS)
    at_end()
    return (total.num_requests - requests) / (time.process_time() - began)


def _plain(environment: Environment) -> float:
    return _requests_per_cpu_s(environment, lambda: None)


def _recorded(environment: Environment) -> float:
    stats = RequestStats()
    tap = Tap(environment.stats, stats)

    def report() -> None:
        tap.show(time.time())
        closed = stats.close()
        Part(0, 1, 0, Health(), closed.endpoints, closed.failures, closed.services).to_wire()

    try:
        return _requests_per_cpu_s(environment, report)
    finally:
        tap.detach()


def recording_figure(name: str, environment: Environment, users: int) -> Figure:
    """The requests that recording costs, in percent of what the same users make without it."""
    runner = environment.create_local_runner()
    runner.start(users, spawn_rate=100)
    gevent.sleep(4 * SECONDS)
    lost = []
    for number in range(PAIRS):
        # Which comes first alternates too: a machine that slows down favours neither.
        if number % 2:
            plain, recorded = _plain(environment), _recorded(environment)
        else:
            recorded, plain = _recorded(environment), _plain(environment)
        lost.append((1 - recorded / plain) * 100)
    failures = environment.stats.total.num_failures
    runner.quit()
    if failures:
        raise RuntimeError(f"{failures} requests failed")
    low, _, high = statistics.quantiles(lost, n=4)
    return Figure(
        name,
        statistics.median(lost),
        5.0,
        "%",
        f"by CPU time, median of {PAIRS} alternating pairs of intervals of one run; "
        f"half of them from {low:.1f} to {high:.1f} %",
    )
