"""What one run contributes to a comparison: numbers with their own uncertainty, nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from reli_analysis.record import RunInfo
    from reli_analysis.verdict import Finding


@dataclass(frozen=True)
class Measured:
    """One metric of one run: its value and the standard error within the run, in its unit.

    ``count`` is how many requests or samples it was made of.
    """

    value: float
    error: float
    count: int


@dataclass(frozen=True)
class Missing:
    """Why a run has no such number, in words that follow "the run ..."."""

    why: str


@dataclass(frozen=True)
class Curve:
    """The quantiles of ``quantiles.GRID`` and their standard errors in ms; NaN where too few."""

    values_ms: NDArray[np.float64]
    errors_ms: NDArray[np.float64]


@dataclass(frozen=True)
class MeasuredRun:
    """A run as a comparison sees it; ``findings`` are what its own checks say.

    ``numbers`` is by endpoint (``metrics.OVERALL`` for all) and metric, ``curves`` by endpoint.
    """

    title: str
    path: str
    info: RunInfo | None
    steady_s: float
    endpoints: frozenset[str]
    numbers: Mapping[tuple[str, str], Measured | Missing]
    curves: Mapping[str, Curve] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
