"""Real Locust processes leave a whole record and exit with their verdict."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from support.locust_runs import Running, master_ports, run, write_profile


def _calls(outcome_rows: list[dict[str, str]]) -> int:
    return int(float([row["calls"] for row in outcome_rows if row["calls"]][-1]))


@pytest.mark.parametrize("workers", [(), ("--processes", "2")], ids=["alone", "two workers"])
def test_a_profile_runs_records_and_judges_itself(tmp_path: Path, workers: tuple[str, ...]) -> None:
    """The load follows the plan, every request is counted once, and the verdict is PASS."""
    outcome = run(tmp_path, "--load-profile", write_profile(tmp_path), *workers)
    assert outcome.code == 0, outcome.output
    assert outcome.verdict == "PASS"
    assert "PASS" in outcome.output
    rows = outcome.table("results.csv")
    assert sum(int(row["requests"]) for row in rows) == _calls(rows) > 400
    steady = [row for row in rows if row["window"] == "steady"]
    assert len(steady) == 6
    settled = steady[2:]  # Locust's shape is asked once a second, so users can be late by one
    planned = sum(float(row["offered_per_s"]) for row in settled)
    done = sum(float(row["iterations_per_s"]) for row in settled)
    assert done == pytest.approx(planned, rel=0.05)
    assert {row["workers"] for row in steady} == {"2" if workers else "1"}
    roles = [(row["role"], row["pid"]) for row in outcome.table("resources.csv")]
    generators = {pid for role, pid in roles if role == "generator"}
    targets = {pid for role, pid in roles if role == "target"}
    assert len(generators) == (3 if workers else 1), "master and workers are the generator"
    assert len(targets) == (2 if workers else 1), "only processes with users are the target"
    assert outcome.json("run.json")["state"] == "finished"
    for name in ("report.html", "junit.xml", "latency.hlog", "requests.csv", "failures.csv"):
        assert (outcome.directory / name).exists()  # type: ignore[operator]


def test_master_and_worker_processes_give_one_record(tmp_path: Path) -> None:
    """--master and --worker, as on two hosts, end in the same verdict as one process."""
    profile = write_profile(tmp_path)
    ports = master_ports()
    master = Running(
        tmp_path, "--headless", "--master", *ports, "--expect-workers", "2",
        "--load-profile", profile,
    )  # fmt: skip
    joins = ("--worker", *ports)
    with master, Running(tmp_path, *joins) as one, Running(tmp_path, *joins) as two:
        outcome = master.wait()
        assert outcome.code == 0, outcome.output
        assert one.wait().code == 0
        assert two.wait().code == 0
    rows = outcome.table("results.csv")
    assert sum(int(row["requests"]) for row in rows) == _calls(rows) > 400
    joined = [row for row in outcome.table("events.csv") if "joined" in row["message"]]
    assert len(joined) == 2


def test_locusts_own_load_is_recorded_and_judged(tmp_path: Path) -> None:
    """-u, -r and -t without a profile run as ever, and the default budget judges them."""
    outcome = run(tmp_path, "-u", "4", "-r", "4", "-t", "8s", BROKEN="")
    assert outcome.code == 0, outcome.output
    assert outcome.json("run.json")["profile_name"] == "locust"
    assert outcome.finding("error_ratio")["verdict"] == "PASS"
    assert max(outcome.column("users")) == 4
    # Locust's own clock stood still while it imported, and its -t ran out too early.
    assert outcome.json("run.json")["ended_elapsed_s"] >= 8


def test_time_scale_shortens_the_run_and_says_so(tmp_path: Path) -> None:
    """A shortened run is recorded and reported as one."""
    profile = write_profile(tmp_path, hold_s=60)
    outcome = run(tmp_path, "--load-profile", profile, "--time-scale", "0.1")
    assert outcome.json("run.json")["time_scale"] == 0.1
    assert outcome.json("run.json")["planned_s"] == pytest.approx(6.2)
    assert "0.1" in outcome.output


def test_a_broken_budget_fails_the_process(tmp_path: Path) -> None:
    """A budget given on the command line counts, and its failure is the exit code."""
    profile = write_profile(tmp_path)
    outcome = run(tmp_path, "--load-profile", profile, "--budget", "p50 < 1us")
    assert outcome.code == 1, outcome.output
    assert outcome.finding("p50")["verdict"] == "FAIL"


@pytest.mark.parametrize("workers", [(), ("--processes", "2")], ids=["alone", "two workers"])
def test_a_service_that_does_not_start_is_invalid(tmp_path: Path, workers: tuple[str, ...]) -> None:
    """Nothing was measured: INVALID, with the reason in the record, and no hang."""
    outcome = run(tmp_path, "--load-profile", write_profile(tmp_path), *workers, BROKEN_SERVICE="1")
    assert outcome.code == 4, outcome.output
    assert outcome.verdict == "INVALID"
    messages = [row["message"] for row in outcome.table("events.csv")]
    assert any("no such luck" in message for message in messages)


def test_a_slow_drain_loses_no_number(tmp_path: Path) -> None:
    """Workers that flush for longer than Locust waits are waited for."""
    profile = write_profile(tmp_path)
    outcome = run(tmp_path, "--load-profile", profile, "--processes", "2", DRAIN_S="4")
    assert outcome.code == 0, outcome.output
    rows = outcome.table("results.csv")
    assert sum(int(row["requests"]) for row in rows) == _calls(rows)
    assert not [row for row in outcome.table("events.csv") if "lost" in row["message"]]


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 3)], ids=["SIGINT", "SIGTERM"]
)
@pytest.mark.parametrize("workers", [(), ("--processes", "2")], ids=["alone", "two workers"])
def test_an_interrupted_run_is_judged_and_not_passed(
    tmp_path: Path, number: int, code: int, workers: tuple[str, ...]
) -> None:
    """Ctrl-C and SIGTERM end a run early: the record is whole, the cut is a finding, no PASS."""
    profile = write_profile(tmp_path, hold_s=60)
    with Running(tmp_path, "--headless", "--load-profile", profile, *workers) as running:
        running.wait_for_rows(5)
        running.process.send_signal(number)
        outcome = running.wait()
    assert outcome.code == code, outcome.output
    assert outcome.verdict == "INCONCLUSIVE"
    assert outcome.json("run.json")["state"] == "interrupted"
    rows = outcome.table("results.csv")
    assert sum(int(row["requests"]) for row in rows) == _calls(rows)


def test_two_runs_of_one_second_keep_apart(tmp_path: Path) -> None:
    """A record never takes the place of another with the same name."""
    for _ in range(2):
        run(tmp_path, "-u", "1", "-r", "1", "-t", "2s", "--run-name", "mine")
    assert sorted(path.name for path in (tmp_path / "runs").iterdir()) == ["mine", "mine-2"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--load-profile", "smokee"), 'did you mean "smoke"'),
        (("--load-profile", "./missing.yaml"), "missing.yaml"),
        (("--base-rate", "fast"), "not a quantity"),
        (("--time-scale", "-1"), "not a time scale"),
        (("--budget", "p95 << 5ms"), "p95 << 5ms"),
        (("--budget", "rsss_bytes < 5MiB"), 'did you mean "rss_bytes"'),
        (("--run-dir", "/proc/nowhere"), "--run-dir"),
        (("--run-name", "../up"), "cannot name a run"),
    ],
)
def test_wrong_options_are_one_sentence_and_exit_2(
    tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    """What the user has to mend is said before any load, without a traceback."""
    began = time.monotonic()
    outcome = run(tmp_path, *arguments)
    assert outcome.code == 2, outcome.output
    assert sentence in outcome.output
    assert "Traceback" not in outcome.output
    assert time.monotonic() - began < 60
    assert outcome.directory is None
