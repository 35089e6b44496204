"""Every arrival of the open model is carried by one iteration of a real user, or given up aloud."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import gevent
import pytest
from gevent.pywsgi import WSGIServer
from locust import FastHttpUser, HttpUser, SequentialTaskSet, TaskSet, User, constant, task
from locust.env import Environment
from locust.exception import StopUser

from reli.arrivals import Axis, Schedule, Share
from reli.clock import RunClock
from reli.counts import Counts
from reli.iterations import IterationInterval
from reli.plan import CONSTANT, ITERATIONS, OpenModel, Plan
from reli.stats import RequestStats
from reli.users import LeanHttpUser
from reli.wiring.dispatcher import Dispatcher, Dropped, Unfinished
from reli.wiring.tap import Tap
from reli_analysis.latency import middles_ms
from reli_analysis.record import StageSpan

LONGEST_S = 20


@dataclass
class Load:
    """Real users of one process under a dispatcher."""

    environment: Environment
    clock: RunClock
    rate_per_s: float
    dispatcher: Dispatcher
    plan: Plan
    stats: RequestStats
    tap: Tap
    lost: list[tuple[Exception, float]]
    closed: list[IterationInterval] = field(default_factory=list)

    @property
    def users(self) -> list[Any]:
        runner: Any = self.environment.runner
        return [greenlet.args[0] for greenlet in runner.user_greenlets if greenlet.args]

    def start(self, users: int) -> None:
        """All users are there, and none has an arrival."""
        runner: Any = self.environment.runner
        runner.start(users, spawn_rate=100)
        self.until(lambda: len(self.dispatcher._idle) == users)

    def arrive(self, arrivals: int) -> list[float]:
        """So many arrivals come from now on, and then none; returns when each is due."""
        first = math.ceil(Axis(self.plan).place(self.clock.elapsed_s()))
        self.dispatcher.assign(Share(first, 0, 1))
        self.dispatcher.assign(Share(first + arrivals, 0, 0))
        return [(first + number + 0.5) / self.rate_per_s for number in range(arrivals)]

    def until(self, reached: Callable[[], bool]) -> None:
        with gevent.Timeout(LONGEST_S):
            while not reached():
                gevent.sleep(0.005)

    def total(self, name: str) -> int:
        """A count over all intervals so far."""
        self.closed.append(self.dispatcher.close())
        return sum(getattr(interval, name) for interval in self.closed)

    def mean_ms(self, name: str) -> float:
        """The mean of a histogram over all intervals so far."""
        self.closed.append(self.dispatcher.close())
        parts = [_sum_and_count(getattr(interval, name)) for interval in self.closed]
        return sum(part[0] for part in parts) / sum(part[1] for part in parts)

    def longest_ms(self, name: str) -> float:
        """The longest time of a histogram over all intervals so far."""
        indexes = [getattr(interval, name)[0] for interval in self.closed]
        return max(float(middles_ms()[each].max()) for each in indexes if len(each))

    def stop(self) -> None:
        runner: Any = self.environment.runner
        runner.quit()
        self.tap.detach()
        self.dispatcher.detach()


def _sum_and_count(counts: Counts) -> tuple[float, int]:
    return float(middles_ms()[counts[0]] @ counts[1]), int(counts[1].sum())


Make = Callable[..., Load]


@pytest.fixture
def make() -> Iterator[Make]:
    """Makes loads that end with the test."""
    loads = []

    def make_load(
        *classes: type[User], rate_per_s: float = 200, drop_after_s: float = 30.0
    ) -> Load:
        span = StageSpan("hold", "hold", "steady", 0.0, 600.0, rate_per_s, rate_per_s)
        plan = Plan((span,), ITERATIONS, 1.0, OpenModel(1, CONSTANT, drop_after_s))
        environment = Environment(user_classes=list(classes))
        environment.create_local_runner()
        lost: list[tuple[Exception, float]] = []
        clock = RunClock.begin(1.0)
        dispatcher = Dispatcher(
            clock,
            Schedule(plan, CONSTANT, "seed"),
            drop_after_s,
            on_lost=lambda error, age_s: lost.append((error, age_s)),
            on_ready=lambda: None,
        )
        dispatcher.attach()
        stats = RequestStats()
        tap = Tap(environment.stats, stats, dispatcher.take_delay_ms)
        load = Load(environment, clock, rate_per_s, dispatcher, plan, stats, tap, lost)
        loads.append(load)
        return load

    yield make_load
    for load in loads:
        load.stop()


def _noting(note: Callable[[User], None], works_s: float = 0.0, **attributes: Any) -> type[User]:
    """A class of users whose one task notes that it ran, and takes a time."""

    def work(user: User) -> None:
        note(user)
        gevent.sleep(works_s)

    return type("Noting", (User,), {"tasks": [work], "abstract": False, **attributes})


def _fire(user: User, name: str, time_ms: float = 1.0) -> None:
    user.environment.events.request.fire(
        request_type="GET", name=name, response_time=time_ms, response_length=0, exception=None
    )


def test_every_arrival_is_one_iteration_that_begins_when_it_is_due(make: Make) -> None:
    """None is left out, none runs twice, none begins early."""
    began: list[float] = []
    load = make(_noting(lambda _user: began.append(load.clock.elapsed_s())))
    load.start(5)
    due = load.arrive(40)
    load.until(lambda: load.total("finished") == 40)
    gevent.sleep(0.05)
    assert len(began) == load.total("arrivals") == load.total("finished") == 40
    assert all(at >= moment for at, moment in zip(sorted(began), due, strict=True))


def test_response_time_is_delay_and_service(make: Make) -> None:
    """When all users are busy, arrivals wait in line, and their wait counts."""
    load = make(_noting(lambda _user: None, works_s=0.03))
    load.start(1)
    load.arrive(10)
    load.until(lambda: load.total("finished") == 10)
    delay, service, response = map(load.mean_ms, ("delays", "services", "responses"))
    assert response == pytest.approx(delay + service, rel=0.005)
    assert service >= 30
    # Each is due 5 ms after the one before it, which takes 30: the line grows by 25.
    assert delay >= 25 * 9 / 2
    assert load.closed[0].arrivals + sum(each.arrivals for each in load.closed[1:]) == 10


def test_idle_users_are_not_late_for_what_others_waited(make: Make) -> None:
    """Only an arrival that found a user idle says how late the generator itself was."""
    load = make(_noting(lambda _user: None, works_s=0.05))
    load.start(1)
    load.arrive(4)
    load.until(lambda: load.total("finished") == 4)
    idle = sum(int(interval.idle_delays[1].sum()) for interval in load.closed)
    assert idle == 1


def test_the_first_request_of_an_iteration_carries_its_delay(make: Make) -> None:
    """What follows in the same iteration does not; and service times stay as they were."""
    delays: list[float] = []

    def work(user: User) -> None:
        delays.append(load.dispatcher._delays_ms[gevent.getcurrent()])
        gevent.sleep(0.03)
        _fire(user, "first")
        _fire(user, "second")

    load = make(type("Asking", (User,), {"tasks": [work], "abstract": False}))
    load.start(1)
    load.arrive(5)
    load.until(lambda: load.total("finished") == 5)
    interval = load.stats.close()
    times = {endpoint.name: _sum_and_count(endpoint.counts) for endpoint in interval.endpoints}
    assert times["first"] == pytest.approx((5 + sum(delays), 5), rel=0.001)
    assert times["second"] == pytest.approx((5, 5), rel=0.001)
    assert _sum_and_count(interval.services) == pytest.approx((10, 10), rel=0.001)


def test_a_request_of_a_greenlet_that_the_task_started_carries_the_delay(make: Make) -> None:
    """Tasks that ask several things at once are iterations like others."""
    delays: list[float] = []

    def work(user: User) -> None:
        delays.append(load.dispatcher._delays_ms[gevent.getcurrent()])
        gevent.joinall([gevent.spawn(_fire, user, "each") for _ in range(3)])

    load = make(type("Asking", (User,), {"tasks": [work], "abstract": False}))
    load.start(1)
    load.arrive(4)
    load.until(lambda: load.total("finished") == 4)
    (endpoint,) = load.stats.close().endpoints
    assert _sum_and_count(endpoint.counts) == pytest.approx((12 + sum(delays), 12), rel=0.001)


@pytest.fixture
def host() -> Iterator[str]:
    """A small HTTP server."""

    def answer(_environment: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    server = WSGIServer(("127.0.0.1", 0), answer, log=None)
    server.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.stop()


class _Http(HttpUser):
    abstract = True

    def on_stop(self) -> None:
        self.client.close()


class _FastHttp(FastHttpUser):
    abstract = True

    def on_stop(self) -> None:
        self.client.client.close()


@pytest.mark.parametrize("kind", [_Http, _FastHttp, LeanHttpUser])
def test_any_kind_of_user_carries_arrivals(make: Make, host: str, kind: type[User]) -> None:
    """Each request is one iteration's, and as much longer than its service as it began late."""

    class Asking(kind):  # type: ignore[misc,valid-type]  # given from outside
        @task
        def ask(self) -> None:
            self.client.get("/")

    Asking.host = host
    load = make(Asking)
    load.start(2)
    load.arrive(20)
    load.until(lambda: load.total("finished") == 20)
    interval = load.stats.close()
    (endpoint,) = interval.endpoints
    assert (endpoint.requests, endpoint.failures) == (20, 0)
    response_ms, _count = _sum_and_count(endpoint.counts)
    service_ms, _count = _sum_and_count(interval.services)
    delay_ms = load.mean_ms("delays") * 20
    assert response_ms == pytest.approx(service_ms + delay_ms, rel=0.002)


