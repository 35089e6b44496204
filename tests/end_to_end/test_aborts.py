"""A budget that says ``abort`` ends the run when it breaks: at once, in order, and as a FAIL."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from support.locust_runs import (
    Outcome,
    Running,
    children_of,
    command_of,
    master_ports,
    run,
)

BREAKING = """
import os, time
import gevent, locust
from locust import constant, task
from reli.users import ServiceUser
from reli.wiring import install

class Breaking:
    '''Answers for a while, and then raises at every call (or at each of a share).'''
    metrics = ()
    def start(self):
        self.begun_s = time.monotonic()
        self.calls = 0
    def read(self):
        return {}
    def drain(self):
        pass
    def stop(self):
        pass
    def serve(self):
        gevent.sleep(0.002)
        self.calls += 1
        if time.monotonic() - self.begun_s > float(os.environ["BREAKS_S"]):
            raise RuntimeError("broken")

install(locust.events, service=Breaking)

class Caller(ServiceUser):
    wait_time = constant(0.05)
    @task
    def serve(self):
        self.call("serve", self.service.serve)
"""

PROFILE = """
name: breaking
stages:
  - ramp: {to: 6 users, for: 1s}
  - hold: {for: 90s}
budgets:
  - p95 < 500ms
  - BUDGET
"""

WINDOW = "error_ratio < 50% over 3s, abort"


def _profile(home: Path, budget: str = WINDOW) -> str:
    path = home / "breaking.yaml"
    path.write_text(PROFILE.replace("BUDGET", budget))
    return str(path)


def _check_aborted(outcome: Outcome, budget: str = WINDOW) -> float:
    """The record and the verdict of a run that a budget ended; returns when it did."""
    info = outcome.json("run.json")
    assert (info["state"], budget in info["state_reason"]) == ("aborted", True), info
    events = [row for row in outcome.table("events.csv") if row["kind"] == "abort"]
    assert [event["subject"] for event in events] == [budget]
    assert "breaks the limit" in events[0]["message"]
    ended_s = float(events[0]["elapsed_s"])
    assert info["ended_elapsed_s"] < 60, "the plan had 91 s"
    assert outcome.verdict == "FAIL"
    findings = {f["subject"]: f for f in outcome.json("verdict.json")["findings"]}
    assert findings["error_ratio"]["verdict"] == "FAIL"
    assert "the run was ended for it" in findings["error_ratio"]["message"]
    complete = findings["record complete"]
    assert complete["verdict"] == "PASS"
    assert "by its own budget" in complete["message"]
    rows = outcome.table("results.csv")
    assert sum(int(r["requests"]) for r in outcome.table("requests.csv")) == sum(
        int(row["requests"]) for row in rows
    )
    return ended_s


@pytest.mark.parametrize("processes", [0, 2])
def test_a_broken_budget_ends_the_run_at_once(tmp_path: Path, processes: int) -> None:
    """One process or several: exit code 1, long before the plan's end, with what was judged."""
    more = ("--processes", str(processes)) if processes else ()
    outcome = run(
        tmp_path,
        "--load-profile",
        _profile(tmp_path),
        *more,
        locustfile=BREAKING,
        BREAKS_S="5",
    )
    assert outcome.code == 1, outcome.output
    assert _check_aborted(outcome) > 4
    assert "the run is ended" in outcome.output


def test_workers_of_their_own_are_ended_too(tmp_path: Path) -> None:
    """A master and a worker that was started by itself: both end, the master with exit code 1."""
    ports = master_ports()
    profile = _profile(tmp_path)
    arguments = ("--headless", "--only-summary", "--master", "--expect-workers", "1")
    with (
        Running(
            tmp_path, *arguments, "--load-profile", profile, *ports, locustfile=BREAKING
        ) as master,
        Running(tmp_path, "--worker", *ports, locustfile=BREAKING, BREAKS_S="5") as worker,
    ):
        outcome = master.wait()
        worker.process.wait(30)
    assert outcome.code == 1, outcome.output
    _check_aborted(outcome)


def test_a_budget_without_abort_does_not_end_the_run(tmp_path: Path) -> None:
    """It is broken as it stands, and the run goes on to its own end."""
    profile = tmp_path / "short.yaml"
    text = PROFILE.replace("BUDGET", "error_ratio < 50% over 3s").replace("90s", "9s")
    profile.write_text(text)
    outcome = run(tmp_path, "--load-profile", str(profile), locustfile=BREAKING, BREAKS_S="1")
    assert outcome.code == 1, outcome.output
    assert outcome.json("run.json")["state"] == "finished"
    assert not [row for row in outcome.table("events.csv") if row["kind"] == "abort"]


def test_an_abort_survives_the_death_of_the_recorder(tmp_path: Path) -> None:
    """What the killed recorder knew is read again from the record: a long window spans its death."""
    budget = "error_ratio < 20% over 12s, abort"
    arguments = ("--headless", "--only-summary", "--load-profile", _profile(tmp_path, budget))
    with Running(tmp_path, *arguments, locustfile=BREAKING, BREAKS_S="6") as running:
        running.wait_for_rows(9)
        (recorder,) = [
            child
            for child in children_of(running.process.pid)
            if "reli.recorder" in command_of(child)
        ]
        os.kill(recorder, signal.SIGKILL)
        outcome = running.wait()
    assert outcome.code == 1, outcome.output
    assert _check_aborted(outcome, budget) < 20, "the window began before the death"
    assert any(row["kind"] == "recorder" for row in outcome.table("events.csv"))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def test_in_the_web_ui_the_run_ends_and_locust_stays(tmp_path: Path) -> None:
    """The run is ended and judged; the page still answers, and another run can be started."""
    port = _free_port()
    arguments = ("--web-host", "127.0.0.1", "--web-port", str(port))
    with Running(
        tmp_path,
        *arguments,
        "--load-profile",
        _profile(tmp_path),
        locustfile=BREAKING,
        BREAKS_S="3",
    ) as running:
        form = urllib.parse.urlencode({"user_count": "2", "spawn_rate": "2"}).encode()
        deadline = time.monotonic() + 40
        while True:
            try:
                with urllib.request.urlopen(
                    f"http://127.0.0.1:{port}/swarm", data=form, timeout=30
                ):
                    break
            except OSError:
                assert time.monotonic() < deadline, running.outcome().output
                time.sleep(0.2)
        while not list(tmp_path.glob("runs/*/verdict.json")):
            assert time.monotonic() < deadline + 40, running.outcome().output
            time.sleep(0.2)
        assert running.process.poll() is None
        with urllib.request.urlopen(
            f"http://127.0.0.1:{port}/stats/requests", timeout=30
        ) as answer:
            assert json.loads(answer.read())["state"] in {"stopped", "stopping"}
        _check_aborted(running.outcome())
