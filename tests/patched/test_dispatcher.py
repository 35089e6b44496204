"""Every arrival of the open model is carried by one iteration of a real user, or given up aloud."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import gevent
import pytest
from locust import FastHttpUser, SequentialTaskSet, TaskSet, User, constant, task
from locust.env import Environment
from locust.exception import StopUser
from locust.user.task import TaskSet as LocustTaskSet

from reli.arrivals import Schedule, Share
from reli.clock import RunClock
from reli.iterations import IterationInterval
from reli.plan import CONSTANT, ITERATIONS, OpenModel, Plan
from reli.stats import RequestStats
from reli.wiring.dispatcher import Dispatcher, Dropped, Unfinished
from reli.wiring.tap import Tap
from reli_analysis.latency import middles_ms
from reli_analysis.record import StageSpan

LONGEST_S = 20


@dataclass
class Load:
    """Real users of one process under a dispatcher, from :meth:`arrive` on."""

    environment: Environment
    dispatcher: Dispatcher
    plan: Plan
    stats: RequestStats
    tap: Tap
    ready: list[float]
    lost: list[tuple[Exception, float]]
    closed: list[IterationInterval] = field(default_factory=list)

    @property
    def runner(self) -> Any:
        return self.environment.runner

    def users(self) -> list[Any]:
        return [greenlet.args[0] for greenlet in self.runner.user_greenlets]

    def start(self, users: int) -> None:
        """All users are there, and none has an arrival."""
        self.runner.start(users, spawn_rate=1000)
        self.until(lambda: len(self.dispatcher._idle) == users)

    def arrive(self) -> None:
        """Take the whole plan from now on."""
        self.dispatcher.assign(Share(0, 0, 1))

    def until(self, reached: Callable[[], bool]) -> None:
        with gevent.Timeout(LONGEST_S):
            while not reached():
                gevent.sleep(0.005)

    def finished(self) -> int:
        self.closed.append(self.dispatcher.close())
        return sum(interval.finished for interval in self.closed)

    def total(self, name: str) -> int:
        self.closed.append(self.dispatcher.close())
        return sum(getattr(interval, name) for interval in self.closed)

    def stop(self) -> None:
        self.runner.quit()
        self.tap.detach()
        self.dispatcher.detach()


Make = Callable[..., Load]


@pytest.fixture
def make() -> Iterator[Make]:
    """Makes loads that end with the test: arrivals at a rate, from the start, for a time."""
    loads = []

    def make_load(
        *classes: type[User], arrivals: int = 10, over_s: float = 0.2, drop_after_s: float = 30.0
    ) -> Load:
        rate = arrivals / over_s
        span = StageSpan("hold", "hold", "steady", 0.0, over_s, rate, rate)
        plan = Plan((span,), ITERATIONS, 1.0, OpenModel(1, CONSTANT, drop_after_s))
        environment = Environment(user_classes=list(classes))
        environment.create_local_runner()
        lost: list[tuple[Exception, float]] = []
        ready: list[float] = []
        clock = RunClock.begin(1.0)
        # The plan begins with the first share, not while the users still start.
        schedule = FromFirstShare(plan, clock)
        dispatcher = Dispatcher(
            clock,
            schedule,
            drop_after_s,
            on_lost=lambda error, age_s: lost.append((error, age_s)),
            on_ready=lambda: ready.append(clock.elapsed_s()),
        )
        dispatcher.attach()
        stats = RequestStats()
        tap = Tap(environment.stats, stats, dispatcher.take_delay_ms)
        load = Load(environment, dispatcher, plan, stats, tap, ready, lost)
        loads.append(load)
        return load

    yield make_load
    for load in loads:
        load.stop()