def test_requests_outside_an_iteration_carry_no_delay(make: Make) -> None:
    """A user's on_start may ask what it likes, and wait as it likes; it takes no arrival."""
    waits: list[float] = []

    class Starting(User):
        wait_time = constant(0.05)

        def on_start(self) -> None:
            _fire(self, "login")
            began = time.perf_counter()
            self.wait()  # type: ignore[no-untyped-call]  # Locust has no annotations
            waits.append(time.perf_counter() - began)

        @task
        def work(self) -> None: ...

    load = make(Starting)
    load.start(2)
    assert load.total("arrivals") == load.total("finished") == 0
    (endpoint,) = load.stats.close().endpoints
    assert _sum_and_count(endpoint.counts) == pytest.approx((2, 2), rel=0.001)
    assert min(waits) >= 0.05


def test_the_wait_between_tasks_falls_away(make: Make) -> None:
    """wait_time has no say in an open load."""
    load = make(_noting(lambda _user: None, wait_time=constant(60)))
    load.start(1)
    load.arrive(5)
    load.until(lambda: load.total("finished") == 5)


def test_think_time_within_a_task_stays(make: Make) -> None:
    """self.wait() was written by hand: it is part of what the iteration does."""

    class Thinking(User):
        wait_time = constant(0.04)

        @task
        def work(self) -> None:
            self.wait()  # type: ignore[no-untyped-call]  # Locust has no annotations

    load = make(Thinking)
    load.start(1)
    load.arrive(5)
    load.until(lambda: load.total("finished") == 5)
    assert load.mean_ms("services") >= 40


