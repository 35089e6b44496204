"""Mann and Kendall's rank test, plain and with Hamed and Rao's correction for autocorrelation."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from leaks.others.answer import Answer
from scipy import stats

if TYPE_CHECKING:
    from leaks.labelled import Labelled
    from numpy.typing import NDArray

_MEANS = 400


def mann_kendall(labelled: Labelled) -> Answer:
    """Leaks when S is above 0 with a two-sided p < 0.05 (Mann 1945, Kendall 1975)."""
    hours, values = means(labelled, 0.0)
    return Answer(_statistic(hours, values, corrected=False) > _z(0.05))


def mann_kendall_late(labelled: Labelled) -> Answer:
    """P < 0.01 on the last two thirds, and Sen's slope is more than what matters."""
    hours, values = means(labelled, 1 / 3)
    slope = float(stats.theilslopes(values, hours)[0])
    grows = _statistic(hours, values, corrected=False) > _z(0.01)
    return Answer(grows and slope > labelled.threshold_per_h, slope)


def hamed_rao(labelled: Labelled) -> Answer:
    """As Mann-Kendall, with the variance of S corrected for autocorrelated ranks (1998)."""
    hours, values = means(labelled, 0.0)
    return Answer(_statistic(hours, values, corrected=True) > _z(0.05))


def means(labelled: Labelled, left_out: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Hours and means of up to 400 equal counts of samples: ranks of all pairs cost n squared."""
    hours, values = labelled.observed.elapsed_s / 3600, labelled.observed.values
    kept = np.isfinite(values) & (hours >= hours[0] + left_out * np.ptp(hours))
    parts = min(_MEANS, int(kept.sum()))
    return (
        np.array([part.mean() for part in np.array_split(hours[kept], parts)]),
        np.array([part.mean() for part in np.array_split(values[kept], parts)]),
    )


def _z(p: float) -> float:
    return float(stats.norm.ppf(1 - p / 2))


def _statistic(
    hours: NDArray[np.float64], values: NDArray[np.float64], *, corrected: bool
) -> float:
    """Z, the standardised S; positive for growth."""
    n = len(values)
    signs = np.sign(values[None, :] - values[:, None])
    s = float(np.triu(signs, 1).sum())
    _unique, ties = np.unique(values, return_counts=True)
    variance = (n * (n - 1) * (2 * n + 5) - float((ties * (ties - 1) * (2 * ties + 5)).sum())) / 18
    if corrected:
        variance *= _correction(hours, values)
    return (s - math.copysign(1, s)) / math.sqrt(variance) if s and variance > 0 else 0.0


def _correction(hours: NDArray[np.float64], values: NDArray[np.float64]) -> float:
    """Hamed and Rao's n / n*: from the significant autocorrelations of the detrended ranks."""
    n = len(values)
    slope = float(stats.theilslopes(values, hours)[0])
    ranks = stats.rankdata(values - slope * hours)
    ranks = ranks - ranks.mean()
    lags = np.arange(1, n - 1)
    power = np.abs(np.fft.rfft(ranks, 2 * n)) ** 2
    correlations = np.fft.irfft(power)[1 : n - 1] / float(ranks @ ranks)
    correlations[np.abs(correlations) < 1.96 / math.sqrt(n)] = 0.0
    weights = (n - lags) * (n - lags - 1) * (n - lags - 2)
    return max(1 + 2 / (n * (n - 1) * (n - 2)) * float(weights @ correlations), 0.01)
