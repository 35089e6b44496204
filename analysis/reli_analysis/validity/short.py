"""Was there enough steady load to say anything at all?

Counts of requests have their own limits in each budget. But a thousand requests of two seconds are
one moment: one garbage collection, one burst of other work on the host, a cache that is still cold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.aborted import ABORTED
from reli_analysis.advice import ADVICE
from reli_analysis.selection import steady_rows, steady_seconds
from reli_analysis.units import format_duration
from reli_analysis.validity.base import CHECKS, found
from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from reli_analysis.series import Run
    from reli_analysis.verdict import Finding

NAME = "long enough"

FEWEST_INTERVALS = 5
"""The first and the last of a window may be cut; three in between are the least that is a state."""

A_GLIMPSE_S = 30.0


def check(run: Run) -> Finding | None:
    """INCONCLUSIVE below five steady intervals; a warning below half a minute."""
    if not run.series or (run.info is not None and run.info.state in {ABORTED, "running"}):
        return None
    intervals, steady_s = len(steady_rows(run)), steady_seconds(run)
    # One row may stand for a long time, as in a file of totals.
    enough = intervals >= FEWEST_INTERVALS or run.interval_s >= A_GLIMPSE_S
    if steady_s >= A_GLIMPSE_S and enough:
        return None
    what = "steady load" if run.has_load else "samples"
    if not intervals:
        return found(
            NAME,
            Verdict.INCONCLUSIVE,
            f"there was no {what} at all",
            observed=0.0,
            unit="s",
            evidence={ADVICE: "Give the profile a stage that holds its load, or run it longer."},
        )
    told = f"only {format_duration(steady_s)} of {what}, in {intervals} intervals"
    numbers = {"observed": steady_s, "limit": A_GLIMPSE_S, "unit": "s"}
    if intervals < FEWEST_INTERVALS:
        least = format_duration(FEWEST_INTERVALS * run.interval_s)
        return found(
            NAME,
            Verdict.INCONCLUSIVE,
            f"{told}: that is a moment, and says nothing of the next one",
            evidence={ADVICE: f"Hold the load for at least {least}, better for minutes."},
            **numbers,
        )
    return found(
        NAME,
        Verdict.PASS,
        f"{told}: one garbage collection or one burst of other work could be all of it",
        warning=True,
        **numbers,
    )


CHECKS.register(NAME, check)
