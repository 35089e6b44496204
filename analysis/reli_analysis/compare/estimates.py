"""Ratios, rates and shares of one run, each with the standard error that its blocks tell."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from reli_analysis.compare.blocks import ratio_error
from reli_analysis.compare.measured import Measured, Missing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TOO_SHORT = "is too short to be cut into blocks: let its steady load last longer"


def ratio(above: NDArray[np.float64], below: NDArray[np.float64]) -> Measured | Missing:
    """A ratio of sums over blocks with its standard error."""
    if below.sum() <= 0:
        return Missing("has nothing of it under steady load")
    error = ratio_error(above, below)
    if math.isnan(error):
        return Missing(TOO_SHORT)
    return Measured(float(above.sum() / below.sum()), error, round(float(below.sum())))


def rate(answered: NDArray[np.float64], seconds: NDArray[np.float64]) -> Measured | Missing:
    """Answers a second; over too few blocks to tell, as uncertain as independent arrivals are."""
    total, length_s = float(answered.sum()), float(seconds.sum())
    if total <= 0 or length_s <= 0:
        return Missing("answered nothing under steady load")
    clustered = ratio_error(answered, seconds)
    error = math.sqrt(total) / length_s if math.isnan(clustered) else clustered
    return Measured(total / length_s, error, round(total))


def share(failures: NDArray[np.float64], requests: NDArray[np.float64]) -> Measured | Missing:
    """A share of requests.

    Its error is at least that of independent requests, sqrt(p (1 - p) / n) at p = (f + 1)/(n + 2)
    (Agresti and Coull, 1998), so that no failure among few requests is no certainty.
    """
    total = float(requests.sum())
    if total <= 0:
        return Missing("has no request in its steady window")
    failed = min(float(failures.sum()), total)
    smoothed = (failed + 1) / (total + 2)
    independent = math.sqrt(smoothed * (1 - smoothed) / total)
    clustered = ratio_error(failures, requests)
    error = independent if math.isnan(clustered) else max(independent, clustered)
    return Measured(failed / total, error, round(total))
