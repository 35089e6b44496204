"""Were load processes lost on the way, and what of the load was lost with them?

Open model: the others take over the lost one's arrivals, so what counts is how many arrivals the
plan asked for and never came about, and for how long the rate was not the plan's. Closed model: how
far users or answers fell below what was usual before.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.advice import ADVICE
from reli_analysis.selection import steady_rows, under_load
from reli_analysis.units import format_duration, format_value
from reli_analysis.validity.base import CHECKS, found
from reli_analysis.validity.shortfall import TAKEN_OVER_S, shortfall_after
from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reli_analysis.series import Event, Run
    from reli_analysis.validity.shortfall import Shortfall
    from reli_analysis.verdict import Finding

NAME = "workers lost"

FELL = 0.95
"""A value below this share of its usual one before the loss has fallen."""

TOLERATED = 0.05
"""The share of the load, or of the intervals, after which the run is another one."""

_ADVICE = "Find why the worker ended (memory, signals, its log), and repeat the run."


def check(run: Run) -> Finding | None:
    """INVALID without any process left; INCONCLUSIVE when load was lost; else a warning."""
    lost = [event for event in run.events if _says(event, "lost")]
    if not lost:
        return None
    if run.info is not None and run.info.state == "lost" and not _left(run.events):
        return _none_left(lost, run)
    first_s = min(event.elapsed_s for event in lost)
    says = f"{len(lost)} load process(es) lost, the first at {format_duration(first_s)}"
    evidence: dict[str, object] = {"lost": len(lost), "first_s": first_s}
    shortfall = shortfall_after(run, [event.elapsed_s for event in lost])
    if shortfall is not None:
        return _of_arrivals(shortfall, says, evidence)
    fallen = [
        text
        for name, unit in (("users", "count"), ("completed_per_s", "1/s"))
        if (text := _fall(run, name, unit, first_s))
    ]
    if not fallen:
        told = f"{says}; no fall of users or load was seen after it"
        return found(NAME, Verdict.PASS, told, evidence=evidence, warning=True)
    return found(
        NAME,
        Verdict.INCONCLUSIVE,
        f"{says}, and {' and '.join(fallen)}",
        evidence={**evidence, ADVICE: _ADVICE},
    )


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


def _of_arrivals(shortfall: Shortfall, says: str, evidence: dict[str, object]) -> Finding:
    """What became of the arrivals of the open model."""
    evidence |= {"arrivals_missing": round(shortfall.missing), "short_s": shortfall.total_s}
    says += (
        f"; {shortfall.missing:,.0f} of {shortfall.of:,.0f} arrivals "
        f"({format_value(shortfall.share, 'ratio')}) never came about"
    )
    if not shortfall.returned:
        says += ", and the rate did not return to the plan's"
    elif shortfall.total_s:
        says += f", and the rate was below the plan's for {format_duration(shortfall.total_s)}"
    numbers = {"observed": shortfall.share, "limit": TOLERATED, "unit": "ratio"}
    if shortfall.longest_s > TAKEN_OVER_S or shortfall.share > TOLERATED:
        evidence[ADVICE] = _ADVICE
        return found(NAME, Verdict.INCONCLUSIVE, says, evidence=evidence, **numbers)
    return found(NAME, Verdict.PASS, says, evidence=evidence, warning=True, **numbers)


def _fall(run: Run, name: str, unit: str, moment_s: float) -> str:
    """A clause on how far a column fell below its usual value, if it often did after the loss."""
    values, rows = under_load(run, name), steady_rows(run)
    known = np.isfinite(values)
    before, after = values[known & (rows < moment_s)], values[known & (rows >= moment_s)]
    if not len(before) or not len(after):
        return ""
    usual = float(np.median(before))
    fallen = after[after < FELL * usual]
    if len(fallen) <= TOLERATED * len(after):
        return ""
    for_s = format_duration(len(fallen) * run.interval_s)
    return (
        f"{name} fell below {format_value(usual, unit)} for {for_s}, "
        f"to {format_value(float(np.mean(fallen)), unit)} in the mean"
    )


CHECKS.register(NAME, check)
