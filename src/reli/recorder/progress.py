"""Live progress of a run, on standard error: one line that is rewritten, or a line now and then."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from reli_analysis.units import format_value

if TYPE_CHECKING:
    from reli.recorder.protocol import IntervalRow
    from reli.recorder.told import Told

_EVERY_S = 10


class Progress:
    """Says how far the run is and how it goes."""

    def __init__(self, planned_s: float | None, interval_s: float) -> None:
        self._planned_s = planned_s
        self._interval_s = interval_s
        self._rewrites = sys.stderr.isatty()
        self._every = 1 if self._rewrites else max(1, round(_EVERY_S / interval_s))

    def tell(self, told: Told) -> None:
        """Show an interval that was just written."""
        row = told.row
        if (row.index + 1) % self._every:
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
        line = "  ".join(parts)
        self._print(f"\r\x1b[2K{line}" if self._rewrites else f"{line}\n")

    def _rate(self, row: IntervalRow) -> str:
        """Iterations done and asked for, or requests where the load is not in iterations."""
        if row.iterations is None or row.offered is None:
            requests = sum(endpoint.requests for endpoint in row.endpoints)
            return f"{requests / self._interval_s:.0f}/s"
        return (
            f"{row.iterations / self._interval_s:.0f}/s of {row.offered / self._interval_s:.0f}/s"
        )

    def close(self) -> None:
        if self._rewrites:
            self._print("\r\x1b[2K")

    @staticmethod
    def _print(text: str) -> None:
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except OSError:
            # The terminal is gone; the record is what matters.
            return
