"""How much memory Locust's master takes in 48 h of load, alone and under reli.

The clock is made up: each report that four workers would send is merged by Locust's own functions,
as fast as that goes, in a process of its own for either side.
"""

from __future__ import annotations

import gc
import json
import os
import random
import subprocess
import sys
from dataclasses import dataclass
from types import SimpleNamespace
from typing import IO, Any

import locust.stats
import numpy as np
import psutil
from figures import Figure
from locust.env import Environment

from reli.counts import bucket_counts
from reli.health import Health
from reli.intervals import Part
from reli.recorder import protocol
from reli.stats import EndpointInterval
from reli.wiring.bounds import LocustBounds
from reli.wiring.gathering import Gathering

HOURS = 48
ENDPOINTS = 100
WORKERS = 4
REQUESTS = 20
"""Of one endpoint in one report: enough to fill every second."""

REPORT_S = 3
HISTORY_S = 5
INTERVAL_S = 30
"""Of the record. A finer one takes as much memory, and this benchmark more time."""

LEAST_FREE_BYTES = 2**30
STARTED_S = 1_795_000_000
MB = 1e6


@dataclass
class Simulated:
    """Locust's master by a clock that is set: statistics, their merging, and their history."""

    now_s: float = STARTED_S

    def __post_init__(self) -> None:
        vars(locust.stats)["time"] = SimpleNamespace(time=lambda: self.now_s)
        self.environment = Environment()
        stats = self.environment.stats
        locust.stats.setup_distributed_stats_event_listeners(self.environment.events, stats)
        self.runner: Any = SimpleNamespace(stats=stats, user_count=ENDPOINTS)
        self._templates = [_response_times(seed) for seed in range(200)]

    def report(self, worker: int) -> None:
        """Merge what one worker measured of its endpoints in the last seconds."""
        names = range(worker, ENDPOINTS, WORKERS)
        data = {
            "stats": [self._entry(f"/endpoint/{name}", "GET", 1) for name in names],
            "stats_total": self._entry("Aggregated", "", len(names)),
            "errors": {},
        }
        fire = self.environment.events.worker_report.fire
        fire(client_id=str(worker), data=data)  # type: ignore[no-untyped-call] # as all of Locust's

    def _entry(self, name: str, method: str, times: int) -> dict[str, Any]:
        first = int(self.now_s) - REPORT_S
        each = REQUESTS * times // REPORT_S
        return {
            "name": name,
            "method": method,
            "last_request_timestamp": self.now_s - 0.01,
            "start_time": float(STARTED_S),
            "num_requests": REQUESTS * times,
            "num_none_requests": 0,
            "num_failures": REPORT_S,
            "total_response_time": 600 * times,
            "max_response_time": 400,
            "min_response_time": 3,
            "total_content_length": 0,
            "response_times": self._templates[random.randrange(len(self._templates))],
            "num_reqs_per_sec": {first + second: each for second in range(REPORT_S)},
            "num_fail_per_sec": {first + second: 1 for second in range(REPORT_S)},
        }


def _response_times(seed: int) -> dict[int, int]:
    """Log-normal times in Locust's buckets."""
    draw, counts = random.Random(seed), dict[int, int]()
    for _ in range(REQUESTS):
        bucket = locust.stats.bucket_response_time(draw.lognormvariate(3.5, 0.8))
        counts[bucket] = counts.get(bucket, 0) + 1
    return counts


