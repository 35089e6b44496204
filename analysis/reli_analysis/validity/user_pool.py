"""Open model: could the users carry the load at all? If not, the wait for a user is our own doing.

Little's law (1961): users that are busy = iterations a second x mean service time of an iteration.
A pool whose users are all busy while arrivals wait is either too small for the rate, however fast
the target answers, or the target has slowed down. The law tells which: the rate times the service
time that the target showed *at its best*, while users were idle, is how many users the rate needs
at the least.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.advice import ADVICE
from reli_analysis.record.hlog import ITERATION_TAGS
from reli_analysis.selection import TIME_TOLERANCE_S, under_load
from reli_analysis.units import format_value
from reli_analysis.validity.base import CHECKS, found, of_load
from reli_analysis.validity.generator.reason import FEWEST_INTERVALS, bearable, touched
from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.series import Run
    from reli_analysis.verdict import Finding

NAME = "user pool"

SATURATED = 0.98
"""Users busy in the mean of an interval; a user that changes over to its next arrival is not."""

IDLE = 0.9
"""Below this some user was free nearly always, so the target was not at the pool's mercy."""

GROUP = 50
"""Iterations behind one mean service time; its standard error is a seventh of one iteration's."""

BEST = 0.25
"""The quantile of these means that counts as the target's best: not the luckiest of them."""

_SPARE = 1.5
"""Users to ask for beyond those that the law needs: arrivals come in bursts, answers vary."""


def check(run: Run) -> Finding | None:
    """INVALID when the pool was full and could not carry the rate; else a warning if it was full."""
    busy, users = under_load(run, "busy_users"), under_load(run, "users")
    if not np.isfinite(busy).any():
        return None
    full = (users > 0) & (busy >= SATURATED * users)
    if not full.any():
        return _had_room(busy, users)
    best_s = best_service_s(run)
    offered = np.nan_to_num(under_load(run, "offered_per_s"))
    too_small = full & (offered * (best_s or 0.0) > users)
    share, limit = touched(run, too_small), bearable(run)
    if best_s is not None and share > limit and too_small.sum() >= FEWEST_INTERVALS:
        return _too_small(users[too_small], offered[too_small], best_s, share, limit)
    return _was_full(touched(run, full), best_s)


def best_service_s(run: Run) -> float | None:
    """The mean service time of an iteration while users were idle, of the whole run's best part.

    From the histograms of iterations, which are exact, in groups of rows with at least ``GROUP``
    iterations; the ``BEST`` quantile of the groups' means. A run that never had an idle user shows
    its target only under full load, and that is then the best there is. ``None`` without these
    histograms: dividing ``busy_users`` by ``iterations_per_s`` gives no mean while answers come in
    bursts.
    """
    if run.latency is None or "busy_users" not in run.series:
        return None
    rows = run.latency.row_means(ITERATION_TAGS["service"])
    idle = _idle(run, rows.start_s)
    means_s = _group_means_ms(rows.totals[idle], rows.means_ms[idle])
    if not len(means_s):
        means_s = _group_means_ms(rows.totals, rows.means_ms)
    return float(np.quantile(means_s, BEST)) / 1000 if len(means_s) else None


def _idle(run: Run, start_s: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which of these moments begin an interval in which some user was idle."""
    busy, users = run.series["busy_users"], run.series["users"]
    free = busy.values < IDLE * users.values
    at = np.searchsorted(busy.elapsed_s, start_s + TIME_TOLERANCE_S) - 1
    return np.asarray((at >= 0) & free[np.maximum(at, 0)])


def _group_means_ms(
    totals: NDArray[np.float64], means_ms: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Means over neighbouring rows that together hold at least ``GROUP`` values."""
    known = totals > 0
    totals, means_ms = totals[known], means_ms[known]
    group = ((np.cumsum(totals) - totals) // GROUP).astype(np.int64)
    _names, group = np.unique(group, return_inverse=True)
    counts = np.bincount(group, totals)
    means = np.bincount(group, totals * means_ms) / np.maximum(counts, 1)
    return np.asarray(means[counts >= GROUP / 2])


def _had_room(busy: NDArray[np.float64], users: NDArray[np.float64]) -> Finding:
    most = f"{float(np.nanmax(busy)):.0f} of {float(np.nanmax(users)):.0f}"
    return found(NAME, Verdict.PASS, f"at most {most} users were busy: an arrival found a free one")


def _too_small(
    users: NDArray[np.float64],
    offered: NDArray[np.float64],
    best_s: float,
    share: float,
    limit: float,
) -> Finding:
    worst = int(np.argmax(offered / users))
    pool, rate = float(users[worst]), float(offered[worst])
    best = format_value(best_s * 1000, "ms")
    return found(
        NAME,
        Verdict.INVALID,
        f"the pool of {pool:,.0f} users can carry at most {format_value(pool / best_s, '1/s')} at "
        f"the {best} that an iteration takes at its best; the profile asks for "
        f"{format_value(rate, '1/s')}",
        observed=pool,
        limit=rate * best_s,
        unit="count",
        evidence={
            "best_service_s": best_s,
            "pool_too_small_ratio": share,
            "pool_too_small_limit_ratio": limit,
            ADVICE: f"Give the load more users: write users: {_rounded_up(_SPARE * rate * best_s)} "
            "or more.",
        },
    )


def _rounded_up(users: float) -> int:
    """Two digits, the rest zeros."""
    whole = math.ceil(round(users, 6))
    step = int(10 ** max(0, len(str(whole)) - 2))
    return math.ceil(whole / step) * step


def _was_full(share: float, best_s: float | None) -> Finding:
    told = (
        f"every user was busy in {format_value(share, 'ratio')} of the steady load: response times "
        "include the wait for a free user there"
    )
    if best_s is not None:
        told += "; the users would do at the target's best, so it is the target that slowed down"
    return found(
        NAME,
        Verdict.PASS,
        told,
        observed=share,
        unit="ratio",
        evidence={"pool_full_ratio": share, "best_service_s": best_s},
        warning=True,
    )


CHECKS.register(NAME, of_load(check))
