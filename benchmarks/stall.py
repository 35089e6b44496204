"""Whether a stall of the service shows: in reli's open model, in plain Locust, in wrk.

All three ask the same server, which stands still for 3 s in every 30, as often as each other and
at the same time. What an open load must see of that follows from the schedules of the arrivals and
of the stalls alone, so it is computed, and the record is held against it.
"""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from figures import Figure
from locust_runs import record, start, start_profile
from stall_server import Stalls

from reli.arrivals import Schedule, Share
from reli.plan import CONSTANT, ITERATIONS, OpenModel, Plan
from reli_analysis.latency import rank

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.series import Run

RATE_PER_S = 100
LENGTH_S = 60
"""Two stalls, wherever between two of them the run begins."""

SERVICE_S = 0.15
"""Of an answer outside a stall. It is as long because the generator is not exact to 2 % of less:
a timer of the kernel's poll alone may be a millisecond late."""

STALL_S = 3.0
EVERY_S = 30.0
FIRST_STALL_S = 15.0
CLOSED_USERS = 20
QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}

_PROFILE = f"""
base_rate: {RATE_PER_S}/s
model: open
arrivals: constant
users: {RATE_PER_S * (STALL_S + 1):.0f}
stages:
  - hold: {{at: 100%, for: {LENGTH_S}s}}
budgets:
  - p99 < 1s
"""

_OPEN = """
import locust
from locust import task
from reli.users import LeanHttpUser
from reli.wiring import install

install(locust.events)

class Client(LeanHttpUser):
    host = "HOST"

    @task
    def ask(self):
        self.client.get("/")
"""

_CLOSED = f"""
from locust import FastHttpUser, constant_throughput, task

class Client(FastHttpUser):
    host = "HOST"
    wait_time = constant_throughput({RATE_PER_S / CLOSED_USERS})

    @task
    def ask(self):
        self.client.get("/")
"""

_WRK_PERCENTILES = """
done = function(summary, latency)
  for _, p in pairs({50, 95, 99}) do io.write(string.format("P%d %f\\n", p, latency:percentile(p))) end
  io.write(string.format("P100 %f\\n", latency.max))
end
"""


def expected_ms(run: Run, stalls: Stalls, requests: int) -> NDArray[np.float64]:
    """The response times of the run's arrivals, in ascending order, by the two schedules alone.

    The first second's arrivals are left out while the users begin; from then on none is.
    """
    assert run.info is not None
    plan = Plan(run.info.stages, ITERATIONS, 1.0, OpenModel(1, CONSTANT, 30.0))
    schedule = Schedule(plan, CONSTANT, "")
    schedule.assign(Share(0, 0, 1))
    due_s = schedule.until(plan.total_s)[-requests:] + run.info.started_monotonic_s
    begun_s = np.array([stalls.begun_s(moment_s) for moment_s in due_s.tolist()])
    return np.sort(begun_s + SERVICE_S - due_s) * 1000


def _locust_ms(home: Path) -> dict[str, float]:
    with (home / "closed_stats.csv").open(newline="") as file:
        (row,) = [row for row in csv.DictReader(file) if row["Name"] == "Aggregated"]
    columns = {"p50": "50%", "p95": "95%", "p99": "99%", "max": "100%"}
    return {name: float(row[column]) for name, column in columns.items()}


def _wrk_ms(output: str) -> dict[str, float]:
    found = re.findall(r"^P(\d+) ([\d.]+)$", output, re.MULTILINE)
    by_percent = {int(percent): float(us) / 1000 for percent, us in found}
    return {name: by_percent[round(quantile * 100)] for name, quantile in QUANTILES.items()}


def _run_all(home: Path, port: int) -> tuple[dict[str, float], dict[str, float]]:
    """Three generators at once; what the two others say, in milliseconds."""
    host = f"http://127.0.0.1:{port}"
    ours = start_profile(home / "open", _OPEN.replace("HOST", host), _PROFILE)
    closed = start(
        home / "closed",
        _CLOSED.replace("HOST", host),
        *("-u", str(CLOSED_USERS), "-r", str(CLOSED_USERS), "-t", f"{LENGTH_S}s"),
        *("--csv", "closed"),
    )
    script = home / "percentiles.lua"
    script.write_text(_WRK_PERCENTILES)
    wrk = subprocess.run(
        [
            "wrk",
            "-t1",
            f"-c{RATE_PER_S * SERVICE_S:.0f}",
            f"-d{LENGTH_S}s",
            "--timeout",
            "10s",
            "-s",
            str(script),
            host,
        ],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    ours.wait()
    closed.wait()
    return _locust_ms(home / "closed"), _wrk_ms(wrk.stdout)


def figures() -> list[Figure]:
    """One run of the three, side by side."""
    if shutil.which("wrk") is None:
        sys.exit("this benchmark needs wrk; install it: apt-get install wrk")
    stalls = Stalls(time.monotonic() + FIRST_STALL_S, STALL_S, EVERY_S)
    command = [sys.executable, str(Path(__file__).with_name("stall_server.py"))]
    options = ["--first", stalls.first_s, "--length", STALL_S, "--every", EVERY_S]
    server = subprocess.Popen(
        [*command, *map(str, options), "--service", str(SERVICE_S)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        with tempfile.TemporaryDirectory() as directory:
            home = Path(directory)
            locust_ms, wrk_ms = _run_all(home, int(server.stdout.readline()))
            run = record(home / "open")
    finally:
        server.terminate()
        server.wait()
    assert run.latency is not None
    counts = run.latency.counts("", 0.0, np.inf)
    if counts.total < RATE_PER_S * (LENGTH_S - 3):
        raise RuntimeError(f"only {counts.total} requests were recorded")
    expected = expected_ms(run, stalls, counts.total)
    rows = []
    for name, quantile in QUANTILES.items():
        computed_ms = expected[rank(quantile, counts.total) - 1]
        measured_ms = counts.quantile_ms(quantile) or 0.0
        rows.append(
            Figure(
                f"Stalls of {STALL_S:g} s in every {EVERY_S:g}: {name}",
                abs(measured_ms / computed_ms - 1) * 100,
                2.0,
                "%",
                f"{measured_ms:,.0f} ms of {counts.total:,} arrivals, {computed_ms:,.0f} computed; "
                f"beside it Locust's constant_throughput says {locust_ms[name]:,.0f} ms, and "
                f"wrk, which adds what it takes to have left out, {wrk_ms[name]:,.0f} ms",
            )
        )
    return rows


if __name__ == "__main__":
    for figure in figures():
        print(figure.row())
