"""The few numbers by which runs are followed over weeks: the levels of one run's steady window."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.compare.measured import Missing
from reli_analysis.compare.traffic import of_everything
from reli_analysis.latency import ALL_REQUESTS
from reli_analysis.selection import inside, load_spans, part, steady_spans

if TYPE_CHECKING:
    from reli_analysis.series import Run

QUANTILES = {"p50_ms": 0.5, "p95_ms": 0.95, "p99_ms": 0.99}
COLUMNS = ("rss_bytes", "fds")
NAMES = (*QUANTILES, "throughput_per_s", "error_ratio", *COLUMNS, "cpu_per_request_ms")
"""All levels, in the order in which they are shown; the name states the unit."""

_FEWEST_REQUESTS = {"p50_ms": 20, "p95_ms": 200, "p99_ms": 1000}


def levels_of(run: Run) -> dict[str, float | None]:
    """The levels by name; ``None`` where the run did not measure (enough of) it."""
    levels: dict[str, float | None] = dict.fromkeys(NAMES)
    if run.latency is not None and run.latency.tags():
        counts = run.latency.merged((ALL_REQUESTS,), steady_spans(run))
        for name, quantile in QUANTILES.items():
            if counts.total >= _FEWEST_REQUESTS[name]:
                levels[name] = counts.quantile_ms(quantile)
    for name in COLUMNS:
        if name in run.series:
            values = part(run.series[name], load_spans(run)).values
            levels[name] = float(values.mean()) if len(values) else None
    return levels | _of_traffic(run)


def _of_traffic(run: Run) -> dict[str, float | None]:
    """Rates and shares: answers under load, failures of what was asked in the steady windows."""
    traffic = of_everything(run)
    if isinstance(traffic, Missing):
        return {}
    loaded = inside(traffic.elapsed_s, traffic.load)
    steady = inside(traffic.elapsed_s, traffic.steady)
    answered, seconds = (float(v[loaded].sum()) for v in (traffic.answered, traffic.interval_s))
    asked = float(traffic.requests[steady].sum())
    failed = float(traffic.failures[steady].sum())
    cores = run.series.get("cpu_cores")
    used = part(cores, load_spans(run)).values if cores is not None else np.empty(0)
    busy = float(used.mean()) if len(used) else math.nan
    return {
        "throughput_per_s": answered / seconds if seconds > 0 and answered > 0 else None,
        "error_ratio": failed / asked if asked > 0 else None,
        "cpu_per_request_ms": (
            1000 * busy * seconds / answered if answered > 0 and math.isfinite(busy) else None
        ),
    }
