"""Was it the generator? A run that it slowed down is INVALID; one that the service did is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.locust_runs import run

LOCUSTFILE = """
import os, time
import gevent, locust
from locust import task
from reli.users import ServiceUser
from reli.wiring import install

install(locust.events)

class Caller(ServiceUser):
    @task
    def work(self):
        self.call("work", self.compute_and_wait)

    def compute_and_wait(self):
        until = time.perf_counter() + float(os.environ["COMPUTES_S"])
        while time.perf_counter() < until:
            pass
        gevent.sleep(float(os.environ["WAITS_S"]))
"""

PROFILE = """
model: open
users: {users}
drop_after: 2s
stages:
  - ramp: {{to: 100/s, for: 2s}}
  - hold: {{for: 7s}}
budgets:
  - error_ratio < 1%
"""


@pytest.mark.parametrize(
    ("users", "computes_s", "waits_s", "invalid", "advice"),
    [
        (4, 0.015, 0.001, "generator kept up", "--processes"),  # 1.5 cores are asked of one
        (4, 0.0, 0.1, "user pool", "users: "),  # 4 users make 40/s at 100 ms each
        (100, 0.0, 0.5, None, ""),
    ],
    ids=["a process without CPU left", "a pool that is too small", "a service that is slow"],
)
def test_a_bottleneck_is_told_from_a_slow_service(  # noqa: PLR0913, PLR0917 -- one row of the table each
    tmp_path: Path, users: int, computes_s: float, waits_s: float, invalid: str | None, advice: str
) -> None:
    """What the generator did to the numbers makes them INVALID, and says what to change."""
    profile = tmp_path / "open.yaml"
    profile.write_text(PROFILE.format(users=users))
    outcome = run(
        tmp_path, "--load-profile", str(profile), locustfile=LOCUSTFILE,
        COMPUTES_S=str(computes_s), WAITS_S=str(waits_s),
    )  # fmt: skip
    findings = outcome.json("verdict.json")["findings"]
    refused = {f["subject"] for f in findings if f["verdict"] == "INVALID"}
    assert refused == ({invalid} if invalid else set()), outcome.output
    assert outcome.code == (4 if invalid else 0)
    assert advice in outcome.output
