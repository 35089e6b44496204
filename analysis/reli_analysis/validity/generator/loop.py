"""How long event loops of load processes were kept waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.selection import steady_seconds, under_load
from reli_analysis.units import format_value
from reli_analysis.validity.generator.cpu import SPREAD
from reli_analysis.validity.generator.reason import WORTH_TELLING, Reason, bearable, late_ms

if TYPE_CHECKING:
    from reli_analysis.series import Run

FLOOR_MS = 50.0
"""The loop is probed this often; a shorter wait is the ordinary scheduling of a busy host."""

A_MOMENT_S = 1.0
"""So much in all is one bad moment, however short the run is."""


def blocked(run: Run) -> Reason | None:
    """Grave when loops stood still for more of the time than the claimed percentile bears.

    A loop that stands still for L delays what becomes due in L, so the sum of the longest waits of
    all intervals, over the time, is the least part of a process's requests that it measured late.
    The column holds the worst process; the others were no worse.
    """
    lag_ms = under_load(run, "loop_lag_ms")
    matters_ms = late_ms(run, FLOOR_MS)
    waits_ms = lag_ms[np.nan_to_num(lag_ms) > matters_ms]
    if not len(waits_ms):
        return None
    blocked_s = float(waits_ms.sum()) / 1000
    share = blocked_s / steady_seconds(run)
    limit = bearable(run)
    if share <= WORTH_TELLING * limit:
        return None
    longest = format_value(float(waits_ms.max()), "ms")
    said = format_value(share, "ratio")
    return Reason(
        f"the event loop of a load process stood still for {said} of the time "
        f"(up to {longest} at once)",
        f"{SPREAD} Keep calls that block out of the load processes.",
        grave=share > limit and blocked_s > A_MOMENT_S,
        observed=share,
        limit=limit,
        unit="ratio",
        evidence={"loop_blocked_ratio": share, "loop_lag_longest_ms": float(waits_ms.max())},
    )