class Coordinator:
    """Our side of the master: parts of every load process, merged and sent to a recorder."""

    def __init__(self, simulated: Simulated, sink: IO[bytes]) -> None:
        self._bounds = LocustBounds(simulated.environment)
        clock: Any = SimpleNamespace(
            interval_s=INTERVAL_S, elapsed_s=lambda: simulated.now_s - STARTED_S
        )

        def send(kind: str, body: dict[str, Any]) -> None:
            sink.write(protocol.message(kind, body))

        self._gathering = Gathering(clock, None, (), send, lambda: "steady")
        self._reports = [_reports(worker) for worker in range(WORKERS)]
        for worker in range(WORKERS):
            self._gathering.join(str(worker), "here", worker)

    def tick(self) -> None:
        """What happens once a second."""
        self._bounds.trim()

    def report(self, index: int, worker: int) -> None:
        """Take in what one load process measured in an interval, off the wire."""
        report = self._reports[worker][index % len(self._reports[worker])]
        self._gathering.add(str(worker), Part.from_wire({**report, "index": index}))


def _reports(worker: int) -> list[dict[str, Any]]:
    """What one load process sends of some intervals, as it goes over Locust's wire."""
    draw = np.random.default_rng(worker)
    reports = []
    for _ in range(50):
        endpoints = []
        for name in range(worker, ENDPOINTS, WORKERS):
            times_ms = draw.lognormal(3.5, 0.8, REQUESTS * INTERVAL_S // REPORT_S)
            counts = bucket_counts(times_ms)
            row = EndpointInterval("GET", f"/endpoint/{name}", len(times_ms), 1, 0, counts)
            endpoints.append(row)
        reports.append(Part(0, ENDPOINTS, 0, Health(lag_ms=1.0), endpoints).to_wire())
    return reports


def simulate(side: str) -> dict[str, float]:
    """Run one side; the growth is from before the first report to after the last."""
    random.seed(7)
    simulated = Simulated()
    with open(os.devnull, "wb") as sink:  # noqa: PTH123 -- no file of ours
        coordinator = Coordinator(simulated, sink) if side == "reli" else None
        gc.collect()
        before_bytes = psutil.Process().memory_info().rss
        hours = 0
        while hours < HOURS and psutil.virtual_memory().available > LEAST_FREE_BYTES:
            for second in range(hours * 3600 + 1, (hours + 1) * 3600 + 1):
                _second(simulated, coordinator, second)
            hours += 1
        gc.collect()
        grown_bytes = psutil.Process().memory_info().rss - before_bytes
    return {"grown_mb": grown_bytes / MB, "hours": hours}


def _second(simulated: Simulated, coordinator: Coordinator | None, second: int) -> None:
    simulated.now_s = STARTED_S + second
    for worker in range(WORKERS):
        if (second + worker) % REPORT_S == 0:  # workers report at moments of their own
            simulated.report(worker)
    if second % HISTORY_S == 0:
        locust.stats.update_stats_history(simulated.runner)
    if coordinator:
        coordinator.tick()
        for worker in range(WORKERS if second % INTERVAL_S == 0 else 0):
            coordinator.report(second // INTERVAL_S - 1, worker)


def figures() -> list[Figure]:
    """Both sides at once, each in a process of its own."""
    command = [sys.executable, __file__]
    sides = {
        side: subprocess.Popen([*command, side], stdout=subprocess.PIPE)
        for side in ("plain", "reli")
    }
    grown = {side: json.loads(process.communicate()[0]) for side, process in sides.items()}
    plain, ours = grown["plain"], grown["reli"]
    beside = f"plain Locust grew by {plain['grown_mb']:,.0f} MB beside it"
    if plain["hours"] < HOURS:
        whole_mb = plain["grown_mb"] * HOURS / plain["hours"]
        beside = (
            f"plain Locust by {whole_mb:,.0f} MB, extrapolated from the {plain['hours']:.0f} h "
            "for which there was memory"
        )
    return [
        Figure(
            f"Growth of the master's memory in {HOURS} h",
            ours["grown_mb"],
            20.0,
            "MB",
            f"{beside}; resident memory, {ENDPOINTS} endpoints, {WORKERS} workers that report "
            f"every {REPORT_S} s of a clock that is made up",
        )
    ]


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(simulate(sys.argv[1])))
    else:
        for figure in figures():
            print(figure.row())
