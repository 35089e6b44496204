"""The open model with real Locust processes: the load is the plan's, however slow the service."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest

from reli.plan import build_plan
from reli.profile import load_profile
from support.locust_runs import (
    Outcome,
    Running,
    command_of,
    locust_workers_of,
    master_ports,
    run,
)

LOCUSTFILE = """
import os, socket, time
import gevent, locust
from gevent.pywsgi import WSGIServer
from locust import FastHttpUser, SequentialTaskSet, User, between, task
from reli.wiring import install
from reli_analysis.record import MetricSpec

STALL_S, STALL_FROM_S = float(os.environ.get("STALL_S", "0")), 4.0

class Tally:
    '''Counts its own calls, and stands still once for as long as it is told.'''
    metrics = (
        MetricSpec("calls", "counter", "calls that reached the service", required=True),
        MetricSpec("logins", "counter", "users that were started"),
    )
    def start(self):
        self.calls = self.logins = 0
        self.began = time.monotonic()
    def read(self):
        return {"calls": self.calls, "logins": self.logins}
    def drain(self):
        pass
    def stop(self):
        pass
    def serve(self):
        stalled_for = STALL_FROM_S + STALL_S - (time.monotonic() - self.began)
        if 0 < stalled_for <= STALL_S:
            gevent.sleep(stalled_for)
        gevent.sleep(0.002)
        # Last, so that no interval ends between a call's count and its request's: a worker that is
        # killed reports neither or both.
        self.calls += 1

install(locust.events, service=Tally)

class Caller(User):
    '''A plain user of Locust with steps in order, a login, and waits that the open model ends.'''
    wait_time = between(5, 9)
    def on_start(self):
        self.environment.reli_service.logins += 1

    @task
    class Steps(SequentialTaskSet):
        def call(self, name):
            began = time.perf_counter()
            self.user.environment.reli_service.serve()
            self.user.environment.events.request.fire(
                request_type="CALL", name=name, response_length=0, exception=None, context={},
                response_time=(time.perf_counter() - began) * 1000,
            )
        @task
        def first(self):
            self.call("first")
        @task
        def second(self):
            self.call("second")
"""

FAST_HTTP = """
import locust
from gevent.pywsgi import WSGIServer
from locust import FastHttpUser, between, task
from reli.wiring import install

class Site:
    metrics = ()
    def start(self):
        def answer(environ, start_response):
            start_response("200 OK", [("Content-Length", "2")])
            return [b"ok"]
        self.server = WSGIServer(("127.0.0.1", 0), answer, log=None)
        self.server.start()
        Visitor.host = f"http://127.0.0.1:{self.server.server_port}"
    def read(self):
        return {}
    def drain(self):
        pass
    def stop(self):
        self.server.stop()

install(locust.events, service=Site)

class Visitor(FastHttpUser):
    wait_time = between(5, 9)
    @task
    def page(self):
        self.client.get("/")
"""

PROFILE = """
model: open
arrivals: {arrivals}
users: 10
drop_after: {drop_after}
stages:
  - ramp: {{to: 100/s, for: 2s}}
  - hold: {{for: {hold_s}s}}
budgets:
  - p95 < 500ms
  - error_ratio < 1%
"""

WORKERS = pytest.mark.parametrize(
    "workers", [(), ("--processes", "2")], ids=["alone", "two workers"]
)


def _profile(home: Path, **changes: object) -> str:
    values = {"arrivals": "constant", "drop_after": "30s", "hold_s": 6, **changes}
    path = home / "open.yaml"
    path.write_text(PROFILE.format(**values))
    return str(path)


def _total(outcome: Outcome, column: str) -> int:
    return int(sum(outcome.column(column)))


def _steady(outcome: Outcome, column: str) -> list[float]:
    rows = outcome.table("results.csv")
    return [float(row[column] or 0) for row in rows if row["stage"].startswith("hold")]


@WORKERS
def test_the_load_is_the_plan(tmp_path: Path, workers: tuple[str, ...]) -> None:
    """Arrivals are the plan's to the last one, each begins one iteration, each call is counted."""
    profile = _profile(tmp_path)
    outcome = run(tmp_path, "--load-profile", profile, *workers, locustfile=LOCUSTFILE)
    assert outcome.held, outcome.output
    assert sum(_steady(outcome, "arrivals")) == pytest.approx(600, abs=10)
    assert _total(outcome, "arrivals") == _total(outcome, "iterations_per_s")
    assert _total(outcome, "requests") == outcome.column("calls")[-1]
    assert _total(outcome, "dropped") == 0
    # What is missing was due before the first user was ready; it is never sent in a burst.
    offered = build_plan(load_profile(profile)).iterations_between(0, 8)
    assert 0.9 * offered < _total(outcome, "arrivals") <= offered
    assert outcome.column("logins")[-1] == 10
    names = {row["name"]: int(row["requests"]) for row in outcome.table("requests.csv")}
    assert set(names) == {"first", "second"}


