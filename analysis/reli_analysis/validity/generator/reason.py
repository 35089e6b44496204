"""What makes the generator suspect, and how much of the run a suspicion must touch.

A percentile says something of the slowest few: p95 of one request in twenty. A generator that was
in trouble for a smaller part of the time, and of the requests, cannot have made that percentile;
one that was in trouble for longer can. So the part that a run bears follows from the highest
percentile that its own budgets claim.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from reli_analysis.budgets import parse
from reli_analysis.errors import BudgetError
from reli_analysis.latency import ALL_REQUESTS
from reli_analysis.record.layout import RESPONSE_QUANTILES
from reli_analysis.selection import steady_spans, under_load

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.series import Run

USUAL_QUANTILE = 0.95
STRICTEST_QUANTILE = 0.99
"""Higher percentiles hang on single requests; one bad moment of the host must not undo a run."""

FEWEST_INTERVALS = 3
"""One interval, with the one before or after it, may be anything; three are a state."""

WORTH_TELLING = 0.2
"""A warning begins at this share of the limit: less happens in every run."""

MATTERS = 0.2
"""Lateness below a fifth of a latency has not made that latency; see :func:`late_ms`."""


@dataclass(frozen=True)
class Reason:
    """One sign that the generator was the bottleneck, in a clause, and what to change.

    ``grave`` makes the run INVALID; any other is a warning. ``observed`` and ``limit`` are in
    ``unit``.
    """

    message: str
    advice: str
    grave: bool
    observed: float | None = None
    limit: float | None = None
    unit: str = ""
    evidence: dict[str, Any] = field(default_factory=dict)


def claimed_quantile(run: Run) -> float:
    """The highest percentile of the record's own budgets, from p95 to p99; p95 without any."""
    claimed = [USUAL_QUANTILE]
    for text in run.info.budgets if run.info else ():
        try:
            claimed.append(parse(text).quantile or 0.0)
        except BudgetError:  # the judge tells of it
            continue
    return min(max(claimed), STRICTEST_QUANTILE)


def bearable(run: Run) -> float:
    """The part of the time and of the requests that may go wrong: 5 % when p95 is claimed."""
    return round(1 - claimed_quantile(run), 9)


def late_ms(run: Run, floor_ms: float) -> float:
    """From when on a lateness matters: a fifth of the claimed percentile, or the floor.

    The generator's lateness is part of the response times. One that made the percentile what it is
    is about as long as that percentile, so this never hides it; and a few milliseconds beside a
    service that takes seconds are no finding.
    """
    measured = _response_ms(run, claimed_quantile(run))
    return floor_ms if measured is None else max(floor_ms, MATTERS * measured)


def _response_ms(run: Run, quantile: float) -> float | None:
    """The percentile of the response times; without an interval log the median of intervals'."""
    if run.latency is not None and run.latency.tags():
        return run.latency.merged((ALL_REQUESTS,), steady_spans(run)).quantile_ms(quantile)
    column = min(RESPONSE_QUANTILES, key=lambda name: abs(RESPONSE_QUANTILES[name] - quantile))
    values = under_load(run, column)
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else None


def touched(run: Run, bad: NDArray[np.bool_]) -> float:
    """The part of the steady load that lies in these rows of it: of the time or of the requests.

    The larger of the two: a burst puts many requests into few intervals, and a generator that
    stands still makes few of them while it does.
    """
    if not bad.any():
        return 0.0
    of_time = float(np.mean(bad))
    requests = np.nan_to_num(under_load(run, "requests"))
    total = float(requests.sum())
    return max(of_time, float(requests[bad].sum()) / total) if total > 0 else of_time
