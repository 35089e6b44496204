"""Is the record whole: did the run reach its end, and could every file be used?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from reli_analysis.aborted import ABORTED, aborted_for, is_asked
from reli_analysis.advice import ADVICE
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

ALL_OF_PLAN = 0.99
"""One interval in a hundred may be missing; the check for gaps tells of it."""

SHORTEST_STEADY_S = 30.0
"""Less is a glimpse: one garbage collection, one burst of the host's other work."""


def check(run: Run) -> Finding | None:
    """PASS when nothing is missing or enough is left; INCONCLUSIVE otherwise."""
    troubles = [f"{damage.file}: {damage.message}" for damage in run.damage]
    if run.info is None:
        if not troubles:
            return found(NAME, Verdict.PASS, "every row could be read")
        return found(
            NAME, Verdict.PASS, _sentence(troubles), evidence={"damage": troubles}, warning=True
        )
    info = run.info
    if info.state == "running":
        return found(
            NAME,
            Verdict.INCONCLUSIVE,
            "the run is still running",
            evidence={ADVICE: "Analyse the run again when it has ended."},
        )
    aborted = aborted_for(run) if info.state == ABORTED else None
    if info.state == ABORTED and (aborted is None or not is_asked(aborted, run)):
        return _unasked(info)
    ending = _ending(info)
    until_s = math.inf if aborted is None else aborted.elapsed_s
    steady_s, planned_s = steady_seconds(run), _planned_steady_s(info, until_s)
    needed_s = ENOUGH_OF_PLAN * planned_s
    if ending:
        needed_s = max(needed_s, SHORTEST_STEADY_S)
    troubles = [*ending, *troubles]
    if aborted is not None:
        at = format_duration(aborted.elapsed_s)
        troubles.insert(0, f"the run was ended at {at} by its own budget {aborted.subject}")
    if steady_s < ALL_OF_PLAN * planned_s:
        troubles.append(
            f"{format_duration(steady_s)} of {format_duration(planned_s)} planned steady load "
            "were recorded"
        )
    if not troubles:
        return found(NAME, Verdict.PASS, "the run reached its end, and every row could be read")
    numbers = {"observed": steady_s, "limit": needed_s, "unit": "s"}
    evidence: dict[str, object] = {"damage": troubles}
    if steady_s >= needed_s:
        told = _sentence(troubles)
        return found(NAME, Verdict.PASS, told, evidence=evidence, warning=True, **numbers)
    told = f"{_sentence(troubles)}; too little is left to judge"
    evidence[ADVICE] = "Repeat the run: too little of this one was recorded."
    return found(NAME, Verdict.INCONCLUSIVE, told, evidence=evidence, **numbers)


def _unasked(info: RunInfo) -> Finding:
    """A run that a budget ended is cut short for every other budget: never a PASS without it."""
    return found(
        NAME,
        Verdict.INCONCLUSIVE,
        f"the run was ended before its time by a budget that is not asked here: {info.state_reason}",
        evidence={ADVICE: "Judge the run by its own budgets, or repeat it without that one."},
    )


def _planned_steady_s(info: RunInfo, until_s: float) -> float:
    """Seconds of steady load in the plan by some moment; 0 for a run without a planned end."""
    if info.planned_s is None:
        return 0.0
    steady = [stage for stage in info.stages if stage.window == "steady"]
    return sum(max(0.0, min(stage.end_s, until_s) - stage.start_s) for stage in steady)


def _ending(info: RunInfo) -> list[str]:
    """How the run ended, unless as planned; without a planned end an interrupt is the end."""
    reason = f": {info.state_reason}" if info.state_reason else ""
    if info.state == "lost":
        return [f"the run was lost{reason}"]
    if info.state == "interrupted" and info.planned_s is not None:
        return [f"the run was interrupted{reason}"]
    return []


def _sentence(troubles: list[str]) -> str:
    more = f" (and {len(troubles) - 3} more)" if len(troubles) > 3 else ""
    return "; ".join(troubles[:3]) + more


CHECKS.register(NAME, check)