def test_a_stall_is_in_the_response_times_and_not_hidden(tmp_path: Path) -> None:
    """While the service stands still arrivals go on, wait, and count from when they were due."""
    outcome = run(
        tmp_path, "--load-profile", _profile(tmp_path), locustfile=LOCUSTFILE, STALL_S="2"
    )
    assert outcome.code == 1, outcome.output
    assert sum(_steady(outcome, "arrivals")[:6]) == pytest.approx(600, abs=10), "none was left out"
    assert max(_steady(outcome, "waiting")) > 50
    found = outcome.finding("p95")
    # Of 600 arrivals in six seconds 200 came within the two of the stall, evenly.
    assert 1000 < found["observed"] < 2000
    # Ten users sent one request each into the stall: the service time knows of no more.
    assert outcome.finding("error_ratio")["verdict"] == "PASS"
    judged = outcome.json("verdict.json")
    assert judged["verdict"] == "FAIL"


def test_arrivals_that_wait_too_long_are_failures(tmp_path: Path) -> None:
    """A drop is counted once, as a failure of its own kind that waited as long as it did."""
    profile = _profile(tmp_path, drop_after="500ms")
    outcome = run(tmp_path, "--load-profile", profile, locustfile=LOCUSTFILE, STALL_S="2")
    assert outcome.code == 1, outcome.output
    dropped = _total(outcome, "dropped")
    assert dropped > 50
    failures = outcome.table("failures.csv")
    assert {(row["type"], row["name"], row["error"]) for row in failures} == {
        ("ARRIVAL", "(dropped)", "Dropped")
    }
    assert sum(int(row["count"]) for row in failures) == dropped
    assert _total(outcome, "arrivals") == _total(outcome, "iterations_per_s") + dropped
    assert max(outcome.column("start_delay_max_ms")) < 1500
    assert outcome.finding("error_ratio")["verdict"] == "FAIL"


def test_a_stall_at_the_end_is_judged_with_the_window_in_which_it_began(tmp_path: Path) -> None:
    """What was due within the plan is waited for, and its answers count although they come later."""
    outcome = run(
        tmp_path, "--load-profile", _profile(tmp_path), locustfile=LOCUSTFILE, STALL_S="7"
    )
    assert outcome.code == 1, outcome.output
    assert outcome.finding("p95")["observed"] > 3000
    drained = [row for row in outcome.table("results.csv") if row["stage"] == "drain"]
    assert sum(int(row["requests"]) for row in drained if row["window"] == "steady") > 300
    assert _total(outcome, "arrivals") == _total(outcome, "iterations_per_s")


def test_a_service_that_never_answers_again_does_not_pass(tmp_path: Path) -> None:
    """A stall that outlasts the run belongs to the window in which it began."""
    profile = _profile(tmp_path, drop_after="1s")
    outcome = run(tmp_path, "--load-profile", profile, locustfile=LOCUSTFILE, STALL_S="60")
    assert outcome.code == 1, outcome.output
    errors = {row["error"]: int(row["count"]) for row in outcome.table("failures.csv")}
    assert errors["Unfinished"] == 10, "the users that hang at the end"
    assert errors["Dropped"] > 50, "a hundred a second, from the stall's beginning on"


def test_poisson_arrivals_and_a_fast_http_user(tmp_path: Path) -> None:
    """Locust's own HTTP user takes random arrivals as well."""
    profile = _profile(tmp_path, arrivals="poisson")
    outcome = run(tmp_path, "--load-profile", profile, "--seed", "7", locustfile=FAST_HTTP)
    assert outcome.held, outcome.output
    assert _total(outcome, "requests") == _total(outcome, "arrivals")
    assert len({round(count / 5) for count in _steady(outcome, "arrivals")}) > 1, "random, not even"


def test_a_killed_worker_is_replaced_by_the_others(tmp_path: Path) -> None:
    """SIGKILL of one of two workers: its share goes to the other, and the rate is the plan's."""
    profile = _profile(tmp_path, hold_s=14)
    arguments = ("--headless", "--load-profile", profile, "--processes", "2")
    with Running(tmp_path, *arguments, locustfile=LOCUSTFILE) as running:
        running.wait_for_rows(5)
        os.kill(locust_workers_of(running.process.pid)[0], signal.SIGKILL)
        outcome = running.wait()
    arrivals = _steady(outcome, "arrivals")
    short = [index for index, count in enumerate(arrivals) if count < 99]
    assert 1 <= len(short) <= 5, arrivals
    assert sum(arrivals[-5:]) == pytest.approx(500, abs=10)
    events = outcome.table("events.csv")
    assert any("lost" in row["message"] for row in events)
    assert any(row["kind"] == "shares" and "2 -> 1" in row["message"] for row in events)
    assert outcome.finding("workers lost")["verdict"] in {"PASS", "INCONCLUSIVE"}
    rows = outcome.table("results.csv")
    assert [int(float(row["elapsed_s"])) for row in rows] == list(range(len(rows)))
    assert _total(outcome, "requests") == outcome.column("calls")[-1], "the lost one's count, too"
    assert [int(users) for users in outcome.column("users")][-4] == 10, "its users came back"


