"""What a master spends on merging a thousand workers, and whether that takes ever more memory.

The workers are made up, and so is the clock; what they report comes off Locust's wire, is merged by
the coordinator's own code, and goes to a real recorder.
"""

from __future__ import annotations

import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gevent
import locust.stats
import numpy as np
import psutil
from figures import Figure
from locust.env import Environment
from locust.rpc.protocol import Message

from reli.counts import bucket_counts
from reli.health import Health
from reli.intervals import Part
from reli.iterations import IterationInterval
from reli.recorder.client import RecorderClient
from reli.recorder.settings import Settings
from reli.stats import EndpointInterval
from reli.wiring import messages
from reli.wiring.gathering import Gathering
from reli_analysis.record import RunInfo, StageSpan

WORKERS = 1000
ENDPOINTS = 100
REQUESTS = 40
"""Of one endpoint in one report: they fill nearly as many buckets."""

SECONDS = 60
"""Of which the allocator needs the first twenty or so to find the memory that it then keeps."""

LOCUST_REPORT_S = 3
LOCUST_ROUNDS = 5
MB = 1e6


class Workers:
    """Reports as they come off Locust's wire."""

    def __init__(self, *, open_model: bool) -> None:
        draw = np.random.default_rng(7)
        self._counts = [bucket_counts(draw.lognormal(3.5, 0.8, REQUESTS)) for _ in range(300)]
        self._all = bucket_counts(draw.lognormal(3.5, 0.8, REQUESTS * ENDPOINTS))
        times = self._all
        self._iterations = IterationInterval(
            arrivals=REQUESTS * ENDPOINTS,
            finished=REQUESTS * ENDPOINTS,
            delays=times,
            services=times,
            responses=times,
            idle_delays=times,
        )
        self._parts = [self._part(open_model) for _ in range(WORKERS)]

    def _part(self, open_model: bool) -> Part:
        endpoints = [
            EndpointInterval(
                "GET", f"/endpoint/{name}", REQUESTS, 0, 0, random.choice(self._counts)
            )
            for name in range(ENDPOINTS)
        ]
        part = Part(0, 5, 0, Health(lag_ms=1.0), endpoints)
        return (
            replace(part, services=self._all, open_model=self._iterations) if open_model else part
        )

    def report(self, index: int) -> list[bytes]:
        """What all workers send of an interval."""
        return [
            Message(
                messages.PART, replace(part, index=index).to_wire(), f"worker-{number}"
            ).serialize()
            for number, part in enumerate(self._parts)
        ]


@dataclass
class Master:
    """The coordinator's part of a master, by a clock that is set."""

    home: Path
    now_s: float = 0.0

    def __post_init__(self) -> None:
        span = StageSpan("hold", "hold", "steady", 0.0, float(SECONDS), 1.0, 1.0)
        info = RunInfo(
            run_id="run",
            profile_name="merging",
            started_wall_s=time.time() - 2 * SECONDS,
            # For the recorder all of it has been, so that it writes whatever it is given.
            started_monotonic_s=time.monotonic() - 2 * SECONDS,
            boot_id=Path("/proc/sys/kernel/random/boot_id").read_text().strip(),
            planned_s=float(SECONDS),
            stages=(span,),
        )
        settings = Settings(str(self.home), memory_map_every_s=600)
        self.recorder = RecorderClient(info, settings)
        clock: Any = SimpleNamespace(interval_s=1.0, elapsed_s=lambda: self.now_s)
        self._gathering = Gathering(clock, None, (), self.recorder.send, lambda: "steady")
        for number in range(WORKERS):
            self._gathering.join(f"worker-{number}", "here", number)

    def take(self, index: int, received: list[bytes]) -> float:
        """Merge one second's reports; returns the CPU seconds that it took."""
        self.now_s = index + 1.5
        began = time.process_time()
        for data in received:
            message = Message.unserialize(data)
            self._gathering.add(message.node_id, Part.from_wire(message.data))
        while self.recorder.waiting_bytes:
            gevent.sleep(0.01)  # its pipe is written by a greenlet of its own
        return time.process_time() - began


