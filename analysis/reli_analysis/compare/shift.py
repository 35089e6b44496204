"""Two latency distributions side by side: by how much each quantile moved, with its interval.

The shift function of Doksum (Annals of Statistics 2, 1974): a change of location moves all
quantiles alike, one of the tail only the last ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reli_analysis.compare.effect import effect_of
from reli_analysis.compare.measured import Measured
from reli_analysis.compare.metrics import METRICS
from reli_analysis.compare.quantiles import GRID

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reli_analysis.compare.measured import Curve, MeasuredRun

_TAIL_FROM = 0.97
"""Beyond this quantile the noise between runs is taken to be that of p99."""


@dataclass(frozen=True)
class QuantileShift:
    """One quantile on both sides, and its relative change (0.05 is +5 %) with the 95 % interval."""

    quantile: float
    base_ms: float
    candidate_ms: float
    change: float
    low: float
    high: float


@dataclass(frozen=True)
class Shift:
    """The quantiles of one endpoint (or of everything) that all runs have."""

    endpoint: str
    quantiles: tuple[QuantileShift, ...]


def shift_of(
    endpoint: str, base: Sequence[MeasuredRun], candidate: Sequence[MeasuredRun]
) -> Shift | None:
    """The shift function; ``None`` unless every run has latencies of it."""
    if not all(endpoint in run.curves for run in (*base, *candidate)):
        return None
    old, new = ([run.curves[endpoint] for run in side] for side in (base, candidate))
    found = [_quantile(at, old, new) for at in range(len(GRID))]
    known = tuple(shift for shift in found if shift is not None)
    return Shift(endpoint, known) if known else None


def _quantile(at: int, base: Sequence[Curve], candidate: Sequence[Curve]) -> QuantileShift | None:
    sides = [
        [Measured(float(c.values_ms[at]), float(c.errors_ms[at]), 0) for c in curves]
        for curves in (base, candidate)
    ]
    if any(not math.isfinite(m.value) or m.value <= 0 for side in sides for m in side):
        return None
    metric = METRICS.get("p99" if GRID[at] > _TAIL_FROM else "p95")
    effect = effect_of(metric, *sides)
    low, high = effect.interval
    estimate, low, high = (math.expm1(min(v, 50.0)) for v in (effect.estimate, low, high))
    return QuantileShift(GRID[at], effect.base, effect.candidate, estimate, low, high)
