"""Arrivals of the open model that nobody answered: failures with a wait, but without a service time.

The load counts them as requests, so that error ratios and percentiles of response time stay honest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.record.layout import ARRIVAL
from reli_analysis.selection import inside

if TYPE_CHECKING:
    from reli_analysis.selection import Spans
    from reli_analysis.series import Run


def is_unanswered(endpoint: str) -> bool:
    """Whether an endpoint counts arrivals that were dropped, or that never ended."""
    return endpoint.startswith(f"{ARRIVAL} (")


def unanswered(run: Run, spans: Spans) -> float:
    """How many there were in these spans; without endpoints, those that were dropped."""
    counts = [
        (endpoint.elapsed_s, endpoint.requests)
        for name, endpoint in run.endpoints.items()
        if is_unanswered(name)
    ]
    if not run.endpoints and "dropped" in run.series:
        dropped = run.series["dropped"]
        counts = [(dropped.elapsed_s, dropped.values)]
    return float(sum(np.nansum(values[inside(at, spans)]) for at, values in counts))
