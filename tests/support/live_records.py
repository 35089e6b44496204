"""Records of runs whose every number is known, written as the recorder writes them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from reli_analysis.record import RecordWriter, RunInfo
from reli_analysis.record.layout import BUDGETS_CSV, EVENTS_CSV, RESOURCES_CSV, RESULTS_CSV
from reli_analysis.record.run import write_run_info

BUDGETS = ("p95 < 250ms", "max rss < 512MiB")
REDIS = {"role": "target", "source": "name:redis-server", "kind": "tree", "process": "redis-server"}
NGINX = {"role": "target", "source": "name:nginx", "kind": "tree", "process": "nginx"}
WORKER = {"role": "target", "source": "name:nginx", "kind": "process", "process": "nginx"}


def run_info(**changes: Any) -> RunInfo:
    """What ``run.json`` says of such a run."""
    known: dict[str, Any] = {
        "run_id": "scripted",
        "profile_name": "soak",
        "started_wall_s": 1_790_000_000.0,
        "started_monotonic_s": 100.0,
        "boot_id": "a-boot",
        "planned_s": 7200.0,
        "budgets": BUDGETS,
        "targets": ("name:redis-server", "name:nginx"),
    }
    return RunInfo(**{**known, **changes})


def results_row(index: int, interval_s: float = 1.0) -> dict[str, Any]:
    """The load of an interval: a wave, with a peak every 997 intervals."""
    wave_ms = 4 + math.sin(index / 50)
    peak = 100.0 if index % 997 == 500 else 1.0
    return {
        "elapsed_s": index * interval_s,
        "interval_s": interval_s,
        "stage": "hold at 100%",
        "window": "warm-up" if index < 20 else "steady",
        "users": 50,
        "workers": 2,
        "offered_per_s": 500.0,
        "iterations_per_s": 499.0,
        "completed_per_s": 499.5,
        "requests": 499,
        "failures": 1,
        "error_ratio": 1 / 499,
        "p50_ms": wave_ms / 2,
        "p95_ms": wave_ms,
        "p99_ms": wave_ms * 2,
        "max_ms": wave_ms * 3 * peak,
        "rss_bytes": 90_000_000 + 1000 * index,
        "fds": 60,
        "cpu_cores": 0.75,
        "threads": 9,
    }


def resource_rows(index: int, interval_s: float = 1.0) -> Iterator[dict[str, Any]]:
    """The sample that ends an interval: two trees, and processes that nobody shows live."""
    at = {"elapsed_s": (index + 1) * interval_s + 0.004, "host": "db1", "segment": 0}
    yield {**at, **WORKER, "pid": 7, "rss_bytes": 1}
    yield {
        **at,
        **REDIS,
        "rss_bytes": 60_000_000 + 1000 * index,
        "fds": 50,
        "cpu_cores": 0.5,
        "threads": 5,
    }
    yield {**at, **NGINX, "rss_bytes": 30_000_000, "fds": 10, "cpu_cores": 0.25, "threads": 4}


def event_row(elapsed_s: float, kind: str, subject: str, message: str) -> dict[str, Any]:
    return {"elapsed_s": elapsed_s, "kind": kind, "subject": subject, "message": message}


class Scripted:
    """A record that grows as a test asks for it; between two steps no file of it is open."""

    def __init__(self, parent: Path, **changes: Any) -> None:
        self.directory = parent / "scripted"
        self.directory.mkdir(parents=True)
        self.info = run_info(**changes)
        RecordWriter(self.directory, self.info).close()
        self.count = 0

    @contextmanager
    def _writer(self) -> Iterator[RecordWriter]:
        writer = RecordWriter(self.directory, self.info, resume_at={})
        try:
            yield writer
            writer.flush()
        finally:
            writer.close()

    def grow(self, intervals: int) -> None:
        """Write so many more intervals."""
        with self._writer() as writer:
            for index in range(self.count, self.count + intervals):
                writer.row(RESULTS_CSV, results_row(index, self.info.interval_s))
                for row in resource_rows(index, self.info.interval_s):
                    writer.row(RESOURCES_CSV, row)
                if index % 1000 == 0:
                    writer.flush()
        self.count += intervals

    def event(self, *cells: Any) -> None:
        with self._writer() as writer:
            writer.row(EVENTS_CSV, event_row(*cells))

    def budget(self, **cells: Any) -> None:
        """Write how a budget stands; cells by column."""
        with self._writer() as writer:
            writer.row(BUDGETS_CSV, cells)

    def end(self, state: str = "finished", reason: str = "") -> None:
        self.info = replace(self.info, state=state, state_reason=reason)
        write_run_info(self.directory, self.info)