def test_think_time_stays_after_an_interrupt(make: Make) -> None:
    """Locust does not wait after one, so the next wait is one of the next task."""

    class Visit(TaskSet):
        wait_time = constant(0.04)

        @task
        def think_and_leave(self) -> None:
            self.wait()  # type: ignore[no-untyped-call]  # Locust has no annotations
            self.interrupt()  # type: ignore[no-untyped-call]  # as above

    class Visitor(User):
        visit = task(Visit)

    load = make(Visitor)
    load.start(1)
    load.arrive(4)
    load.until(lambda: load.total("finished") == 4)
    assert load.mean_ms("services") >= 40


def test_what_waits_too_long_is_given_up_with_its_wait(make: Make) -> None:
    """A dropped arrival is a failure of its own kind; with the rest every arrival is accounted."""
    load = make(_noting(lambda _user: None, works_s=0.12), rate_per_s=100, drop_after_s=0.05)
    load.start(1)
    load.arrive(40)
    load.until(lambda: load.total("finished") + load.total("dropped") == 40)
    assert load.total("dropped") == len(load.lost) >= 30
    assert {type(error) for error, _age in load.lost} == {Dropped}
    assert min(age for _error, age in load.lost) > 0.05
    assert load.dispatcher.close().waiting == 0
    late_ms = max(load.longest_ms("idle_delays"), 50)
    assert load.longest_ms("delays") <= late_ms * 1.001, "none begins that should be given up"


