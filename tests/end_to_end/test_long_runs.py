"""A load that makes up names and errors without end stays bounded, counted and explained."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from support.locust_runs import Outcome, run

EXPLODING = """
import random
import gevent, locust
from locust import User, constant, task
from reli.wiring import install
from reli_analysis.record import MetricSpec

class Tally:
    '''Counts what the users do: the truth that the record is held against.'''
    metrics = (
        MetricSpec("calls", "counter", "requests made", required=True),
        MetricSpec("errors", "counter", "of these, failed"),
    )
    def start(self):
        self.calls = self.errors = 0
    def read(self):
        return {"calls": self.calls, "errors": self.errors}
    def drain(self):
        pass
    def stop(self):
        pass

install(locust.events, service=Tally, default_budgets=("p95 < 500ms",))

class Careless(User):
    wait_time = constant(0)
    @task
    def order(self):
        tally = self.environment.reli_service
        for call in range(10):
            failed = call % 3 == 2
            text = f"timeout after {random.random():.9f} s"
            tally.calls += 1
            tally.errors += failed
            self.environment.events.request.fire(
                request_type="GET", name=f"/users/{random.randrange(10**9)}/orders",
                response_time=1.5, response_length=2, response=None, context={},
                exception=TimeoutError(text) if failed else None,
            )
        gevent.sleep(0.03)
"""

PATTERN = "GET /users/*/orders"


def _truth(outcome: Outcome, metric: str) -> int:
    return int(outcome.column(metric)[-1])


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
def test_names_and_errors_that_explode_are_folded_and_told(tmp_path: Path) -> None:
    """Two workers, thousands of names: a thousand are kept, all requests counted, a pattern named."""
    outcome = run(
        tmp_path, "-u", "4", "-r", "4", "-t", "5s", "--processes", "2", "--csv", "own",
        "--budget", 'p95 of "GET /users/*" < 1s', locustfile=EXPLODING,
    )  # fmt: skip
    calls, errors = _truth(outcome, "calls"), _truth(outcome, "errors")
    assert calls > 2000, outcome.output

    requests = outcome.table("requests.csv")
    others = sum(int(row["requests"]) for row in requests if row["name"] == "(other)")
    assert sum(int(row["requests"]) for row in requests) == calls
    assert sum(int(row["failures"]) for row in requests) == errors
    assert len({row["name"] for row in requests}) == 1001
    assert others == calls - 1000, "every name is made up once"

    failures = outcome.table("failures.csv")
    assert sum(int(row["count"]) for row in failures) == errors
    assert len({row["text"] for row in failures}) == 501
    textless = sum(int(row["count"]) for row in failures if row["text"] == "(other)")

    events = {row["subject"] for row in outcome.table("events.csv") if row["kind"] == "names"}
    assert events == {PATTERN}
    finding = outcome.finding("names folded")
    assert (finding["verdict"], finding["observed"]) == ("PASS", others + textless)
    sentence = f"1,000 of the first 1,000 names are of the pattern {PATTERN}"
    assert f"{others:,} requests were counted under (other): {sentence}" in finding["message"]
    assert "TimeoutError: timeout after * s" in finding["message"]

    verdicts = {f["subject"]: f["verdict"] for f in outcome.json("verdict.json")["findings"]}
    assert verdicts["p95"] == "PASS"
    assert verdicts['p95 of "GET /users/*"'] == "INCONCLUSIVE"

    *entries, total = _rows(tmp_path / "own_stats.csv")
    assert len(entries) == 1001, "Locust's own tables are bounded too"
    assert sum(int(row["Request Count"]) for row in entries) == int(total["Request Count"])
    own_failures = _rows(tmp_path / "own_failures.csv")
    assert len([row for row in own_failures if row["Error"] != "(other)"]) == 400
    assert sum(int(row["Occurrences"]) for row in own_failures) == int(total["Failure Count"])
