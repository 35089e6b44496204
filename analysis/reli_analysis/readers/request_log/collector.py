"""Counts requests by interval and endpoint, and their latencies by bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.readers.request_log.clock import FINE, Clock
from reli_analysis.readers.request_log.histograms import Histograms, buckets_of
from reli_analysis.readers.request_log.names import Names
from reli_analysis.readers.request_log.tally import Tally
from reli_analysis.record.layout import OTHER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.readers.request_log.batch import Gauge, Labels, Requests

MOST_ENDPOINTS = 500
MOST_CELLS = 1_000_000
"""Intervals times endpoints at most; a cell takes a few hundred bytes."""
MOST_ERRORS = 500
_LATE = 30
"""Intervals for which rows may come late and still join those of their interval."""


class Collector:
    """Takes batches; afterwards its tallies hold the whole log."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        cells = clock.most // FINE + 1
        self.width = MOST_ENDPOINTS + 1
        """Cells of one interval of endpoints."""
        self.endpoints = Names(min(MOST_ENDPOINTS, max(20, MOST_CELLS // cells)), f" {OTHER}")
        self.errors = Names(MOST_ERRORS, OTHER)
        self.of_all = Histograms(every=1, late=_LATE, telling=True)
        self.of_endpoints = Histograms(every=self.width, late=_LATE // FINE)
        self.requests, self.failures = Tally(), Tally()
        self.by_endpoint, self.failures_by_endpoint = Tally(), Tally()
        self.errors_by_endpoint = Tally()
        self.gauges: dict[str, NDArray[np.float64]] = {}
        self.rows = self.timeless = self.unanswered = self.parts = 0

    def add(self, batch: Requests) -> None:
        """Count a batch; rows without a usable time are only counted as such."""
        intervals, timed = self.clock.intervals(batch.moments_s)
        self.rows += len(batch)
        self.timeless += int((~timed).sum())
        numbers = self.endpoints.numbers(batch.endpoints)
        cells = (intervals // FINE) * self.width + numbers
        with np.errstate(invalid="ignore"):
            answered = timed & (batch.latency_ms >= 0) & (batch.latency_ms < np.inf)
        whole = timed if batch.parts is None else timed & ~batch.parts
        self.parts += int(timed.sum() - whole.sum())
        self.unanswered += int(whole.sum() - (whole & answered).sum())
        buckets = buckets_of(np.where(answered, batch.latency_ms, 0.0))
        both = whole & answered
        self.of_all.add(intervals[both], buckets[both])
        self.of_endpoints.add(cells[answered], buckets[answered])
        self.requests.add(intervals[whole])
        self.failures.add(intervals[whole & batch.failed])
        self.by_endpoint.add(cells[timed])
        bad = timed & batch.failed
        self.failures_by_endpoint.add(cells[bad])
        self._add_errors(numbers[bad], batch.errors.chosen(bad))

        for gauge in batch.gauges:
            self._add_gauge(gauge)

    def _add_gauge(self, gauge: Gauge) -> None:
        intervals, timed = self.clock.intervals(gauge.moments_s)
        timed &= np.isfinite(gauge.values)
        known = self.gauges.setdefault(gauge.name, np.full(self.clock.count, np.nan))
        if gauge.summed:
            sums = np.bincount(intervals[timed], gauge.values[timed], minlength=len(known))
            np.add(np.nan_to_num(known), sums, out=known)
        else:
            np.fmax.at(known, intervals[timed], gauge.values[timed])

    def _add_errors(self, endpoints: NDArray[np.int64], errors: Labels) -> None:
        numbers = self.errors.numbers(errors)
        self.errors_by_endpoint.add(endpoints * (MOST_ERRORS + 1) + numbers)
