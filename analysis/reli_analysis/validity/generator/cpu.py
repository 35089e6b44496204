"""CPU of the busiest load process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.selection import under_load
from reli_analysis.units import format_value
from reli_analysis.validity.generator.reason import (
    FEWEST_INTERVALS,
    WORTH_TELLING,
    Reason,
    bearable,
    touched,
)

if TYPE_CHECKING:
    from reli_analysis.series import Run

SATURATED_CORES = 0.95
"""A load process is one thread: above this it has no time left to send or to measure on time."""

CLOSE_CORES = 0.8
"""What a queue adds grows with u / (1 - u): four times one step of work here, 19 at 0.95."""

SPREAD = "Spread the load over more processes (--processes) or workers, or run fewer users in each."


def saturated(run: Run) -> Reason | None:
    """Grave when the intervals without CPU left are more than the claimed percentile bears."""
    cores = under_load(run, "generator_cpu_cores")
    if not np.isfinite(cores).any():
        return None
    median = float(np.nanmedian(cores))
    full = np.nan_to_num(cores) >= SATURATED_CORES
    share, limit = touched(run, full), bearable(run)
    evidence = {"generator_cpu_cores_median": median, "saturated_ratio": share}
    if share > limit and full.sum() >= FEWEST_INTERVALS:
        return Reason(
            f"a load process used {float(np.median(cores[full])):.2f} of its one core in "
            f"{format_value(share, 'ratio')} of the steady load",
            SPREAD,
            grave=True,
            observed=share,
            limit=limit,
            unit="ratio",
            evidence=evidence,
        )
    if share > WORTH_TELLING * limit:
        message = (
            f"a load process had no CPU left in {int(full.sum()):,} of {len(full):,} intervals"
        )
    elif median >= CLOSE_CORES:
        message = f"a load process used {median:.2f} of its one core at the median: little is left"
    else:
        return None
    return Reason(message, SPREAD, grave=False, evidence=evidence)
