"""What could not be sampled or written, in one finding.

A warning, never more: what could not be read is empty in the record, so that a budget which needs
it is INCONCLUSIVE by itself. Only a record without load, which has nothing but its samples, is
INCONCLUSIVE when too many of them were missed; where there is a load, the check of the generator
weighs that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.advice import ADVICE
from reli_analysis.selection import under_load
from reli_analysis.units import format_value
from reli_analysis.validity.base import CHECKS, found
from reli_analysis.validity.gaps import TOO_MANY, USUAL
from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from reli_analysis.series import Event, Run
    from reli_analysis.verdict import Finding

NAME = "sampling"

_AGAIN = "started again"
_SHOWN = 5
_ROOM = "Give the recorder's host more room (cores, disk), or sample less often."
_BY_KIND = {
    "sampling": (
        "Run the sampler as a user who may read the target, or leave out what it cannot read."
    ),
    "disk": _ROOM,
    "recorder": (
        "Find out in the log of the recorder's host who ended the recorder: what was not sampled "
        "meanwhile is missing."
    ),
}


def check(run: Run) -> Finding | None:
    """One warning about everything that was told; more only for a record of samples alone."""
    telling = [event for event in run.events if _tells(event)]
    told = list(dict.fromkeys(map(_said, telling)))
    advice = list(dict.fromkeys(_BY_KIND[event.kind] for event in telling))
    lost, share = _missed(run)
    if share > USUAL and not run.has_load:
        advice = [_ROOM, *(text for text in advice if text != _ROOM)]
        told.insert(0, f"{lost:,} samples were missed ({format_value(share, 'ratio')})")
    if not told:
        return None
    more = f"; and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
    message = "; ".join(told[:_SHOWN]) + more
    evidence = {"troubles": told, "missed_samples": lost}
    numbers = {"observed": share, "limit": TOO_MANY, "unit": "ratio"}
    if share > TOO_MANY and not run.has_load:
        advised = {**evidence, ADVICE: _ROOM}
        return found(NAME, Verdict.INCONCLUSIVE, message, evidence=advised, **numbers)
    advised = {**evidence, ADVICE: " ".join(advice)}
    return found(NAME, Verdict.PASS, message, evidence=advised, warning=True)


def _tells(event: Event) -> bool:
    if event.kind == "recorder":
        return _AGAIN in event.message
    return event.kind in _BY_KIND


def _said(event: Event) -> str:
    return f"{event.subject}: {event.message}" if event.kind == "sampling" else event.message


def _missed(run: Run) -> tuple[int, float]:
    """How many samples of the steady time were missed, and their share."""
    missed = np.nan_to_num(under_load(run, "missed_samples"))
    lost = float(missed.sum())
    return round(lost), lost / (lost + len(missed)) if len(missed) else 0.0


CHECKS.register(NAME, check)
