"""Did a target restart, or was it killed for lack of memory, while the load was steady?

Nothing that was asked is broken by it, so it is no FAIL; but a run whose target fell over on the
way does not say how the target fares over that time, so it is no PASS either. Whoever expects
restarts says how many, with a budget such as ``last restarts < 3``, and that budget then judges.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.advice import ADVICE
from reli_analysis.budgets import parse
from reli_analysis.courses import restarting
from reli_analysis.errors import BudgetError
from reli_analysis.record.layout import HOST
from reli_analysis.selection import inside, load_spans, part
from reli_analysis.units import format_duration
from reli_analysis.validity.base import CHECKS, found
from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reli_analysis.series import Event, Run
    from reli_analysis.verdict import Finding

NAME = "restarts"

RESTART = "restart"
KILLS = "oom_kills"
_SHOWN = 3
_ADVICE = (
    "Find why the target ended (its log, the kernel's log, its memory), or say how many restarts "
    'are expected, for example --budget "last restarts < 3".'
)


def check(run: Run) -> Finding | None:
    """INCONCLUSIVE for restarts under steady load that no budget bounds; others are a warning."""
    moments = restarts(run)
    kills = _kills(run)
    if not moments and not kills:
        if not restarting(run):
            return None
        return found(NAME, Verdict.PASS, "no target restarted", observed=0.0, unit="count")
    steady = inside(np.array([at for at, _said in moments]), load_spans(run))
    grave = [moment for moment, inner in zip(moments, steady.tolist(), strict=True) if inner]
    told = [_told(grave or moments, under_load=bool(grave))] if moments else []
    if kills:
        processes = "process was" if kills == 1 else "processes were"
        whose = " of the targets or on their host" if _sees_hosts(run) else " of the targets"
        told.append(f"{kills:,} {processes} killed for lack of memory under steady load,{whose}")
    message = "; ".join(told)
    numbers = {"observed": float(len(grave)), "unit": "count"}
    evidence = {"restarts": len(moments), "steady_restarts": len(grave), "oom_kills": kills}
    if _bounded(run) or not (grave or kills):
        return found(NAME, Verdict.PASS, message, evidence=evidence, warning=True, **numbers)
    return found(
        NAME,
        Verdict.INCONCLUSIVE,
        f"{message}: how it fares without is not known",
        limit=0.0,
        evidence={**evidence, ADVICE: _ADVICE},
        **numbers,
    )


def restarts(run: Run) -> list[tuple[float, str]]:
    """When a target restarted, and what was said of it: as events tell, else as segments begin."""
    told: list[tuple[float, str]] = []
    for course in restarting(run):
        events = [e for e in run.events if e.kind == RESTART and e.subject == course.source]
        told += [(at_s, _said(course.source, at_s, events, run)) for at_s in course.restarted_s]
    return sorted(told)


def _said(source: str, at_s: float, events: Sequence[Event], run: Run) -> str:
    """What the nearest event of the source says, of those that are of this restart."""
    near = [e for e in events if abs(e.elapsed_s - at_s) <= 2 * run.interval_s]
    nearest = min(near, key=lambda event: abs(event.elapsed_s - at_s), default=None)
    return f"{source}: {nearest.message}" if nearest else source


def _kills(run: Run) -> int:
    """By how much the count of kills grew under steady load."""
    series = run.series.get(KILLS)
    counted = part(series, load_spans(run)).values if series is not None else np.empty(0)
    return max(0, round(float(counted[-1] - counted[0]))) if len(counted) else 0


def _sees_hosts(run: Run) -> bool:
    """Whether a host is among the targets: it counts the kills of all that run on it."""
    return any(thing.role == "target" and thing.kind == HOST for thing in run.sampled)


def _bounded(run: Run) -> bool:
    """Whether a budget that is asked speaks of restarts or kills."""
    for text in run.asked:
        try:
            if {"restarts", KILLS} & set(parse(text).metrics):
                return True
        except BudgetError:  # the judge tells of it
            continue
    return False


def _told(moments: Sequence[tuple[float, str]], *, under_load: bool) -> str:
    count = len(moments)
    where = "under steady load" if under_load else "outside the steady load"
    shown = "; ".join(f"at {format_duration(at)} {said}" for at, said in moments[:_SHOWN])
    more = f" and {count - _SHOWN} more" if count > _SHOWN else ""
    times = "once" if count == 1 else f"{count} times"
    return f"a target restarted {times} {where} ({shown}{more})"


CHECKS.register(NAME, check)
