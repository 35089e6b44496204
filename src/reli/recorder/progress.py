"""What the line of live progress says of an interval: of a run, and of sampling alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli.recorder.status_line import StatusLine
from reli_analysis.record.layout import CGROUP, HOST, TREE
from reli_analysis.units import format_duration, format_value

if TYPE_CHECKING:
    from reli.recorder.protocol import IntervalRow
    from reli.recorder.told import Measured, Told


class Progress:
    """Says how far the run is and how it goes."""

    def __init__(self, planned_s: float | None, interval_s: float) -> None:
        self._planned_s = planned_s
        self._interval_s = interval_s
        self._line = StatusLine(interval_s)

    def tell(self, told: Told) -> None:
        """Show an interval that was just written."""
        row = told.row
        if not self._line.is_due(row.index):
            return
        done_s = (row.index + 1) * self._interval_s
        of = f"/{self._planned_s:.0f}" if self._planned_s else ""
        failures = sum(endpoint.failures for endpoint in row.endpoints)
        parts = [
            f"reli {done_s:.0f}{of} s",
            f"{row.window} ({row.stage})" if row.stage else row.window,
            f"{row.users} users",
            self._rate(row),
            f"p95 {format_value(told.everything.quantile_ms(0.95), 'ms')}",
            f"{failures} failed",
            *([f"{row.open_model.waiting} waiting"] if row.open_model else []),
            f"rss {format_value(told.resources.get('rss_bytes'), 'bytes')}",
        ]
        self._line.show("  ".join(parts))

    def _rate(self, row: IntervalRow) -> str:
        """Iterations done and asked for, or requests where the load is not in iterations."""
        if row.iterations is None or row.offered is None:
            requests = sum(endpoint.requests for endpoint in row.endpoints)
            return f"{requests / self._interval_s:.0f}/s"
        return (
            f"{row.iterations / self._interval_s:.0f}/s of {row.offered / self._interval_s:.0f}/s"
        )

    def close(self) -> None:
        self._line.close()


_SHOWN = {
    TREE: {"rss_bytes": "rss", "fds": "fds", "cpu_cores": "cpu"},
    CGROUP: {"memory_bytes": "memory", "pids": "pids", "cpu_cores": "cpu"},
    HOST: {"memory_available_bytes": "available", "cpu_cores": "cpu"},
}
_UNITS = {"cpu_cores": "cores", "fds": "count", "pids": "count"}


class SampleProgress:
    """Says how long it has been sampled, and what each target was seen to use."""

    def __init__(self, planned_s: float | None, interval_s: float) -> None:
        self._planned_s = planned_s
        self._interval_s = interval_s
        self._line = StatusLine(interval_s)

    def tell(self, told: Told) -> None:
        """Show an interval that was just written."""
        if not self._line.is_due(told.row.index):
            return
        done = format_duration((told.row.index + 1) * self._interval_s)
        of = f" of {format_duration(self._planned_s)}" if self._planned_s else ""
        seen = [_target(one) for one in told.measured if one.role == "target"]
        targets = [text for text in seen if text] or ["nothing to see of any target"]
        self._line.show("  |  ".join([f"reli {done}{of}", *targets]))

    def close(self) -> None:
        self._line.close()


def _target(measured: Measured) -> str:
    """``name:redis-server rss 12 MB, fds 14, cpu 0.02 cores``; nothing of a single process."""
    reading = measured.reading
    parts = [
        f"{name} {format_value(reading.values[column], _UNITS.get(column, 'bytes'))}"
        for column, name in _SHOWN.get(reading.kind, {}).items()
        if column in reading.values
    ]
    return f"{measured.source} {', '.join(parts)}" if parts else ""
