"""CPU of the busiest load process: what it used, and what a busy host kept from it."""

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
    from numpy.typing import NDArray

    from reli_analysis.series import Run

SATURATED_CORES = 0.95
"""A load process is one thread: above this it has no time left to send or to measure on time."""

CLOSE_CORES = 0.8
"""What a queue adds grows with u / (1 - u): four times one step of work here, 19 at 0.95."""

SPREAD = "Spread the load over more processes (--processes) or workers, or run fewer users in each."
LEAVE_ROOM = "Leave the load processes more of the host's cores, or give them a host of their own."


def asked_for(run: Run) -> NDArray[np.float64]:
    """Cores of the busiest load process, those that it had to wait for included where known."""
    used, demand = (under_load(run, f"generator_cpu_{what}cores") for what in ("", "demand_"))
    return np.fmax(used, demand)


def saturated(run: Run) -> Reason | None:
    """Grave when the intervals without CPU left are more than the claimed percentile bears."""
    cores = asked_for(run)
    if not np.isfinite(cores).any():
        return None
    median = float(np.nanmedian(cores))
    full = np.nan_to_num(cores) >= SATURATED_CORES
    share, limit = touched(run, full), bearable(run)
    evidence = {"generator_cpu_demand_cores_median": median, "saturated_ratio": share}
    if share > limit and full.sum() >= FEWEST_INTERVALS:
        told, advice = _told(run, full)
        return Reason(
            f"{told} in {format_value(share, 'ratio')} of the steady load",
            advice,
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
        message = (
            f"a load process asked for {median:.2f} of its one core at the median: little is left"
        )
    else:
        return None
    return Reason(message, SPREAD, grave=False, evidence=evidence)


def _told(run: Run, full: NDArray[np.bool_]) -> tuple[str, str]:
    """What took the core, and what helps: the process itself, or others on its host."""
    used = under_load(run, "generator_cpu_cores")[full]
    asked = float(np.median(asked_for(run)[full]))
    own = float(np.nanmedian(used)) if np.isfinite(used).any() else asked
    if own >= SATURATED_CORES:
        return f"a load process used {own:.2f} of its one core", SPREAD
    message = f"a load process used {own:.2f} of its one core and waited for {asked - own:.2f} more"
    return message, LEAVE_ROOM if own < asked / 2 else f"{SPREAD} {LEAVE_ROOM}"
