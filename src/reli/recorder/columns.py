"""Groups of columns of ``results.csv`` and ``requests.csv``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reli_analysis.record import Histogram
from reli_analysis.record.layout import IDLE_START_DELAY_QUANTILES, START_DELAY_QUANTILES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reli.recorder.protocol import IntervalRow, OpenModelRow


def quantile_columns(histogram: Histogram, quantiles: Mapping[str, float]) -> dict[str, Any]:
    """Columns with the quantiles of a histogram; empty ones when it is."""
    return dict(zip(quantiles, histogram.quantiles_ms(quantiles.values()), strict=True))


def open_model_columns(row: OpenModelRow | None) -> dict[str, Any]:
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
    cpu = (resources.get("generator_cpu_cores"), row.health["cpu_cores"])
    known = [value for value in cpu if value is not None]
    return {
        **resources,
        "generator_cpu_cores": max(known, default=None),
        "loop_lag_ms": row.health["lag_ms"],
        "generator_fds_ratio": row.health["fds_ratio"],
        "sockets_ratio": row.health["sockets_ratio"],
    }
