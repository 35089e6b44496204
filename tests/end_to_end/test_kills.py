"""SIGKILL in mid-run: the record reads, what is missing is bounded, and nothing passes by luck."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from support.locust_runs import (
    Outcome,
    Running,
    children_of,
    command_of,
    locust_workers_of,
    write_profile,
)


def _analyze(directory: Path) -> Outcome:
    """Judge a record by hand."""
    ended = subprocess.run(
        [sys.executable, "-m", "reli_analysis", str(directory), "-o", str(directory)],
        check=False,
        capture_output=True,
        text=True,
    )
    return Outcome(ended.returncode, ended.stdout + ended.stderr, directory)


def _recorder_of(pid: int) -> int:
    (recorder,) = [c for c in children_of(pid) if "reli.recorder" in command_of(c)]
    return recorder


def _wait_for_state(directory: Path, state: str) -> None:
    deadline = time.monotonic() + 30
    while f'"state": "{state}"' not in (directory / "run.json").read_text():
        assert time.monotonic() < deadline, f"the record did not become {state}"
        time.sleep(0.05)


def test_sigkill_of_locust_leaves_a_lost_record(tmp_path: Path) -> None:
    """The recorder outlives Locust, records its death, and at most one interval is missing."""
    profile = write_profile(tmp_path, hold_s=60)
    with Running(tmp_path, "--headless", "--load-profile", profile) as running:
        running.wait_for_rows(6)
        rows_before = len(running.outcome().table("results.csv"))
        os.kill(running.process.pid, signal.SIGKILL)
        running.process.wait()
        directory = running.directory
        assert directory is not None
        _wait_for_state(directory, "lost")
        outcome = _analyze(directory)
    assert outcome.code == 3, outcome.output
    rows = outcome.table("results.csv")
    assert len(rows) >= rows_before
    assert [int(float(row["elapsed_s"])) for row in rows] == list(range(len(rows)))
    ended_s = outcome.json("run.json")["ended_elapsed_s"]
    assert ended_s - len(rows) < 2.5, "at most the interval that was open and the one in flight"


def test_sigkill_of_a_worker_is_seen_and_does_not_pass(tmp_path: Path) -> None:
    """What the lost worker had reported counts, and its loss is an event and a finding."""
    profile = write_profile(tmp_path, hold_s=14)
    arguments = ("--headless", "--load-profile", profile, "--processes", "2")
    with Running(tmp_path, *arguments) as running:
        running.wait_for_rows(5)
        os.kill(locust_workers_of(running.process.pid)[0], signal.SIGKILL)
        outcome = running.wait()
    assert outcome.code in {1, 3, 4}, outcome.output
    assert any("lost" in row["message"] for row in outcome.table("events.csv"))
    rows = outcome.table("results.csv")
    assert [int(float(row["elapsed_s"])) for row in rows] == list(range(len(rows)))
    calls = [float(row["calls"]) for row in rows if row["calls"]]
    assert calls == sorted(calls), "the counters of a lost worker stay counted"
    assert sum(int(row["requests"]) for row in rows) == calls[-1]


def test_losing_every_worker_ends_the_run(tmp_path: Path) -> None:
    """Without workers there is no load: the run ends by itself and is never a PASS."""
    profile = write_profile(tmp_path, hold_s=60)
    arguments = ("--headless", "--load-profile", profile, "--processes", "2")
    with Running(tmp_path, *arguments) as running:
        running.wait_for_rows(4)
        for worker in locust_workers_of(running.process.pid):
            os.kill(worker, signal.SIGKILL)
        outcome = running.wait(60)
    assert outcome.code == 4, outcome.output
    assert outcome.json("run.json")["state"] == "lost"


def _kill_recorder(running: Running) -> None:
    """SIGKILL, and wait until the run notices: another recorder in its place, or none any more."""
    before = _recorder_of(running.process.pid)
    os.kill(before, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while before in children_of(running.process.pid):
        assert time.monotonic() < deadline, "the death of the recorder was not noticed"
        time.sleep(0.05)


def test_sigkill_of_the_recorder_loses_no_request(tmp_path: Path) -> None:
    """It is started again on the same record: every request is there once, and the gap is told."""
    profile = write_profile(tmp_path, hold_s=20)
    with Running(tmp_path, "--headless", "--load-profile", profile) as running:
        running.wait_for_rows(7)
        _kill_recorder(running)
        outcome = running.wait()
    assert outcome.code == 0, outcome.output
    assert outcome.json("run.json")["state"] == "finished"
    rows = outcome.table("results.csv")
    assert [int(float(row["elapsed_s"])) for row in rows] == list(range(len(rows)))
    calls = [float(row["calls"]) for row in rows if row["calls"]]
    assert sum(int(row["requests"]) for row in rows) == calls[-1]
    by_endpoint = sum(int(row["requests"]) for row in outcome.table("requests.csv"))
    assert by_endpoint == calls[-1], "what had gathered in the recorder's memory was sent again"
    events = outcome.table("events.csv")
    (again,) = [row for row in events if row["kind"] == "recorder"]
    assert "killed by SIGKILL" in again["message"]
    joined = [row for row in events if row["message"].startswith("joined")]
    assert len(joined) == 1, "no event is there twice"
    roles = {row["role"] for row in outcome.table("resources.csv")[-6:]}
    assert "target" in roles, "the second recorder knows whom to sample"


def test_a_second_sigkill_of_the_recorder_ends_the_run(tmp_path: Path) -> None:
    """Nothing is loaded unrecorded: Locust stops, and what was written is judged as cut."""
    profile = write_profile(tmp_path, hold_s=60)
    with Running(tmp_path, "--headless", "--load-profile", profile) as running:
        running.wait_for_rows(4)
        _kill_recorder(running)
        running.wait_for_rows(8)
        rows_before = len(running.outcome().table("results.csv"))
        _kill_recorder(running)
        outcome = running.wait(60)
    assert outcome.code in {3, 4}, outcome.output
    assert outcome.verdict in {"INCONCLUSIVE", "INVALID"}
    info = outcome.json("run.json")
    assert info["state"] == "lost"
    assert "killed by SIGKILL" in info["state_reason"]
    assert len(outcome.table("results.csv")) >= rows_before
