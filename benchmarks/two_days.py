"""How long ``reli-analyze`` takes for two days at 1 Hz, 20 series and 100 endpoints, on one core.

About two minutes, most of which goes into writing the record (1 GB).
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from analysis_speed import latencies
from figures import Figure

from reli_analysis.record import Histogram, RecordWriter, RunInfo, StageSpan, hlog
from reli_analysis.record.frames import Frames
from reli_analysis.record.layout import (
    LATENCY_HLOG,
    LATENCY_SUMS_HLOG,
    REQUESTS_CSV,
    RESOURCES_CSV,
    RESPONSE_QUANTILES,
    RESULTS_CSV,
    SERVICE_QUANTILES,
)

HOURS = 48
ENDPOINTS = 100
TARGETS = ("name:service", "name:database")
SERIES = ("rss_bytes", "uss_bytes", "fds", "threads", "cpu_cores")
BUDGETS = (
    "p95 < 250ms",
    'p99 of "GET /item/0" < 1s',
    "error_ratio < 1%",
    "growth rss < 50MiB",
    "no leak in rss, fds, threads",
)
_EXAMPLES = 20


def write_two_days(parent: Path, hours: float = HOURS) -> Path:
    """A record as the recorder writes it; a few different seconds are used again and again."""
    source = random.Random(1)
    directory = parent / "two-days"
    directory.mkdir()
    length_s = round(hours * 3600)
    writer = RecordWriter(directory, _info(float(length_s)))
    examples = [latencies(source, 100) for _ in range(_EXAMPLES)]
    columns = [_columns(example) for example in examples]
    payloads = [hlog.encode(example.counts) for example in examples]
    tags = [hlog.endpoint_tag("GET", f"/item/{number}") for number in range(ENDPOINTS)]
    frames = Frames(resumed=False)
    # Encoding each row for itself would take minutes.
    with (
        (directory / LATENCY_HLOG).open("a") as log,
        (directory / LATENCY_SUMS_HLOG).open("a") as sums,
    ):
        for at in range(length_s):
            row, payload = columns[at % _EXAMPLES], payloads[at % _EXAMPLES]
            counts = examples[at % _EXAMPLES].counts
            _write_second(writer, source, at, row)
            log.write(f"{at:.3f},1.000,60.000000,{payload}\n")
            sums.writelines(frames.add(at, 1, counts, ""))
            if at % 10 != 9:
                continue
            ten = {"elapsed_s": at - 9, "wall_s": 1.8e9 + at - 9, "interval_s": 10}
            for number, tag in enumerate(tags):
                name = {"type": "GET", "name": f"/item/{number}", "requests": 10, "failures": 0}
                quantiles = {q: row[q] for q in RESPONSE_QUANTILES}
                writer.row(REQUESTS_CSV, {**ten, "window": "steady", **name, **quantiles})
                log.write(f"Tag={tag},{at - 9:.3f},10.000,60.000000,{payload}\n")
                sums.writelines(frames.add(at - 9, 10, counts, tag))
    writer.close()
    return directory


def _info(length_s: float) -> RunInfo:
    return RunInfo(
        run_id="two-days",
        profile_name="soak-48h",
        started_wall_s=1.8e9,
        started_monotonic_s=0.0,
        boot_id="",
        planned_s=length_s,
        budgets=BUDGETS,
        stages=(StageSpan("hold", "hold", "steady", 0.0, length_s, 100.0, 100.0),),
        targets=TARGETS,
        state="finished",
        ended_elapsed_s=length_s,
    )


def _columns(example: Histogram) -> dict[str, Any]:
    response, service = (
        dict(zip(quantiles, example.quantiles_ms(quantiles.values()), strict=True))
        for quantiles in (RESPONSE_QUANTILES, SERVICE_QUANTILES)
    )
    return {"mean_ms": example.mean_ms(), **response, **service}


def _write_second(
    writer: RecordWriter, source: random.Random, at: int, latency: dict[str, Any]
) -> None:
    times = {"elapsed_s": at, "wall_s": 1.8e9 + at, "interval_s": 1}
    load = {"users": 20, "workers": 1, "requests": 100, "failures": 0, "error_ratio": 0.0}
    rates = dict.fromkeys(("offered_per_s", "iterations_per_s", "completed_per_s"), 100)
    sums = _sampled(source)
    own = {"generator_cpu_cores": 0.3, "loop_lag_ms": 0.5, "stage": "hold", "window": "steady"}
    writer.row(RESULTS_CSV, {**times, **load, **rates, **latency, **sums, **own})
    for number, target in enumerate(TARGETS, start=1):
        for kind in ("tree", "process"):
            who = {
                "role": "target", "source": target, "host": "h", "kind": kind, "segment": 0,
                "pid": number, "started_s": 1.7e9, "process": target.partition(":")[2],
            }  # fmt: skip
            writer.row(RESOURCES_CSV, {**times, **who, **_sampled(source)})


def _sampled(source: random.Random) -> dict[str, Any]:
    memory = 80_000_000 + 4096 * source.randrange(50)
    values = (memory, memory - 4_000_000, 20 + source.randrange(3), 4, source.random() / 3)
    return dict(zip(SERIES, values, strict=True))


def _analysed(record: Path) -> tuple[float, float]:
    """Seconds and peak memory in MB of one ``reli-analyze`` on one core."""
    began = time.perf_counter()
    process = subprocess.Popen(
        ["taskset", "-c", "0", Path(sys.executable).with_name("reli-analyze"), str(record)],
        stdout=subprocess.DEVNULL,
    )
    _pid, _status, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    return time.perf_counter() - began, usage.ru_maxrss * 1024 / 1e6


def figures() -> list[Figure]:
    """Whole processes, start to exit, the second of two: the files are in the page cache."""
    with tempfile.TemporaryDirectory() as directory:
        record = write_two_days(Path(directory))
        seconds, memory_mb = min(_analysed(record) for _ in range(2))
    series = len(TARGETS) * 2 * len(SERIES)
    of = f"{HOURS} h at 1 Hz, {series} series, {ENDPOINTS} endpoints, {len(BUDGETS)} budgets"
    return [
        Figure("`reli-analyze` on a record of two days", seconds, 5.0, "s", f"one core; {of}"),
        Figure("its memory", memory_mb, 500.0, "MB", "peak resident size of the process"),
    ]


if __name__ == "__main__":
    for figure in figures():
        print(figure.row())
