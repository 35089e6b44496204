"""How long ``reli-analyze`` takes: to answer ``--help``, and to judge an hour."""

from __future__ import annotations

import math
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from figures import Figure

from reli_analysis.record import Histogram, RecordWriter, RunInfo, StageSpan, hlog
from reli_analysis.record.layout import (
    REQUESTS_CSV,
    RESOURCES_CSV,
    RESPONSE_QUANTILES,
    RESULTS_CSV,
    SERVICE_QUANTILES,
)

ROUNDS = 7
HOUR_S = 3600
ENDPOINTS = 6
BUDGETS = (
    "p95 < 250ms",
    'p99 of "GET /item/0" < 1s',
    "p95 < 400ms over 30s",
    "error_ratio < 1%",
    "growth rss < 50MiB",
    "no leak in rss, fds, threads",
)


def latencies(source: random.Random, requests: int) -> Histogram:
    histogram = Histogram()
    for _ in range(requests):
        histogram.record(int(source.lognormvariate(math.log(20e6), 0.4)))
    return histogram


def write_hour(parent: Path) -> Path:
    """A record of an hour at 100 requests a second over six endpoints."""
    source = random.Random(1)
    info = RunInfo(
        run_id="hour",
        profile_name="load",
        started_wall_s=1.8e9,
        started_monotonic_s=0.0,
        boot_id="",
        planned_s=float(HOUR_S),
        budgets=BUDGETS,
        stages=(StageSpan("hold", "hold", "steady", 0.0, float(HOUR_S), 100.0, 100.0),),
        state="finished",
        ended_elapsed_s=float(HOUR_S),
    )
    directory = parent / "hour"
    directory.mkdir()
    writer = RecordWriter(directory, info)
    # A few different seconds, used again and again: what is timed is reading them.
    seconds = [latencies(source, 100) for _ in range(20)]
    for index in range(HOUR_S):
        second = seconds[index % len(seconds)]
        times = {"elapsed_s": index, "wall_s": 1.8e9 + index, "interval_s": 1}
        latencies = dict(
            zip(RESPONSE_QUANTILES, second.quantiles_ms(RESPONSE_QUANTILES.values()), strict=True)
        )
        service = dict(
            zip(SERVICE_QUANTILES, second.quantiles_ms(SERVICE_QUANTILES.values()), strict=True)
        )
        resources = {
            "rss_bytes": 80_000_000 + source.randrange(200_000),
            "fds": 20,
            "threads": 4,
            "cpu_cores": 0.3,
        }
        writer.row(
            RESULTS_CSV,
            {
                **times, "stage": "hold", "window": "steady", "users": 20, "workers": 1,
                "offered_per_s": 100, "iterations_per_s": 100, "completed_per_s": 100,
                "requests": 100, "failures": 0, "error_ratio": 0.0, "mean_ms": second.mean_ms(),
                **latencies, **service, **resources,
                "generator_cpu_cores": 0.3, "loop_lag_ms": 0.5,
            },
        )  # fmt: skip
        writer.histogram(index, 1, second.counts)
        for role in ("target", "generator", "recorder"):
            who = {"role": role, "source": "self", "host": "h", "pid": 1, "started_s": 1.7e9}
            writer.row(RESOURCES_CSV, {**times, **who, **resources, "cpu_s": index * 0.3})
        if index % 10 == 9:
            for endpoint in range(ENDPOINTS):
                name = f"/item/{endpoint}"
                ten = {**times, "elapsed_s": index - 9, "interval_s": 10, "window": "steady"}
                counts = {"requests": 160, "failures": 0, **latencies}
                writer.row(REQUESTS_CSV, {**ten, "type": "GET", "name": name, **counts})
                writer.histogram(index - 9, 10, second.counts, hlog.endpoint_tag("GET", name))
    writer.close()
    return directory


def _seconds(*arguments: str) -> float:
    began = time.perf_counter()
    subprocess.run(
        [Path(sys.executable).with_name("reli-analyze"), *arguments],
        check=False,
        stdout=subprocess.DEVNULL,
    )
    return time.perf_counter() - began


def figures() -> list[Figure]:
    """Whole processes, start to exit; the median."""
    with tempfile.TemporaryDirectory() as directory:
        hour = str(write_hour(Path(directory)))
        help_s = statistics.median(_seconds("--help") for _ in range(ROUNDS))
        hour_s = statistics.median(_seconds(hour) for _ in range(ROUNDS))
    return [
        Figure("`reli-analyze --help`", help_s, 0.3, "s", f"median of {ROUNDS} processes"),
        Figure(
            "`reli-analyze` on a record of one hour",
            hour_s,
            2.0,
            "s",
            f"median of {ROUNDS} processes; {ENDPOINTS} endpoints, {len(BUDGETS)} budgets",
        ),
    ]


if __name__ == "__main__":
    for figure in figures():
        print(figure.row())
