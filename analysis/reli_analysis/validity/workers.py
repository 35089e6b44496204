"""Were load processes lost on the way, and what of the load was lost with them?

Open model: the others take over the lost one's arrivals, so what counts is how many arrivals the
plan asked for and never came about. Closed model: how far users or answers fell below what was usual
before. Either way, little of it and not for long is a warning.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reli_analysis.advice import ADVICE
from reli_analysis.units import format_duration, format_value
from reli_analysis.validity.base import CHECKS, found, of_load
from reli_analysis.validity.shortfall import TAKEN_OVER_S, of_arrivals, of_column
from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reli_analysis.series import Event, Run
    from reli_analysis.validity.shortfall import Shortfall
    from reli_analysis.verdict import Finding

NAME = "workers lost"

TOLERATED = 0.05
"""The share of the load, or of the users, after which the run is another one."""

_ADVICE = "Find why the worker ended (memory, signals, its log), and repeat the run."


def check(run: Run) -> Finding | None:
    """INVALID without any process left; INCONCLUSIVE when load was lost; else a warning."""
    lost = [event for event in run.events if _says(event, "lost")]
    if not lost:
        return None
    if run.info is not None and run.info.state == "lost" and not _left(run.events):
        return _none_left(lost, run)
    moments_s = [event.elapsed_s for event in lost]
    says = f"{len(lost)} load process(es) lost, the first at {format_duration(min(moments_s))}"
    evidence = {"lost": len(lost), "first_s": min(moments_s)}
    if run.is_open:
        fallen = [of_arrivals(run, moments_s)]
    else:
        columns = (of_column(run, name, moments_s) for name in ("users", "completed_per_s"))
        fallen = [shortfall for shortfall in columns if shortfall is not None]
    return _judged(fallen, says, evidence)


def _says(event: Event, word: str) -> bool:
    said = f"{event.subject} {event.message}"
    return event.kind == "worker" and re.search(rf"\b{word}\b", said) is not None


def _left(events: Sequence[Event]) -> set[str]:
    """The load processes that had joined and were not lost at the end."""
    left: set[str] = set()
    for event in sorted(events, key=lambda event: event.elapsed_s):
        if _says(event, "lost"):
            left.discard(event.subject)
        elif _says(event, "joined") or _says(event, "returned"):
            left.add(event.subject)
    return left


def _none_left(lost: Sequence[Event], run: Run) -> Finding:
    last = max(lost, key=lambda event: event.elapsed_s)
    reason = last.message.partition(": ")[2] or last.message
    missing_s = _not_loaded_s(run, last.elapsed_s)
    rest = f", {format_duration(missing_s)} before the plan's end" if missing_s else ""
    return found(
        NAME,
        Verdict.INVALID,
        f"every worker was lost at {format_duration(last.elapsed_s)}{rest} ({last.subject}: "
        f"{reason}): from then on there was no load",
        evidence={"lost": len(lost), "last_s": last.elapsed_s, ADVICE: _ADVICE},
    )


def _not_loaded_s(run: Run, moment_s: float) -> float:
    planned_s = run.info.planned_s if run.info else None
    return max(0.0, planned_s - moment_s) if planned_s is not None else 0.0


def _judged(fallen: Sequence[Shortfall], says: str, evidence: dict[str, float]) -> Finding:
    """Taken over soon, with little missing, is a warning."""
    told = [_told(shortfall) for shortfall in fallen if shortfall.missing > 0]
    message = (
        "; ".join([says, *told]) if told else f"{says}; nothing of the load was missed after it"
    )
    evidence |= {f"{shortfall.what}_missing_ratio": shortfall.share for shortfall in fallen}
    worst = max((shortfall.share for shortfall in fallen), default=0.0)
    numbers = {"observed": worst, "limit": TOLERATED, "unit": "ratio"}
    if worst > TOLERATED or any(shortfall.longest_s > TAKEN_OVER_S for shortfall in fallen):
        advised = {**evidence, ADVICE: _ADVICE}
        return found(NAME, Verdict.INCONCLUSIVE, message, evidence=advised, **numbers)
    return found(NAME, Verdict.PASS, message, evidence=evidence, warning=True, **numbers)


def _told(shortfall: Shortfall) -> str:
    share = format_value(shortfall.share, "ratio")
    if shortfall.what == "arrivals":
        text = (
            f"{shortfall.missing:,.0f} of {shortfall.of:,.0f} arrivals ({share}) never came about"
        )
    else:
        text = f"{share} of the usual {shortfall.what} was missing"
    if not shortfall.returned:
        return f"{text}, and the load did not return to what it was"
    return f"{text}, over {format_duration(shortfall.total_s)}"


CHECKS.register(NAME, of_load(check))