def test_a_nested_task_set_makes_each_inner_task_an_iteration(make: Make) -> None:
    """Until it interrupts; what its on_start asks belongs to the first of them."""
    ran: list[str] = []

    class Shop(SequentialTaskSet):
        def on_start(self) -> None:
            ran.append("on_start")

        @task
        def look(self) -> None:
            ran.append("look")

        @task
        def pay(self) -> None:
            ran.append("pay")
            self.interrupt()  # type: ignore[no-untyped-call]  # Locust has no annotations

    class Visitor(User):
        visit = task(Shop)

    load = make(Visitor)
    load.start(1)
    load.arrive(6)
    load.until(lambda: load.total("finished") == 6)
    assert ran == ["on_start", "look", "pay"] * 3
    load.until(lambda: len(load.dispatcher._idle) == 1)
    assert not load.dispatcher._running


@pytest.mark.parametrize("reschedule", [True, False])
def test_interrupts_and_errors_lose_no_arrival(make: Make, reschedule: bool) -> None:
    """However an inner task ends, the user takes the next arrival without waiting."""
    ran: Counter[str] = Counter()

    class Inner(TaskSet):
        wait_time = constant(60)

        @task
        def leave(self) -> None:
            ran["leave"] += 1
            self.interrupt(reschedule=reschedule)  # type: ignore[no-untyped-call]  # as above

    class Visitor(User):
        wait_time = constant(60)
        visit = task(Inner)

        @task
        def fail(self) -> None:
            ran["fail"] += 1
            raise ValueError("no luck")

    load = make(Visitor)
    load.start(2)
    load.arrive(30)
    load.until(lambda: load.total("finished") == 30)
    assert ran.total() == 30
    assert set(ran) == {"leave", "fail"}


def test_an_error_outside_a_task_does_not_spin(make: Make) -> None:
    """A task set that cannot say its next task is asked again after Locust's wait, not at once."""
    asked: list[float] = []

    class Broken(TaskSet):
        wait_time = constant(0.05)

        def get_next_task(self) -> Any:
            asked.append(time.perf_counter())
            if len(asked) > 1:
                raise LookupError
            return super().get_next_task()  # type: ignore[no-untyped-call] # as all of Locust's

        @task
        def work(self) -> None: ...

    class Visitor(User):
        visit = task(Broken)

    load = make(Visitor)
    load.start(1)
    load.arrive(1)
    load.until(lambda: len(asked) == 4)
    assert asked[3] - asked[1] >= 0.1


def test_a_user_that_stops_itself_ends_its_iteration(make: Make) -> None:
    """StopUser ends the user, not the load: the others take what comes."""

    def work(user: User) -> None:
        if not ran:
            ran.append(user)
            raise StopUser
        ran.append(user)

    ran: list[User] = []
    load = make(type("Quitting", (User,), {"tasks": [work], "abstract": False}))
    load.start(2)
    load.arrive(10)
    load.until(lambda: load.total("finished") == 10)
    assert len(ran) == 10
    assert len(load.users) == 1
    assert ran[0] not in ran[1:]


def test_a_user_killed_with_an_arrival_on_its_way_leaves_it_to_another(make: Make) -> None:
    """Whether another is idle or all are busy, the arrival keeps its place."""
    ran: list[User] = []
    load = make(_noting(ran.append))
    load.start(3)
    *doomed, spared = load.users
    for user in doomed:
        user.greenlet.kill(block=False)  # at the loop's next turn, after the arrivals
    for _ in range(3):
        load.dispatcher._arrive(load.clock.elapsed_s())
    load.until(lambda: load.total("finished") == 3)
    assert ran == [spared] * 3
    spared.greenlet.kill(block=False)
    load.dispatcher._arrive(load.clock.elapsed_s())
    load.until(lambda: load.dispatcher.close().waiting == 1)
    assert not load.users


