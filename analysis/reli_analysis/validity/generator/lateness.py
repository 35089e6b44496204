"""Iterations that began late although a user was free: that is the generator's own lateness."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.budgets.bounds import IntervalPercentiles
from reli_analysis.record.hlog import ITERATION_TAGS
from reli_analysis.record.layout import START_DELAY_QUANTILES
from reli_analysis.selection import steady_rows, under_load
from reli_analysis.units import format_value
from reli_analysis.validity.generator.cpu import SPREAD
from reli_analysis.validity.generator.reason import (
    FEWEST_INTERVALS,
    WORTH_TELLING,
    Reason,
    bearable,
    late_ms,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.series import Run

FLOOR_MS = 10.0
"""Below this it is the scheduler of the host: a time slice or two."""

ROOM = 0.9
"""With more of the users busy than this, arrivals also wait for users; that is not counted here."""


def late_starts(run: Run) -> Reason | None:
    """Grave when more arrivals began late than the claimed percentile bears.

    Counted are the start delays above ``late_ms`` in intervals in which arrivals that found a user
    idle began that late (their p99), and in which users were idle throughout. So an arrival that
    waited for a user of a full pool is never counted.
    """
    idle_ms = under_load(run, "idle_start_delay_p99_ms")
    arrivals = np.nan_to_num(under_load(run, "arrivals"))
    if not np.isfinite(idle_ms).any() or arrivals.sum() <= 0:
        return None
    matters_ms = late_ms(run, FLOOR_MS)
    busy, users = under_load(run, "busy_users"), under_load(run, "users")
    late = (np.nan_to_num(idle_ms) > matters_ms) & (busy < ROOM * users)
    if not late.any():
        return None
    share = _late_arrivals(run, late, matters_ms) / float(arrivals.sum())
    limit = bearable(run)
    if share <= WORTH_TELLING * limit:
        return None
    evidence = {
        "late_starts_ratio": share,
        "late_intervals_ratio": float(np.mean(late)),
        "idle_start_delay_p99_median_ms": float(np.nanmedian(idle_ms)),
    }
    return Reason(
        f"{format_value(share, 'ratio')} of the arrivals began more than "
        f"{format_value(matters_ms, 'ms')} late although a user was free",
        SPREAD,
        grave=share > limit and late.sum() >= FEWEST_INTERVALS,
        observed=share,
        limit=limit,
        unit="ratio",
        evidence=evidence,
    )


def _late_arrivals(run: Run, rows: NDArray[np.bool_], matters_ms: float) -> int:
    """How many start delays of these rows are longer; without an interval log, at least how many."""
    tag = ITERATION_TAGS["start_delay"]
    if run.latency is not None and tag in run.latency.tags():
        moments = steady_rows(run)[rows]
        spans = tuple((float(at), float(at) + run.interval_s) for at in moments)
        counts = run.latency.merged((tag,), spans)
        return counts.total - counts.count_below(matters_ms, or_equal=True)
    columns = {q: under_load(run, name)[rows] for name, q in START_DELAY_QUANTILES.items()}
    known = IntervalPercentiles.of(under_load(run, "arrivals")[rows], columns)
    _at_least, at_most = known.bounds(matters_ms, or_equal=True)
    return known.total - at_most
