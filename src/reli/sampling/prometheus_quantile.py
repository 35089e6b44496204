"""A quantile of what a histogram of Prometheus counted."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def histogram_quantile(quantile: float, counts: Mapping[float, float]) -> float | None:
    """The ``quantile`` (above 0, below 1) of observations counted in cumulative buckets.

    ``counts`` has, by each bucket's upper bound (the label ``le``), how many observations were at
    most that. Returns ``None`` without observations, without a bucket of +Inf, or with no other.

    Formula, as in ``histogram_quantile`` of Prometheus: with N observations, the bucket that holds
    the one of rank ``quantile * N``, and within it linear between its bounds. The lowest bucket
    begins at 0 when its bound is positive, and else is its bound; beyond the highest finite bound
    nothing is known, so that bound is the answer. Assumes that observations lie evenly in a bucket:
    the error is at most the bucket's width. Counts that fall from a bucket to the next (read in the
    middle of an update) are taken as equal.
    """
    bounds = sorted(bound for bound in counts if not math.isnan(bound))
    if len(bounds) < 2 or bounds[-1] != math.inf:
        return None
    cumulative: list[float] = []
    for bound in bounds:
        cumulative.append(max(counts[bound], cumulative[-1] if cumulative else 0.0))
    if not 0 < cumulative[-1] < math.inf:
        return None
    rank = quantile * cumulative[-1]
    at = next(index for index, count in enumerate(cumulative) if count >= rank)
    if at == len(bounds) - 1:
        return bounds[-2]
    if at == 0:
        upper, share = bounds[0], rank / cumulative[0]
        return upper * share if upper > 0 else upper
    within = (rank - cumulative[at - 1]) / (cumulative[at] - cumulative[at - 1])
    return bounds[at - 1] + (bounds[at] - bounds[at - 1]) * within
