"""The task set of lean users runs tasks as Locust's own does."""

from __future__ import annotations

from collections import Counter
from typing import Any

import gevent
import pytest
from locust import TaskSet, constant, task
from locust.env import Environment
from locust.user.task import TaskSet as LocustTaskSet

from reli.users import LeanHttpUser
from reli.users.root_tasks import RootTasks
from support.scripted_server import ScriptedServer


def _run(user_class: type[LeanHttpUser], seconds: float = 0.3) -> None:
    environment = Environment(user_classes=[user_class], host=user_class.host)
    runner = environment.create_local_runner()
    runner.start(1, spawn_rate=10)
    gevent.sleep(seconds)
    runner.quit()


def test_tasks_run_by_their_weight() -> None:
    """Functions and nested task sets, each as often as it weighs."""
    ran: Counter[str] = Counter()

    class Visitor(LeanHttpUser):
        host = "http://127.0.0.1:1"
        wait_time = constant(0)

        @task(9)
        def often(self) -> None:
            ran["often"] += 1
            assert isinstance(self._taskset_instance, RootTasks)

        @task
        class Nested(TaskSet):
            @task
            def inner(self) -> None:
                ran["inner"] += 1
                self.interrupt()  # type: ignore[no-untyped-call]  # as Locust's are

    _run(Visitor)
    assert ran.total() > 100
    assert ran["often"] / ran.total() == pytest.approx(0.9, abs=0.08)


def test_a_user_that_sends_nothing_gives_way() -> None:
    """Without a request that waits, others get their turn between two tasks."""
    turns = 0

    class Busy(LeanHttpUser):
        host = "http://127.0.0.1:1"
        wait_time = constant(0)

        @task
        def nothing(self) -> None:
            pass

    with ScriptedServer() as server:

        class Sends(Busy):
            host = server.url

            @task
            def ask(self) -> None:
                self.client.get("/")

        class SentOnce(Busy):
            host = server.url

            def on_start(self) -> None:
                self.client.get("/")

        for user_class in (Busy, Sends, SentOnce):
            environment = Environment(user_classes=[user_class], host=user_class.host)
            runner = environment.create_local_runner()
            runner.start(2, spawn_rate=10)
            for _ in range(20):
                gevent.sleep(0.005)
                turns += 1
            runner.quit()
    assert turns == 60


def test_what_stands_in_for_locusts_methods_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pacing and arrivals take the place of ``execute_next_task`` and ``wait``."""
    called: Counter[str] = Counter()

    def counting(name: str) -> Any:
        original = getattr(LocustTaskSet, name)

        def stand_in(self: Any) -> None:
            called[name] += 1
            original(self)

        return stand_in

    for name in ("execute_next_task", "wait"):
        monkeypatch.setattr(LocustTaskSet, name, counting(name))

    class Visitor(LeanHttpUser):
        host = "http://127.0.0.1:1"
        wait_time = constant(0)

        @task
        def nothing(self) -> None:
            pass

    _run(Visitor, 0.1)
    assert called["execute_next_task"] > 10
    assert called["execute_next_task"] - called["wait"] in (0, 1)


def test_a_user_without_tasks_says_so() -> None:
    """In Locust's own words."""
    user = type("Idle", (LeanHttpUser,), {"abstract": True, "host": "http://127.0.0.1:1"})(
        Environment()
    )
    with pytest.raises(Exception, match="No tasks defined"):
        RootTasks(user).get_next_task()
