"""Was the profile's time scaled? Then durations are not those that the profile promises."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.validity.base import CHECKS, found, of_load
from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from reli_analysis.series import Run
    from reli_analysis.verdict import Finding

NAME = "time scale"


def check(run: Run) -> Finding | None:
    """A warning, never more: the numbers hold for the run as it was."""
    if run.info is None or run.info.time_scale == 1:
        return None
    scale = run.info.time_scale
    change = "shortened" if scale < 1 else "stretched"
    return found(
        NAME,
        Verdict.PASS,
        f"every stage was {change} to {scale * 100:.4g} % of its length: "
        "the verdict speaks of this run, not of one of the profile's real length",
        observed=scale,
        limit=1.0,
        unit="ratio",
        warning=True,
    )


CHECKS.register(NAME, of_load(check))
