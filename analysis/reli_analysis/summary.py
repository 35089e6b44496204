"""The few numbers that say what was run: totals and peaks over the whole run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from reli_analysis.series import Run


@dataclass(frozen=True)
class Summary:
    """Totals over the whole run, warm-up included; ``None`` where nothing was measured."""

    duration_s: float
    requests: int | None
    failures: int | None
    error_ratio: float | None
    completed_per_s: float | None
    offered_max_per_s: float | None
    users_max: int | None
    workers_max: int | None


def _measured(run: Run, name: str) -> np.ndarray | None:
    series = run.series.get(name)
    values = series.measured().values if series is not None else None
    return values if values is not None and len(values) else None


def _total(run: Run, name: str) -> int | None:
    values = _measured(run, name)
    return None if values is None else round(float(values.sum()))


def _highest(run: Run, name: str) -> float | None:
    values = _measured(run, name)
    return None if values is None else float(values.max())


def summarise(run: Run) -> Summary:
    """Sum and peak of the results' columns; the mean rate is requests over the whole duration."""
    requests, failures = _total(run, "requests"), _total(run, "failures")
    users, workers = _highest(run, "users"), _highest(run, "workers")
    error_ratio = failures / requests if requests and failures is not None else None
    rate = requests / run.duration_s if requests is not None and run.duration_s > 0 else None
    return Summary(
        duration_s=run.duration_s,
        requests=requests,
        failures=failures,
        error_ratio=error_ratio,
        completed_per_s=rate,
        offered_max_per_s=_highest(run, "offered_per_s"),
        users_max=None if users is None else round(users),
        workers_max=None if workers is None else round(workers),
    )


@dataclass(frozen=True)
class EndpointSummary:
    """One endpoint over the whole run; response times are ``None`` without an interval log."""

    name: str
    requests: int
    failures: int
    error_ratio: float | None
    completed_per_s: float | None
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    max_ms: float | None = None


def summarise_endpoints(run: Run) -> list[EndpointSummary]:
    """One summary an endpoint, the busiest first."""
    summaries = []
    for endpoint in run.endpoints.values():
        requests = round(float(np.nansum(endpoint.requests)))
        failures = round(float(np.nansum(endpoint.failures)))
        summaries.append(
            EndpointSummary(
                name=endpoint.name,
                requests=requests,
                failures=failures,
                error_ratio=failures / requests if requests else None,
                completed_per_s=requests / run.duration_s if run.duration_s > 0 else None,
            )
        )
    return sorted(summaries, key=lambda s: (-s.requests, s.name))