@pytest.mark.parametrize(("drop_after_s", "lost"), [(30.0, 0), (0.02, 1)])
def test_a_user_killed_within_an_iteration_cuts_it(
    make: Make, drop_after_s: float, lost: int
) -> None:
    """One that was not overdue was merely ended; one that was is a failure as long as its age."""
    load = make(_noting(lambda _user: None, works_s=60), drop_after_s=drop_after_s)
    load.start(1)
    load.arrive(1)
    load.until(lambda: len(load.dispatcher._running) == 1)
    gevent.sleep(0.05)
    (user,) = load.users
    user.stop(force=True)
    assert (load.total("cut"), load.total("finished")) == (1, 0)
    assert [type(error) for error, _age in load.lost] == [Unfinished] * lost
    assert all(age > drop_after_s for _error, age in load.lost)
    assert load.dispatcher.close().running == 0


def test_waiting_users_stop_soon_and_busy_ones_at_their_end(make: Make) -> None:
    """A graceful stop kills nobody, so no iteration is cut that was just about to begin."""
    ran: list[User] = []
    load = make(_noting(ran.append, works_s=0.1))
    load.start(2)
    load.arrive(1)
    load.until(lambda: len(ran) == 1)
    (busy,) = ran
    (waiting,) = (user for user in load.users if user is not busy)
    assert waiting.stop() is False
    load.arrive(1)
    assert busy.stop() is False
    load.until(lambda: not load.users)
    assert (load.total("finished"), load.total("cut")) == (1, 0), "the arrival is for others"


def test_idle_users_take_turns(make: Make) -> None:
    """So a class of users gets the share of the arrivals that its weight asks for."""
    ran: list[User] = []
    often = _noting(ran.append, weight=3)
    seldom = type("Seldom", (often,), {"weight": 1, "tasks": often.tasks})
    load = make(often, seldom)
    load.start(4)
    load.arrive(40)
    load.until(lambda: load.total("finished") == 40)
    assert Counter(type(user) for user in ran) == {often: 30, seldom: 10}


def test_tasks_that_never_give_way_do_not_starve_the_process(make: Make) -> None:
    """With arrivals in line a user lets the others have a turn between two tasks."""
    turns: list[int] = [0]
    seen: list[int] = []

    def hog(_user: User) -> None:
        seen.append(turns[0])
        until = time.perf_counter() + 0.004
        while time.perf_counter() < until:
            pass

    def count_turns() -> None:
        while True:
            turns[0] += 1
            gevent.sleep(0)

    load = make(type("Hog", (User,), {"tasks": [hog], "abstract": False}), rate_per_s=1000)
    load.start(1)
    counter = gevent.spawn(count_turns)
    load.arrive(50)
    load.until(lambda: load.total("finished") == 50)
    counter.kill()
    assert max(Counter(seen).values()) <= 2


def test_a_pause_begins_no_more_until_the_next_share(make: Make) -> None:
    """What was due meanwhile is left out, not made up for."""
    load = make(_noting(lambda _user: None))
    load.start(2)
    load.arrive(1000)
    load.until(lambda: load.total("finished") > 5)
    load.dispatcher.pause()
    gevent.sleep(0.15)  # it looks a tenth of a second ahead
    before = load.total("finished")
    gevent.sleep(0.2)
    assert load.total("finished") == before
    due = load.arrive(10)
    load.until(lambda: load.total("finished") >= before + 10)
    assert load.total("finished") <= before + 11, "one may have been due at that moment"
    assert load.mean_ms("delays") < (due[-1] - due[0]) * 1000


def test_detached_it_leaves_locust_as_it_was() -> None:
    """The loop of Locust's users is its own again."""
    before = TaskSet.execute_next_task, TaskSet.wait
    clock = RunClock.begin(1.0)
    span = StageSpan("hold", "hold", "steady", 0.0, 10.0, 1.0, 1.0)
    schedule = Schedule(Plan((span,), ITERATIONS, 1.0), CONSTANT, "seed")
    dispatcher = Dispatcher(clock, schedule, 30.0, lambda *_: None, lambda: None)
    dispatcher.attach()
    assert (TaskSet.execute_next_task, TaskSet.wait) != before
    dispatcher.detach()
    assert (TaskSet.execute_next_task, TaskSet.wait) == before
    assert dispatcher.greenlet.dead
