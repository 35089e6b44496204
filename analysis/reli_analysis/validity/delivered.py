"""Did the target get the load that the profile asked for?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.advice import ADVICE
from reli_analysis.selection import inside, steady_spans
from reli_analysis.units import format_value
from reli_analysis.validity.base import CHECKS, found
from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from reli_analysis.series import Run
    from reli_analysis.verdict import Finding

NAME = "load delivered"

LEAST = 0.9
"""With a tenth of the load missing, the run answers another question than the one asked."""


def check(run: Run) -> Finding | None:
    """Compare finished iterations with offered ones; skipped where nothing was offered by rate."""
    offered, finished = run.series.get("offered_per_s"), run.series.get("iterations_per_s")
    if offered is None or finished is None:
        return None
    steady = inside(offered.elapsed_s, steady_spans(run))
    known = steady & (offered.values > 0) & np.isfinite(finished.values)
    if not known.any():
        return None
    asked, got = float(offered.values[known].mean()), float(finished.values[known].mean())
    share = got / asked
    says = f"{format_value(got, '1/s')} of {format_value(asked, '1/s')} iterations were delivered"
    if share < LEAST:
        return found(
            NAME,
            Verdict.INVALID,
            f"only {says}: this is another load than the one that was asked for",
            observed=share,
            limit=LEAST,
            unit="ratio",
            evidence={
                ADVICE: "Give the load more users or processes, or ask for a rate that the target can take."
            },
        )
    return found(NAME, Verdict.PASS, says, observed=share, limit=LEAST, unit="ratio")


CHECKS.register(NAME, check)
