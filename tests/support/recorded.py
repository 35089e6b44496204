"""Records intervals with the real recorder, in this process and at once."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reli.clock import boot_id
from reli.recorder.protocol import EndpointRow, IntervalRow, OpenModelRow
from reli.recorder.recording import Recorder
from reli.recorder.settings import Settings
from reli_analysis.record import Histogram, RunInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

USUAL = IntervalRow(
    index=0,
    stage="hold",
    window="steady",
    users=3,
    workers=1,
    offered=2.0,
    iterations=2,
    health={"lag_ms": 0.5, "cpu_cores": 0.25, "fds_ratio": 0.01, "sockets_ratio": 0.02},
    services={},
    open_model=None,
    endpoints=(),
    failures=(),
    metrics={},
)


def endpoint(
    name: str, latencies_ms: Iterable[float], failures: int = 0, request_type: str = "GET"
) -> EndpointRow:
    """An endpoint that answered after these times."""
    counts = buckets(latencies_ms)
    return EndpointRow(request_type, name, sum(counts.values()), failures, 0, counts)


def buckets(latencies_ms: Iterable[float]) -> dict[int, int]:
    """Latencies as counts by bucket."""
    histogram = Histogram()
    for value in latencies_ms:
        histogram.record(round(value * 1e6))
    return histogram.counts


def arrivals(arrived: int, dropped: int, waiting: int = 0) -> OpenModelRow:
    """What the open model adds to an interval."""
    return OpenModelRow(arrived, dropped, arrived, 0, waiting, 1, 1.5, 0.5, {}, {}, {}, {})


def run_info(**changes: Any) -> RunInfo:
    """A run that begins now, of intervals of a second."""
    info = RunInfo(
        run_id="recorded",
        profile_name="recorded",
        started_wall_s=time.time(),
        started_monotonic_s=time.monotonic(),
        boot_id=boot_id(),
    )
    return replace(info, **changes)


def record(parent: Path, rows: Sequence[IntervalRow], **info: Any) -> Path:
    """The finished record of these intervals; nothing is sampled."""
    recorder = Recorder(run_info(**info), Settings(str(parent)))
    for row in rows:
        recorder.take(row)
    recorder.end("finished", "")
    return recorder.directory


def usual(index: int, **changes: Any) -> IntervalRow:
    """An interval like any other but for these changes."""
    return replace(USUAL, index=index, **changes)


def table_of(rows: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    """The rows of a table by column."""
    return [dict(zip(rows, cells, strict=True)) for cells in zip(*rows.values(), strict=True)]
