"""Were load processes lost on the way?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.advice import ADVICE
from reli_analysis.selection import inside, steady_spans
from reli_analysis.units import format_duration, format_value
from reli_analysis.validity.base import CHECKS, found
from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from reli_analysis.series import Event, Run, Series
    from reli_analysis.verdict import Finding

NAME = "workers lost"

FELL = 0.95
"""A value below this share of its usual one before the loss has fallen."""

TOLERATED = 0.05
"""The share of the intervals after the loss in which it may be lower: the others took over."""

_ADVICE = "Find why the worker ended (memory, signals, its log), and repeat the run."


def check(run: Run) -> Finding | None:
    """INCONCLUSIVE when users or requests fell after the loss, else a warning."""
    lost = [event for event in run.events if _is_loss(event)]
    if not lost:
        return None
    first_s = lost[0].elapsed_s
    says = f"{len(lost)} load process(es) lost, the first at {format_duration(first_s)}"
    evidence = {"lost": len(lost), "first_s": first_s}
    fallen = [
        f"{name} fell below {format_value(usual, unit)}"
        for name, unit in (("users", "count"), ("completed_per_s", "1/s"))
        if (usual := _fell_from(run, run.series.get(name), first_s)) is not None
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


def _is_loss(event: Event) -> bool:
    said = f"{event.subject} {event.message}"
    return event.kind == "worker" and re.search(r"\blost\b", said) is not None


def _fell_from(run: Run, series: Series | None, moment_s: float) -> float | None:
    """The usual steady value before a moment, if it was often lower afterwards."""
    if series is None:
        return None
    steady = inside(series.elapsed_s, steady_spans(run)) & np.isfinite(series.values)
    before = series.values[steady & (series.elapsed_s < moment_s)]
    after = series.values[steady & (series.elapsed_s >= moment_s)]
    if not len(before) or not len(after):
        return None
    usual = float(np.median(before))
    return usual if float(np.mean(after < FELL * usual)) > TOLERATED else None


CHECKS.register(NAME, check)
