"""Makes a run of what a collector has counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.errors import InputError
from reli_analysis.latency import ALL_REQUESTS, LatencyLog
from reli_analysis.latency_rows import TagRows
from reli_analysis.readers.request_log.clock import FINE
from reli_analysis.readers.request_log.collector import MOST_ERRORS
from reli_analysis.record.hlog import endpoint_tag
from reli_analysis.record.layout import RESULTS_COLUMNS
from reli_analysis.series import Damage, Endpoint, Failure, Run, Series
from reli_analysis.units import format_duration

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from reli_analysis.readers.request_log.collector import Collector
    from reli_analysis.readers.request_log.tally import Tally

LEFT_OUT = 0.05
"""With more rows of no use, what is not known could hold every slow request that p95 speaks of."""

_UNITS = {column.name: column.unit for column in RESULTS_COLUMNS}


@dataclass(frozen=True)
class _Grid:
    """The intervals from the first with a request to the last."""

    first: int
    count: int
    interval_s: float

    @property
    def elapsed_s(self) -> NDArray[np.float64]:
        return np.arange(self.count, dtype=np.float64) * self.interval_s

    def dense(self, tally: Tally) -> NDArray[np.float64]:
        """A tally by interval as one number an interval."""
        keys, counts = tally.items()
        values = np.zeros(self.count)
        values[keys - self.first] = counts
        return values


def assemble(
    path: Path, collected: Collector, notes: Sequence[str], skipped: int = 0, how: str = ""
) -> Run:
    """The run; ``skipped`` rows had the wrong number of fields, the first of them ``how``.

    Raises ``InputError`` when nothing is left, or too little to speak for the whole.
    """
    damage = _damage(path, collected, skipped, how)
    used = collected.requests.items()[0]
    first = int(used[0]) // FINE * FINE if used[0] < collected.clock.offset else int(used[0])
    grid = _Grid(first, int(used[-1]) + 1 - first, collected.clock.interval_s)
    log = _latency(collected, grid)
    return Run(
        title=path.name,
        path=path,
        series=_series(collected, grid),
        latency=log,
        endpoints=_endpoints(collected, grid),
        failures=_failures(collected),
        damage=damage,
        notes=(*notes, *_notes(collected, grid)),
        interval_s=grid.interval_s,
    )


def _damage(path: Path, collected: Collector, skipped: int, how: str) -> tuple[Damage, ...]:
    rows = collected.rows + skipped
    if not collected.rows - collected.timeless:
        raise InputError(f"{path} holds no request with a time")
    lost = collected.timeless + skipped
    if lost > LEFT_OUT * rows:
        raise InputError(
            f"{path}: {lost:,} of {rows:,} rows are of no use "
            f"({collected.timeless:,} without a time that could be, {skipped:,} with the wrong "
            "number of fields); mend the file, or read it with --time and --column"
        )
    found = []
    if skipped:
        found.append(f"{skipped:,} rows with the wrong number of fields are left out ({how})")
    if collected.timeless:
        found.append(f"{collected.timeless:,} rows without a time that could be are left out")
    if collected.unanswered:
        found.append(f"{collected.unanswered:,} requests have no latency")
    return tuple(Damage(path.name, message) for message in found)


def _notes(collected: Collector, grid: _Grid) -> list[str]:
    every = format_duration(grid.interval_s)
    told = [
        (
            f"latencies are kept as histograms of {every}, and of {format_duration(FINE * grid.interval_s)}"
            " by endpoint: percentiles are exact to three digits"
        )
    ]
    if collected.endpoints.folded:
        told.append(
            f"{collected.endpoints.folded:,} requests have names past the first "
            f"{len(collected.endpoints.texts()) - 1:,}, and are counted together"
        )
    return told


def _latency(collected: Collector, grid: _Grid) -> LatencyLog:
    """All requests by interval, and each endpoint by ``FINE`` of them."""
    rows: dict[str, TagRows] = {}
    cells, payloads = collected.of_all.rows()
    rows[ALL_REQUESTS] = _tag_rows(cells - grid.first, payloads, grid.interval_s)
    cells, payloads = collected.of_endpoints.rows()
    intervals, numbers = np.divmod(cells, collected.width)
    begins = intervals * FINE - grid.first
    for number in np.unique(numbers).tolist():
        at = np.flatnonzero(numbers == number)
        tag = _tag(collected.endpoints.text(number))
        rows[tag] = _tag_rows(
            begins[at], [payloads[one] for one in at.tolist()], grid.interval_s, FINE
        )
    return LatencyLog(rows)


def _tag(endpoint: str) -> str:
    return endpoint_tag(*endpoint.partition(" ")[::2])


def _tag_rows(
    at: NDArray[np.int64], payloads: list[str], interval_s: float, every: int = 1
) -> TagRows:
    lengths = np.full(len(at), every * interval_s)
    return TagRows(at.astype(np.float64) * interval_s, lengths, payloads)


def _series(collected: Collector, grid: _Grid) -> dict[str, Series]:
    """The columns of ``results.csv`` that a request log tells."""
    requests, failures = grid.dense(collected.requests), grid.dense(collected.failures)
    columns: dict[str, NDArray[np.float64]] = {
        name: values[grid.first : grid.first + grid.count]
        for name, values in collected.gauges.items()
    }
    columns |= {
        "completed_per_s": requests / grid.interval_s,
        "requests": requests,
        "failures": failures,
        "error_ratio": failures / np.where(requests > 0, requests, np.nan),
    }
    columns |= _percentiles(collected, grid)
    return {
        name: Series(name, _UNITS[name], grid.elapsed_s, values) for name, values in columns.items()
    }


def _percentiles(collected: Collector, grid: _Grid) -> dict[str, NDArray[np.float64]]:
    """Mean and percentiles of each interval; NaN in one without requests."""
    found = collected.of_all.percentiles()
    columns = {name: np.full(grid.count, np.nan) for name in found.columns}
    for name, values in found.columns.items():
        columns[name][found.cells - grid.first] = values
    return columns


def _endpoints(collected: Collector, grid: _Grid) -> dict[str, Endpoint]:
    keys, counts = collected.by_endpoint.items()
    failed = dict(
        zip(*(part.tolist() for part in collected.failures_by_endpoint.items()), strict=True)
    )
    failures = np.array([failed.get(key, 0) for key in keys.tolist()], np.float64)
    intervals, numbers = np.divmod(keys, collected.width)
    elapsed_s = (intervals * FINE - grid.first) * grid.interval_s
    found = {}
    for number in np.unique(numbers).tolist():
        at = np.flatnonzero(numbers == number)
        name = collected.endpoints.text(number)
        lengths = np.full(len(at), FINE * grid.interval_s)
        found[name] = Endpoint(
            name, elapsed_s[at], counts[at].astype(np.float64), failures[at], lengths
        )
    return found


def _failures(collected: Collector) -> tuple[Failure, ...]:
    """How often each error struck each endpoint, the most frequent first."""
    keys, counts = collected.errors_by_endpoint.items()
    endpoints, errors = np.divmod(keys, MOST_ERRORS + 1)
    found = []
    for endpoint, error, count in zip(
        endpoints.tolist(), errors.tolist(), counts.tolist(), strict=True
    ):
        text = collected.errors.text(error)
        found.append(Failure(collected.endpoints.text(endpoint), error_class(text), text, count))
    return tuple(sorted(found, key=lambda f: (-f.count, f.endpoint, f.text)))


def error_class(text: str) -> str:
    """The class of an error as written: ``HTTPError`` of ``HTTPError('503 ...')``."""
    name = text.partition("(")[0].strip()
    return name if name.isidentifier() else text.partition(":")[0].strip()[:80]
