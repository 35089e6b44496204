"""Samples that the recorder missed: a host without time for one look a second is starved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.selection import under_load
from reli_analysis.units import format_value
from reli_analysis.validity.generator.reason import Reason

if TYPE_CHECKING:
    from reli_analysis.series import Run

TOO_MANY = 0.05
"""The same as for missing intervals."""


def missed(run: Run) -> Reason | None:
    """Grave when nothing else tells whether the load processes had time.

    A sampler can also miss its time alone, waiting for a disk. The event loops are probed far more
    often: when they were on time, so was the host, and a missed sample costs that sample alone.
    """
    ticks = np.nan_to_num(under_load(run, "missed_samples"))
    lost = float(ticks.sum())
    share = lost / len(ticks) if len(ticks) else 0.0
    if share <= TOO_MANY:
        return None
    probed = bool(np.isfinite(under_load(run, "loop_lag_ms")).any())
    return Reason(
        f"{lost:,.0f} samples were missed ({format_value(share, 'ratio')}): the recorder's host "
        "was too busy to take them",
        "Give the recorder's host more room (cores, disk).",
        grave=not probed,
        observed=share,
        limit=TOO_MANY,
        unit="ratio",
        evidence={"missed_samples": lost},
    )
