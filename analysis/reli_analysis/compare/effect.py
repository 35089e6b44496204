"""How much the candidate differs from the base, and how sure that is."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.intervals import LEVEL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from reli_analysis.compare.measured import Measured
    from reli_analysis.compare.metrics import Metric

ENOUGH_FREEDOM = 4
"""From three runs of each side on (or as many degrees of freedom) repeats tell their own noise."""
ASSUMED_FREEDOM = 6
"""What an assumed noise between runs is worth: as if seven runs had shown it."""


@dataclass(frozen=True)
class Effect:
    """Candidate against base on the scale of the computation: logarithms, or plain differences.

    ``estimate`` is the difference of the sides' means, ``error`` its standard error with ``freedom``
    degrees of freedom, ``noise`` the standard deviation of one run around its side's mean.
    ``base`` and ``candidate`` are those means in the metric's unit. ``measured_noise`` tells that
    the repeats themselves showed the noise; otherwise that between runs is assumed. No difference is
    larger than ``widest``: shares lie between 0 and 1.
    """

    logarithmic: bool
    base: float
    candidate: float
    estimate: float
    error: float
    freedom: float
    noise: float
    measured_noise: bool
    widest: float = math.inf

    def half_width(self, level: float = LEVEL) -> float:
        """Half the width of the confidence interval of that level, on the scale."""
        return quantile_of_t(1 - (1 - level) / 2, self.freedom) * self.error

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the estimate, on the scale."""
        reach = self.half_width()
        return max(self.estimate - reach, -self.widest), min(self.estimate + reach, self.widest)

    @property
    def p_value(self) -> float:
        """The chance of a difference at least so large, either way, between equal things."""
        if self.error <= 0:
            return 1.0 if self.estimate == 0 else 0.0
        from scipy.special import stdtr  # noqa: PLC0415 -- scipy costs --help dearly

        return 2 * float(stdtr(self.freedom, -abs(self.estimate) / self.error))

    def relative(self, value: float) -> float | None:
        """A value on the scale as a share of the base; ``None`` when the base is 0."""
        if self.logarithmic:
            return math.expm1(min(value, 700.0))
        return value / self.base if self.base > 0 else None

    def absolute(self, value: float) -> float:
        """A value on the scale as a difference in the metric's unit."""
        return self.base * math.expm1(min(value, 700.0)) if self.logarithmic else value

    def floor(self, metric: Metric) -> float:
        """The smallest change that matters, on the scale: what exceeds both floors."""
        absolute = max(metric.relative_floor * abs(self.base), metric.absolute_floor)
        return math.log1p(absolute / self.base) if self.logarithmic else absolute


@functools.lru_cache(maxsize=1024)
def quantile_of_t(probability: float, freedom: float) -> float:
    """The quantile of Student's distribution."""
    from scipy.special import stdtrit  # noqa: PLC0415 -- as above

    return float(stdtrit(freedom, probability))


def effect_of(metric: Metric, base: Sequence[Measured], candidate: Sequence[Measured]) -> Effect:
    """The difference of two sides of one or more runs each.

    Levels are compared as logarithms, shares (and levels that reach 0) as differences. With x the
    value of a run, each side's mean is taken over its runs, and the variance of the difference is

    - when repeats tell the noise (n1 + n2 - 2 >= 4): s^2 (1/n1 + 1/n2) with s^2 the pooled variance
      of the runs around their side's mean, never below the mean of what the runs say of themselves
      (``Measured.error``); Student's two-sample test. Assumes that both sides vary alike.
    - otherwise: the sum over the runs of (a^2 + error^2) / n^2 with a the assumed noise between
      runs, the larger of ``run_noise_ratio`` (of a plain difference: by the smaller side's level, so
      that what was 0 had no noise) and what the few repeats show. A run cannot know by how much the
      next one would differ; so the result is as good as that assumption.
    """
    sides = (base, candidate)
    values = [np.array([m.value for m in side]) for side in sides]
    errors = [np.array([m.error for m in side]) for side in sides]
    logarithmic = not metric.is_share and all((v > 0).all() for v in values)
    if logarithmic:
        errors = [e / v for e, v in zip(errors, values, strict=True)]
        values = [np.log(v) for v in values]
    first, second = (float(v.mean()) for v in values)
    level = 1.0 if logarithmic else min(abs(first), abs(second))
    variance, freedom, measured = _variance(values, errors, metric.run_noise_ratio * level)
    return Effect(
        logarithmic=logarithmic,
        base=math.exp(first) if logarithmic else first,
        candidate=math.exp(second) if logarithmic else second,
        estimate=second - first,
        error=math.sqrt(variance * sum(1 / len(v) for v in values)),
        freedom=freedom,
        noise=math.sqrt(variance),
        measured_noise=measured,
        widest=1.0 if metric.is_share else math.inf,
    )


def _variance(
    values: Sequence[NDArray[np.float64]], errors: Sequence[NDArray[np.float64]], assumed: float
) -> tuple[float, float, bool]:
    """The variance of one run around its side, its degrees of freedom, whether repeats showed it."""
    freedom = sum(map(len, values)) - 2
    own = np.concatenate(errors)
    within = float(own @ own) / len(own)
    deviations = sum(float(((v - v.mean()) ** 2).sum()) for v in values)
    spread = deviations / freedom if freedom else 0.0
    if freedom >= ENOUGH_FREEDOM:
        return max(spread, within), freedom, True
    return max(assumed**2, spread - within) + within, freedom + ASSUMED_FREEDOM, False
