"""What went of the load with a lost load process, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.selection import steady_rows, under_load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from reli_analysis.series import Run

MET = 0.95
"""The load is met again when this share of what is expected in an interval is there."""

TAKEN_OVER_S = 5.0
"""Within this time the others must have taken over."""

NOTICED_S = 5.0
"""A process that is killed is missed some heartbeats later: the load fell before the event."""

_CHANCE = 3.0
"""Standard deviations by which Poisson arrivals may lie below the plan."""

_SMOOTH = 5
"""Rows over which counts that vary are looked at together."""


@dataclass(frozen=True)
class Shortfall:
    """What was missing after losses: how much, of how much, for how long (at a time).

    ``missing`` and ``of`` are in the ``what`` of all intervals added up. ``returned`` tells whether
    the load was met again.
    """

    what: str
    missing: float
    of: float
    total_s: float
    longest_s: float
    returned: bool

    @property
    def share(self) -> float:
        return self.missing / self.of if self.of > 0 else 0.0


def of_arrivals(run: Run, moments_s: Sequence[float]) -> Shortfall:
    """Open model: arrivals that the plan asked for, from each loss on until the plan is met again.

    What the lost process had started in the interval that it never reported counts as missing, for
    nobody knows of it.
    """
    profile = run.info.profile if run.info else {}
    poisson = profile.get("arrivals") == "poisson"
    expected = np.nan_to_num(under_load(run, "offered_per_s")) * run.interval_s
    missing = expected - np.nan_to_num(under_load(run, "arrivals"))
    short = missing > (1 - MET) * expected
    noticed = short
    if poisson:
        sums = _smoothed(expected)
        noticed = _smoothed(missing) > np.maximum((1 - MET) * sums, _CHANCE * np.sqrt(sums))
    return _shortfall("arrivals", run, moments_s, (expected, missing, short, noticed))


def of_column(run: Run, name: str, moments_s: Sequence[float]) -> Shortfall | None:
    """Closed model: how far a column fell below its median before the first loss.

    ``None`` where it was not measured before. Users are there or not; answers vary, so they have
    fallen when they have over several intervals.
    """
    values, rows = under_load(run, name), steady_rows(run)
    before = values[np.isfinite(values) & (rows < min(moments_s) - NOTICED_S)]
    if not len(before):
        return None
    expected = np.where(np.isfinite(values), float(np.median(before)), 0.0)
    missing = expected - np.nan_to_num(values)
    short = missing > (1 - MET) * expected
    noticed = short
    if name != "users":
        noticed = _smoothed(missing) > (1 - MET) * _smoothed(expected)
    return _shortfall(name, run, moments_s, (expected, missing, short, noticed))


def _smoothed(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums over neighbouring rows."""
    if len(values) < _SMOOTH:
        return np.full(len(values), values.sum())
    return np.convolve(values, np.ones(_SMOOTH), "same")


def _shortfall(
    what: str,
    run: Run,
    moments_s: Sequence[float],
    columns: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]],
) -> Shortfall:
    expected, missing, short, noticed = columns
    stretches = [_stretch(run, noticed, at) for at in moments_s]
    rows = sorted({row for stretch in stretches for row in stretch})
    longest = max(int(short[list(stretch)].sum()) for stretch in stretches)
    return Shortfall(
        what=what,
        missing=max(0.0, float(missing[rows].sum())),
        of=float(expected.sum()),
        total_s=int(short[rows].sum()) * run.interval_s,
        longest_s=longest * run.interval_s,
        returned=not any(len(short) - 1 in stretch for stretch in stretches),
    )


def _stretch(run: Run, short: NDArray[np.bool_], moment_s: float) -> range:
    """The rows from the first short one about a loss to the last of its row of them."""
    rows = steady_rows(run)
    near = (rows >= moment_s - NOTICED_S - run.interval_s) & (rows < moment_s + TAKEN_OVER_S)
    found = np.flatnonzero(short & near)
    if not len(found):
        return range(0)
    first = int(found[0])
    met = np.flatnonzero(~short[first:])
    return range(first, first + int(met[0]) if len(met) else len(short))
