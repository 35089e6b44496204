"""Is the record whole: did the run reach its end, and could every file be used?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.selection import steady_seconds
from reli_analysis.units import format_duration
from reli_analysis.validity.base import CHECKS, found
from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from reli_analysis.record import RunInfo
    from reli_analysis.series import Run
    from reli_analysis.verdict import Finding

NAME = "record complete"

ENOUGH_OF_PLAN = 0.8
"""A run cut short still speaks for itself when most of what was planned was seen."""

SHORTEST_STEADY_S = 30.0
"""Less is a glimpse: one garbage collection, one burst of the host's other work."""


def check(run: Run) -> Finding | None:
    """PASS when nothing is missing or enough is left; INCONCLUSIVE otherwise."""
    troubles = [f"{damage.file}: {damage.message}" for damage in run.damage]
    if run.info is None:
        if not troubles:
            return found(NAME, Verdict.PASS, "every row could be read")
        return found(NAME, Verdict.PASS, _sentence(troubles), damage=troubles, warning=True)
    info = run.info
    if info.state == "running":
        return found(
            NAME,
            Verdict.INCONCLUSIVE,
            "the run is still running",
            advice="Analyse the run again when it has ended.",
        )
    troubles = [*_ending(info), *troubles]
    steady_s, planned_s = steady_seconds(run), _planned_steady_s(info)
    whole = steady_s >= 0.99 * planned_s or info.planned_s is None
    if not whole:
        troubles.append(
            f"{format_duration(steady_s)} of {format_duration(planned_s)} planned steady load "
            "were recorded"
        )
    if not troubles:
        return found(NAME, Verdict.PASS, "the run reached its end, and every row could be read")
    cut_short = bool(_ending(info)) or not whole
    enough = steady_s >= max(SHORTEST_STEADY_S, ENOUGH_OF_PLAN * planned_s)
    if enough or not cut_short:
        return found(
            NAME,
            Verdict.PASS,
            _sentence(troubles),
            damage=troubles,
            warning=True,
            observed=steady_s,
            unit="s",
        )
    return found(
        NAME,
        Verdict.INCONCLUSIVE,
        _sentence(troubles) + "; too little is left to judge",
        damage=troubles,
        observed=steady_s,
        limit=max(SHORTEST_STEADY_S, ENOUGH_OF_PLAN * planned_s),
        unit="s",
        advice="Repeat the run; what ended this one is told above.",
    )


def _ending(info: RunInfo) -> list[str]:
    """How the run ended, unless as planned; without a planned end an interrupt is the end."""
    reason = f": {info.state_reason}" if info.state_reason else ""
    if info.state == "lost":
        return [f"the run was lost{reason}"]
    if info.state == "interrupted" and info.planned_s is not None:
        return [f"the run was interrupted{reason}"]
    return []


def _planned_steady_s(info: RunInfo) -> float:
    return sum(stage.end_s - stage.start_s for stage in info.stages if stage.window == "steady")


def _sentence(troubles: list[str]) -> str:
    more = f" (and {len(troubles) - 3} more)" if len(troubles) > 3 else ""
    return "; ".join(troubles[:3]) + more


CHECKS.register(NAME, check)
