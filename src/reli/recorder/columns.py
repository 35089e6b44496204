"""Groups of columns of ``results.csv`` and ``requests.csv``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reli_analysis.record import Histogram
from reli_analysis.record.layout import (
    ARRIVAL,
    IDLE_START_DELAY_QUANTILES,
    RESPONSE_QUANTILES,
    SERVICE_QUANTILES,
    START_DELAY_QUANTILES,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reli.recorder.protocol import IntervalRow, OpenModelRow


def quantile_columns(histogram: Histogram, quantiles: Mapping[str, float]) -> dict[str, Any]:
    """Columns with the quantiles of a histogram; empty ones when it is."""
    return dict(zip(quantiles, histogram.quantiles_ms(quantiles.values()), strict=True))


def load_columns(row: IntervalRow, everything: Histogram, length_s: float) -> dict[str, Any]:
    """What was offered and answered in an interval; ``everything`` is of all its requests."""
    requests = sum(endpoint.requests for endpoint in row.endpoints)
    failures = sum(endpoint.failures for endpoint in row.endpoints)
    answered = sum(e.requests for e in row.endpoints if e.request_type != ARRIVAL)
    # In the closed model nobody waits to begin: response time is service time.
    services = Histogram(row.services) if row.open_model else everything
    return {
        "users": row.users,
        "workers": row.workers,
        "offered_per_s": None if row.offered is None else row.offered / length_s,
        "iterations_per_s": None if row.iterations is None else row.iterations / length_s,
        "completed_per_s": answered / length_s,
        "requests": requests,
        "failures": failures,
        "error_ratio": failures / requests if requests else None,
        "mean_ms": everything.mean_ms(),
        **quantile_columns(everything, RESPONSE_QUANTILES),
        **quantile_columns(services, SERVICE_QUANTILES),
        **_open_model_columns(row.open_model),
    }


def _open_model_columns(row: OpenModelRow | None) -> dict[str, Any]:
    """What the open model adds; nothing in the closed one."""
    if row is None:
        return {}
    return {
        "arrivals": row.arrivals,
        "dropped": row.dropped,
        "waiting": row.waiting,
        "busy_users": row.busy_users,
        **quantile_columns(Histogram(row.delays), START_DELAY_QUANTILES),
        **quantile_columns(Histogram(row.idle_delays), IDLE_START_DELAY_QUANTILES),
    }


def resource_columns(row: IntervalRow, resources: Mapping[str, Any]) -> dict[str, Any]:
    """The target's resources as sampled, and the generator's health as it reports it itself."""
    cpu = (resources.get("generator_cpu_cores"), row.health.get("cpu_cores"))
    known = [value for value in cpu if value is not None]
    return {
        **resources,
        "generator_cpu_cores": max(known, default=None),
        "generator_cpu_demand_cores": row.health.get("cpu_demand_cores"),
        "loop_lag_ms": row.health.get("lag_ms"),
        "generator_fds_ratio": row.health.get("fds_ratio"),
        "sockets_ratio": row.health.get("sockets_ratio"),
    }
