"""docker-compose.yml says commands that work: they are run here as local processes."""

from __future__ import annotations

import csv
import subprocess
import sys
from itertools import accumulate
from pathlib import Path

import pytest

from support.compose import Local, free_ports
from support.dashboard import queries
from support.prometheus import Prometheus

PROFILE = """
base_rate: 100/s
stages:
  - ramp: {to: 100%, for: 2s}
  - hold: {for: 28s}
budgets:
  - p95 < 5s
  - error_ratio < 1%
"""
MASTER, TARGET, METRICS, AGENT, PROMETHEUS = 5557, 8080, 9645, 9646, 9090
INTERVALS = {"evaluation_interval: 15s": "evaluation_interval: 1s"}

EMPTY = {
    "Alerts": "nothing is wrong",
    "Iterations: due": "a profile of the closed model",
    "Iterations: given up": "a profile of the closed model",
    "Iterations: waiting": "a profile of the closed model",
    "Control groups: {{source}}": "no control group is sampled",
    "Control groups: {{source}} limit": "no control group is sampled",
    "Throttled: {{source}}": "no control group is sampled",
    "What targets publish: {{source}} {{metric}}": "the target publishes nothing",
    "Restart marks: {{source}}": "nothing restarts",
}
"""Queries of the dashboard that such a run leaves without an answer, each with its reason."""


@pytest.mark.slow
def test_the_services_of_the_compose_file_make_one_watched_run(tmp_path: Path) -> None:
    """J083, J093: load, target, agent and Prometheus, started as the file says, tell one story."""
    ports = dict(zip((MASTER, TARGET, METRICS, AGENT, PROMETHEUS), free_ports(5), strict=True))
    profile = tmp_path / "short.yaml"
    profile.write_text(PROFILE)
    variables = {"RELI_AGENT_TOKEN": "a-long-token", "RELI_PROFILE": profile.name}
    prometheus = Prometheus(ports[PROMETHEUS])
    with Local(tmp_path, variables, ports, INTERVALS) as here:
        here.start("target")
        here.start("agent")
        here.start("prometheus")
        here.wait_for("Prometheus", prometheus.is_ready)
        here.wait_for("the agent", lambda: prometheus.series('up{job="reli-agent"} == 1'))
        master = here.start("master")
        workers = [here.start("worker", number) for number in (1, 2)]
        here.wait_for("steady load", lambda: prometheus.series("reli_elapsed_seconds > 22"))
        _every_service_is_well(here, ports)
        _every_query_is_answered(prometheus)
        # What else goes on on this host is not ours to judge: tests beside this one kill processes.
        assert [alert for alert in prometheus.alerts() if alert.get("source") != "host"] == []
        _nothing_is_wrong_with_a_rule(prometheus)
        master.wait(60)
        assert master.returncode == 0, here.log()
        assert [worker.wait(30) for worker in workers] == [0, 0], here.log()
        (record,) = (tmp_path / "runs").iterdir()
        _numbers_are_those_of_the_record(prometheus, record)


def _every_service_is_well(here: Local, ports: dict[int, int]) -> None:
    """The image's health check, as it would be run in the master, the agent and a worker."""
    nothing = 1
    for served in (ports[METRICS], ports[AGENT], nothing):
        command = [sys.executable, "-m", "reli.alive", "--port", str(served)]
        done = subprocess.run(
            [*command, "--master-port", str(ports[MASTER])],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + here.log()


def _every_query_is_answered(prometheus: Prometheus) -> None:
    """Each query of the dashboard returns data, but for those that such a run must leave empty."""
    silent = {
        f"{query.panel}: {query.legend}".removesuffix(": ")
        for query in queries()
        if not prometheus.series(query.expression)
    }
    assert silent <= set(EMPTY)


def _nothing_is_wrong_with_a_rule(prometheus: Prometheus) -> None:
    """Prometheus evaluates each of our rules without an error."""
    groups = prometheus.get("rules")["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert len(rules) > 15
    assert {rule["health"] for rule in rules} == {"ok"}, rules


def _numbers_are_those_of_the_record(prometheus: Prometheus, record: Path) -> None:
    """At each scrape the counters are the sums of the record's rows so far."""
    with (record / "results.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    ends_s = [round(float(row["elapsed_s"]) + float(row["interval_s"]), 3) for row in rows]
    for metric, column in (
        ("reli_requests_total", "requests"),
        ("reli_failures_total", "failures"),
    ):
        so_far = dict(zip(ends_s, accumulate(int(row[column]) for row in rows), strict=True))
        elapsed = prometheus.samples("reli_elapsed_seconds")
        scraped = prometheus.samples(metric)
        assert len(scraped) > 15
        assert {at: so_far[round(elapsed[at], 3)] for at in scraped} == scraped
    assert so_far[ends_s[-1]] == 0
    resident = {float(row["rss_bytes"]) for row in rows if row["rss_bytes"]}
    shown = prometheus.samples('reli_tree_rss_bytes{job="reli", role="target"}')
    assert set(shown.values()) <= resident
    told = prometheus.samples('reli_tree_rss_bytes{job="reli-agent"}')
    assert set(told.values()) & resident, "the agent told both the same"