def test_a_worker_that_joins_takes_its_share(tmp_path: Path) -> None:
    """A second worker comes in mid-run: both carry half, and the rate stays the plan's."""
    ports = master_ports()
    arguments = ("--headless", "--master", *ports, "--expect-workers", "1")
    profile = _profile(tmp_path, hold_s=14)
    join = ("--worker", *ports)
    with (
        Running(tmp_path, *arguments, "--load-profile", profile, locustfile=LOCUSTFILE) as running,
        Running(tmp_path, *join) as first,
    ):
        running.wait_for_rows(4)
        with Running(tmp_path, *join) as second:
            outcome = running.wait()
            assert (first.wait().code, second.wait().code) == (0, 0)
    assert outcome.held, outcome.output
    assert sum(_steady(outcome, "arrivals")) == pytest.approx(1400, abs=10), "each once"
    assert any("1 -> 2" in row["message"] for row in outcome.table("events.csv"))
    assert _total(outcome, "requests") == outcome.column("calls")[-1]


def test_without_workers_the_run_is_invalid(tmp_path: Path) -> None:
    """SIGKILL of all workers: the run ends by itself, INVALID, with what was counted till then."""
    arguments = ("--headless", "--load-profile", _profile(tmp_path, hold_s=60))
    with Running(tmp_path, *arguments, "--processes", "2", locustfile=LOCUSTFILE) as running:
        running.wait_for_rows(5)
        for worker in locust_workers_of(running.process.pid):
            os.kill(worker, signal.SIGKILL)
        outcome = running.wait(60)
    assert outcome.code == 4, outcome.output
    assert outcome.json("run.json")["state"] == "lost"
    assert _total(outcome, "requests") == outcome.column("calls")[-1]


def test_workers_do_not_outlive_their_master(tmp_path: Path) -> None:
    """SIGKILL of the master: the workers end the load and themselves; the record is lost, whole."""
    arguments = ("--headless", "--load-profile", _profile(tmp_path, hold_s=60))
    with Running(tmp_path, *arguments, "--processes", "2", locustfile=LOCUSTFILE) as running:
        running.wait_for_rows(5)
        workers = locust_workers_of(running.process.pid)
        os.kill(running.process.pid, signal.SIGKILL)
        running.process.wait()
        deadline = time.monotonic() + 30  # Locust's own patience is 60 s
        while any("locust" in command_of(worker) for worker in workers):
            assert time.monotonic() < deadline, "workers go on without a master"
            time.sleep(0.1)
        outcome = running.outcome()
        while outcome.json("run.json")["state"] == "running":
            assert time.monotonic() < deadline
            time.sleep(0.1)
    assert "no word from the master" in outcome.output
    assert outcome.json("run.json")["state"] == "lost"
    rows = outcome.table("results.csv")
    assert _total(outcome, "requests") == outcome.column("calls")[-1]
    assert [int(float(row["elapsed_s"])) for row in rows] == list(range(len(rows)))


def test_thousands_of_users_are_spawned_at_once(tmp_path: Path) -> None:
    """A spawn rate of thousands a second, with workers, gives all users and no stage is skipped."""
    profile = tmp_path / "many.yaml"
    profile.write_text(
        "stages:\n"
        "  - ramp: {to: 500 users, for: 1s}\n"
        "  - step: {from: 1000 users, to: 3000 users, steps: 3, each: 2s}\n"
    )
    idle = (
        "import locust\nfrom locust import User, constant, task\nfrom reli.wiring import install\n"
        "install(locust.events)\n"
        "class Idle(User):\n    wait_time = constant(1000)\n    @task\n    def nothing(self): pass\n"
    )
    outcome = run(tmp_path, "--load-profile", str(profile), "--processes", "2", locustfile=idle)
    rows = outcome.table("results.csv")
    reached = {row["stage"]: int(row["users"]) for row in rows if row["stage"] != "drain"}
    levels = [users for stage, users in reached.items() if stage.startswith("step")]
    assert levels == [1000, 2000, 3000], json.dumps(reached)
