"""How much memory the recorder takes in 7 days of sampling each second, and how much disk.

The clock is made up: samples follow each other as fast as they go, of real processes, by the real
sampler, into a real record, which is deleted at the end. Beside the targets there is a load of a
few endpoints, so that every file of the record grows as it would.
"""

from __future__ import annotations

import gc
import random
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from figures import Figure

from reli.clock import RunClock, boot_id
from reli.recorder.protocol import EndpointRow, IntervalRow
from reli.recorder.recording import Recorder
from reli.recorder.settings import Settings
from reli_analysis.record import Histogram, RunInfo

DAYS = 7
DAY_S = 86_400
ENDPOINTS = 3
REQUESTS = 5
"""Of an endpoint in a second."""

WARM_UP_S = 600
"""The time in which buffers and tables reach their size; growth is counted from its end."""

LEAST_FREE_BYTES = 4 * 2**30
MB = 1e6


@dataclass(frozen=True)
class MadeUpClock(RunClock):
    """A run's clock that stands still until it is set."""

    now: list[float] = field(default_factory=lambda: [0.0])

    def elapsed_s(self) -> float:
        return self.now[0]


def figures() -> list[Figure]:
    """Sample back to back for as long as a week has seconds."""
    directory = Path(tempfile.mkdtemp(prefix="reli-week-"))
    script = "sleep 86400 & sleep 86400; wait"
    target = subprocess.Popen(["sh", "-c", script], stderr=subprocess.DEVNULL)
    try:
        return _figures(directory, target.pid)
    finally:
        for child in psutil.Process(target.pid).children(recursive=True):
            child.kill()
        target.kill()
        target.wait()
        shutil.rmtree(directory)


def _figures(directory: Path, pid: int) -> list[Figure]:
    recorder, clock = _recorder(directory, pid)
    rows = [_row(seed) for seed in range(200)]
    begun_s, cpu_s = time.monotonic(), time.process_time()
    before_bytes, seconds = 0, DAYS * DAY_S
    for index in range(seconds):
        if index == WARM_UP_S:
            gc.collect()
            before_bytes = psutil.Process().memory_info().rss
        if index % DAY_S == 0 and shutil.disk_usage(directory).free < LEAST_FREE_BYTES:
            seconds = index
            break
        clock.now[0] = index + 1.0
        recorder.sample()
        recorder.take(rows[index % len(rows)].at(index))
        recorder.write()
    recorder.end("finished", "")
    took_s, used_s = time.monotonic() - begun_s, time.process_time() - cpu_s
    gc.collect()
    grown_bytes = psutil.Process().memory_info().rss - before_bytes
    days = seconds / DAY_S
    sizes = {path.name: path.stat().st_size for path in recorder.directory.iterdir()}
    a_day_mb = sum(sizes.values()) / days / MB
    largest = ", ".join(
        f"{name} {sizes[name] / seconds:,.0f}"
        for name in sorted(sizes, key=sizes.__getitem__, reverse=True)[:4]
    )
    return [
        Figure(
            f"Growth of the recorder's memory in {days:g} days at 1 Hz",
            grown_bytes / MB,
            10.0,
            "MB",
            f"resident memory, {seconds:,} samples of a tree of three processes and intervals of "
            f"{ENDPOINTS * REQUESTS} requests, back to back in {took_s / 60:.1f} min, "
            f"{used_s / seconds * 1000:.2f} ms of CPU each; the clock is made up",
        ),
        Figure(
            "What a day of that takes on disk",
            a_day_mb,
            400.0,
            "MB",
            f"bytes a second: {largest}",
        ),
    ]


def _recorder(directory: Path, pid: int) -> tuple[Recorder, MadeUpClock]:
    info = RunInfo(
        run_id="week",
        profile_name="week",
        started_wall_s=time.time(),
        started_monotonic_s=time.monotonic(),
        boot_id=boot_id(),
        targets=(f"pid:{pid}",),
        budgets=("p95 < 250ms", "max rss < 1GiB"),
    )
    clock = MadeUpClock(info.started_monotonic_s, info.started_wall_s, info.interval_s)
    return Recorder(info, Settings(str(directory)), clock=clock), clock


@dataclass(frozen=True)
class _Template:
    """What was measured in one interval, wherever it lies."""

    endpoints: tuple[EndpointRow, ...]

    def at(self, index: int) -> IntervalRow:
        return IntervalRow(
            index=index,
            stage="hold",
            window="steady",
            users=10,
            workers=1,
            offered=float(ENDPOINTS * REQUESTS),
            iterations=ENDPOINTS * REQUESTS,
            health={"lag_ms": 1.0, "cpu_cores": 0.2, "fds_ratio": 0.01, "sockets_ratio": 0.01},
            services={},
            open_model=None,
            endpoints=self.endpoints,
            failures=(("GET", "/0", "TimeoutError", "timed out", 1),) if index % 100 == 0 else (),
            metrics={},
        )


def _row(seed: int) -> _Template:
    """Log-normal latencies around 30 ms, as those of a service are."""
    draw = random.Random(seed)
    endpoints = []
    for number in range(ENDPOINTS):
        histogram = Histogram()
        for _ in range(REQUESTS):
            histogram.record(round(draw.lognormvariate(17.2, 0.5)))
        endpoints.append(EndpointRow("GET", f"/{number}", REQUESTS, 0, 500, histogram.counts))
    return _Template(tuple(endpoints))


if __name__ == "__main__":
    for figure in figures():
        print(figure.row())
