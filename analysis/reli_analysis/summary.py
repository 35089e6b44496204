"""The few numbers that say what was run: totals and peaks over the whole run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.budgets.unanswered import is_unanswered
from reli_analysis.latency import ALL_REQUESTS
from reli_analysis.record.hlog import SERVICE_TAG
from reli_analysis.selection import inside, length_s, load_spans, steady_spans

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.selection import Spans
    from reli_analysis.series import Endpoint, Run


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
    open_model: OpenModelSummary | None = None


@dataclass(frozen=True)
class OpenModelSummary:
    """What became of the arrivals of the whole run, and the times of the steady window.

    ``response_ms`` and ``service_ms`` are percentiles of requests by name (``p50``, ``p95``,
    ``p99``); ``None`` without an interval log.
    """

    offered: int | None
    arrivals: int
    finished: int | None
    dropped: int | None
    waiting_max: int | None
    busy_users_max: float | None
    response_ms: dict[str, float | None]
    service_ms: dict[str, float | None]


_SHOWN = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


def _measured(run: Run, name: str) -> NDArray[np.float64] | None:
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
    """Sum and peak of the results' columns; the mean rate is answers over the whole duration."""
    requests, failures = _total(run, "requests"), _total(run, "failures")
    users, workers = _highest(run, "users"), _highest(run, "workers")
    error_ratio = failures / requests if requests and failures is not None else None
    answered = None if requests is None else requests - (_total(run, "dropped") or 0)
    rate = answered / run.duration_s if answered is not None and run.duration_s > 0 else None
    return Summary(
        duration_s=run.duration_s,
        requests=requests,
        failures=failures,
        error_ratio=error_ratio,
        completed_per_s=rate,
        offered_max_per_s=_highest(run, "offered_per_s"),
        users_max=None if users is None else round(users),
        workers_max=None if workers is None else round(workers),
        open_model=_open_model(run) if run.is_open else None,
    )


def _open_model(run: Run) -> OpenModelSummary:
    waiting = _highest(run, "waiting")
    return OpenModelSummary(
        offered=_total_of_rate(run, "offered_per_s"),
        arrivals=_total(run, "arrivals") or 0,
        finished=_total_of_rate(run, "iterations_per_s"),
        dropped=_total(run, "dropped"),
        waiting_max=None if waiting is None else round(waiting),
        busy_users_max=_highest(run, "busy_users"),
        response_ms=_percentiles(run, ALL_REQUESTS),
        service_ms=_percentiles(run, SERVICE_TAG),
    )


def _total_of_rate(run: Run, name: str) -> int | None:
    values = _measured(run, name)
    return None if values is None else round(float(values.sum()) * run.interval_s)


def _percentiles(run: Run, tag: str) -> dict[str, float | None]:
    """The percentiles of the rows of a tag in the steady window."""
    counts = run.latency.merged((tag,), steady_spans(run)) if run.latency else None
    return {name: counts.quantile_ms(q) if counts else None for name, q in _SHOWN.items()}


@dataclass(frozen=True)
class EndpointSummary:
    """One endpoint in the judged window; response times are ``None`` without an interval log."""

    name: str
    requests: int
    failures: int
    error_ratio: float | None
    completed_per_s: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    max_ms: float | None


def summarise_endpoints(run: Run) -> list[EndpointSummary]:
    """One summary an endpoint over the steady windows, the busiest first.

    Without windows the whole run counts. Response times are those of the interval log, exact to
    its three digits.
    """
    spans = steady_spans(run)
    summaries = [_endpoint(run, endpoint, spans) for endpoint in run.endpoints.values()]
    return sorted(summaries, key=lambda s: (-s.requests, s.name))


def _endpoint(run: Run, endpoint: Endpoint, spans: Spans) -> EndpointSummary:
    judged = inside(endpoint.elapsed_s, spans)
    requests = round(float(np.nansum(endpoint.requests[judged])))
    failures = round(float(np.nansum(endpoint.failures[judged])))
    answers = inside(endpoint.elapsed_s, load_spans(run))
    if is_unanswered(endpoint.name):
        answers &= False
    under_load, seconds = float(np.nansum(endpoint.requests[answers])), length_s(load_spans(run))
    tag = run.latency.endpoints().get(endpoint.name) if run.latency else None
    counts = run.latency.merged((tag,), spans) if run.latency and tag is not None else None
    p50, p95, p99, longest = (
        counts.quantile_ms(q) if counts else None for q in (0.5, 0.95, 0.99, 1.0)
    )
    return EndpointSummary(
        name=endpoint.name,
        requests=requests,
        failures=failures,
        error_ratio=failures / requests if requests else None,
        completed_per_s=under_load / seconds if seconds > 0 else None,
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
        max_ms=longest,
    )
