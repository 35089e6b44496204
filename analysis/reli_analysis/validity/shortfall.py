"""How many arrivals of the open model went with a lost load process, and for how long."""

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
"""The plan is met again when this share of an interval's arrivals comes about."""

TAKEN_OVER_S = 5.0
"""Within this time the others must have taken over."""

_CHANCE = 3.0
"""Standard deviations by which Poisson arrivals may lie below the plan."""


@dataclass(frozen=True)
class Shortfall:
    """Arrivals that were missing after losses: how many, of how many, for how long (at a time).

    ``returned`` tells whether the load met the plan again.
    """

    missing: float
    of: float
    total_s: float
    longest_s: float
    returned: bool

    @property
    def share(self) -> float:
        return self.missing / self.of if self.of > 0 else 0.0


def shortfall_after(run: Run, moments_s: Sequence[float]) -> Shortfall | None:
    """The arrivals that are missing from the interval of each loss on until the plan is met again.

    ``None`` outside the open model. What the lost process had started in the interval that it never
    reported counts as missing, for nobody knows of it.
    """
    if not run.is_open:
        return None
    arrivals, offered = under_load(run, "arrivals"), under_load(run, "offered_per_s")
    expected = np.nan_to_num(offered) * run.interval_s
    missing = expected - np.nan_to_num(arrivals)
    short = _short(run, missing, expected)
    stretches = [_stretch(run, short, at - run.interval_s) for at in moments_s]
    rows = sorted({row for stretch in stretches for row in stretch})
    return Shortfall(
        missing=float(missing[rows].sum()),
        of=float(expected.sum()),
        total_s=len(rows) * run.interval_s,
        longest_s=max(len(stretch) for stretch in stretches) * run.interval_s,
        returned=not any(len(short) - 1 in stretch for stretch in stretches),
    )


def _short(
    run: Run, missing: NDArray[np.float64], expected: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Where too little came; Poisson arrivals vary, so they are looked at five rows at a time."""
    profile = run.info.profile if run.info else {}
    if profile.get("arrivals") != "poisson":
        return missing > (1 - MET) * expected
    missing, expected = (np.convolve(v, np.ones(5), "same")[: len(v)] for v in (missing, expected))
    return missing > np.maximum((1 - MET) * expected, _CHANCE * np.sqrt(expected))


def _stretch(run: Run, short: NDArray[np.bool_], from_s: float) -> range:
    """The rows from the first short one, soon after a moment, to the last of its row of them."""
    rows = steady_rows(run)
    soon = np.flatnonzero(short & (rows >= from_s) & (rows < from_s + TAKEN_OVER_S))
    if not len(soon):
        return range(0)
    first = int(soon[0])
    met = np.flatnonzero(~short[first:])
    return range(first, first + int(met[0]) if len(met) else len(short))