def merge(model: str) -> dict[str, float]:
    """CPU seconds of one second of the run (the median), and how the memory grew."""
    random.seed(7)
    workers = Workers(open_model=model == "open")
    with tempfile.TemporaryDirectory() as directory:
        master = Master(Path(directory))
        taken_s, rss_bytes = [], []
        for index in range(SECONDS):
            taken_s.append(master.take(index, workers.report(index)))
            rss_bytes.append(psutil.Process().memory_info().rss)
        master.recorder.finish("finished", "")
    recorder = resource.getrusage(resource.RUSAGE_CHILDREN)
    fifth = SECONDS // 5
    middle, last = rss_bytes[2 * fifth : 3 * fifth], rss_bytes[-fifth:]
    grown = statistics.median(last) - statistics.median(middle)
    return {
        "cpu_s": statistics.median(taken_s),
        "recorder_cpu_s": (recorder.ru_utime + recorder.ru_stime) / SECONDS,
        "grown_mb": grown / MB,
    }


def locusts_own() -> dict[str, float]:
    """CPU seconds that Locust's own statistics of the same workers take a second."""
    random.seed(7)
    environment = Environment()
    locust.stats.setup_distributed_stats_event_listeners(environment.events, environment.stats)
    fire = environment.events.worker_report.fire
    times = [_locust_times() for _ in range(200)]
    taken_s = []
    for number in range(LOCUST_ROUNDS):
        received = [_locust_report(number, times) for _ in range(WORKERS)]
        began = time.process_time()
        for data in received:
            message = Message.unserialize(data)
            fire(client_id=message.node_id, data=message.data)  # type: ignore[no-untyped-call] # as all of Locust's
        taken_s.append((time.process_time() - began) / LOCUST_REPORT_S)
    return {"cpu_s": statistics.median(taken_s)}


def _locust_times() -> dict[int, int]:
    """Of one endpoint in one report, in Locust's buckets."""
    counts: dict[int, int] = {}
    for _ in range(REQUESTS * LOCUST_REPORT_S):
        bucket = locust.stats.bucket_response_time(random.lognormvariate(3.5, 0.8))
        counts[bucket] = counts.get(bucket, 0) + 1
    return counts


def _locust_report(number: int, times: list[dict[int, int]]) -> bytes:
    entries = [
        _locust_entry(f"/endpoint/{name}", "GET", number, random.choice(times))
        for name in range(ENDPOINTS)
    ]
    total = _locust_entry("Aggregated", "", number, times[0])
    data = {"stats": entries, "stats_total": total, "errors": {}}
    return bytes(Message("stats", data, "worker").serialize())


def _locust_entry(name: str, method: str, number: int, times: dict[int, int]) -> dict[str, Any]:
    first_s = 1_795_000_000 + number * LOCUST_REPORT_S
    return {
        "name": name,
        "method": method,
        "last_request_timestamp": float(first_s),
        "start_time": 1_795_000_000.0,
        "num_requests": REQUESTS * LOCUST_REPORT_S,
        "num_none_requests": 0,
        "num_failures": 0,
        "total_response_time": 4000.0,
        "max_response_time": 400.0,
        "min_response_time": 3.0,
        "total_content_length": 0,
        "response_times": times,
        "num_reqs_per_sec": {first_s + second: REQUESTS for second in range(LOCUST_REPORT_S)},
        "num_fail_per_sec": {},
    }


def figures() -> list[Figure]:
    """One process a model, so that neither finds the other's memory."""
    sides = {}
    for side in ("closed", "open", "locust"):
        ended = subprocess.run([sys.executable, __file__, side], check=True, stdout=subprocess.PIPE)
        sides[side] = json.loads(ended.stdout.splitlines()[-1])
    load = f"{WORKERS:,} workers, {ENDPOINTS} endpoints each, every second"
    own = f"Locust's own merging of their statistics takes {sides['locust']['cpu_s']:.2f} beside it"
    rows = []
    for model in ("closed", "open"):
        side = sides[model]
        beside = f"{side['recorder_cpu_s']:.2f} in the recorder's process; {own}"
        rows.append(
            Figure(
                f"Merging {load}, {model} model", side["cpu_s"], 1.0, "cores",
                f"CPU seconds a second, median of {SECONDS}; {beside}",
            )
        )  # fmt: skip
    grown_mb = max(sides["closed"]["grown_mb"], sides["open"]["grown_mb"])
    rows.append(
        Figure(
            "Growth of the master's memory by that",
            grown_mb,
            10.0,
            "MB",
            f"resident memory, the last fifth of {SECONDS} seconds against the one in the middle",
        )
    )
    return rows


if __name__ == "__main__":
    if len(sys.argv) > 1:
        side = sys.argv[1]
        print(json.dumps(locusts_own() if side == "locust" else merge(side)))
    else:
        for figure in figures():
            print(figure.row())
