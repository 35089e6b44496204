"""Real servers under load, sampled as trees, killed and started again in mid-run."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.databases import Postgres, Redis
from support.locust_runs import Outcome, Running
from support.nginx import Nginx
from support.servers import Server

ROOT = Path(__file__).parents[2]

PROFILE = """
base_rate: 200/s
stages:
  - ramp: {to: 100%, for: 1s}
  - hold: {for: 14s}
budgets:
  - error_ratio < 50%
"""


def _server(kind: str, home: Path) -> tuple[Server, str, str]:
    """A server, the locustfile that drives it, and the host to give it."""
    if kind == "nginx":
        nginx = Nginx(home, "location / { return 200 'hello, world'; }", workers=2)
        return nginx, "http.py", nginx.url
    if kind == "redis":
        redis = Redis(home)
        return redis, "redis_store.py", redis.url
    postgres = Postgres()
    return postgres, "postgres.py", postgres.url


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "below"), [("nginx", 2), ("redis", 0), ("postgres", 5)])
def test_a_server_is_a_tree_and_its_restart_a_segment(
    tmp_path: Path, kind: str, below: int
) -> None:
    """Under load; SIGKILL in mid-run; the record, the report and the verdict all know."""
    server, locustfile, host = _server(kind, tmp_path / kind)
    (tmp_path / "profile.yaml").write_text(PROFILE)
    locustfile_text = (ROOT / "locustfiles" / locustfile).read_text()
    with server:
        load = ("--headless", "--load-profile", str(tmp_path / "profile.yaml"))
        arguments = (*load, "--host", host, "--target", f"port:{server.port}")
        with Running(tmp_path, *arguments, locustfile=locustfile_text) as running:
            running.wait_for_rows(6)
            first_pid = server.pid
            server.kill()
            time.sleep(1.5)
            server.start()
            outcome = running.wait()
        assert outcome.directory is not None
        _check_rows(outcome, first_pid, server.pid, below)
        _check_told(outcome, first_pid)
        assert _failed(outcome) > 0, "what was asked for while it was away"
        assert _failed(outcome) < _requests(outcome) / 2, "and it was asked again afterwards"


def _check_rows(outcome: Outcome, first_pid: int, second_pid: int, below: int) -> None:
    """Two segments of one tree, each with the processes below its root, and their sum."""
    rows = [row for row in outcome.table("resources.csv") if row["role"] == "target"]
    trees = [row for row in rows if row["kind"] == "tree"]
    assert {(row["segment"], row["pid"]) for row in trees} == {
        ("0", str(first_pid)),
        ("1", str(second_pid)),
    }
    for segment in ("0", "1"):
        of_segment = [row for row in trees if row["segment"] == segment]
        assert max(int(row["children"]) for row in of_segment) >= below
    last = trees[-1]
    parts = [r for r in rows if r["kind"] == "process" and r["elapsed_s"] == last["elapsed_s"]]
    assert len(parts) == int(last["children"]) + 1
    for column in ("rss_bytes", "threads"):
        assert sum(int(row[column]) for row in parts) == int(last[column])
    results = outcome.table("results.csv")
    assert any(row["rss_bytes"] == "" for row in results), "no target, no number"
    assert max(int(float(row["restarts"])) for row in results if row["restarts"]) == 1


def _check_told(outcome: Outcome, first_pid: int) -> None:
    events = [row for row in outcome.table("events.csv") if row["kind"] == "restart"]
    assert len(events) == 1, outcome.table("events.csv")
    assert str(first_pid) in events[0]["message"]
    assert "SIGKILL" in events[0]["message"]
    assert "SIGKILL" in outcome.finding("restarts")["message"]
    assert outcome.directory is not None
    report = (outcome.directory / "report.html").read_text()
    assert "SIGKILL" in report
    again = subprocess.run(
        [sys.executable, "-m", "reli_analysis", str(outcome.directory)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert again.returncode == outcome.code, again.stdout + again.stderr


def _requests(outcome: Outcome) -> float:
    return sum(outcome.column("requests"))


def _failed(outcome: Outcome) -> float:
    return sum(outcome.column("failures"))
