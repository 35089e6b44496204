"""What a check is, and the findings that checks make."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reli_analysis.registry import Registry
from reli_analysis.series import Run
from reli_analysis.verdict import Finding, Verdict

KIND = "validity"

Check = Callable[[Run], Finding | None]
"""Looks at one thing of a run; ``None`` when the input says nothing about it."""

CHECKS: Registry[Check] = Registry("check")


def of_load(check: Check) -> Check:
    """A check that speaks of load; it has nothing to say about a record that only samples."""
    return lambda run: check(run) if run.has_load else None


def found(name: str, verdict: Verdict, message: str, **fields: Any) -> Finding:
    """The finding of the check of that name; ``fields`` are the other fields of a finding."""
    return Finding(id=name, kind=KIND, subject=name, verdict=verdict, message=message, **fields)


def check_run(run: Run) -> tuple[Finding, ...]:
    """What every check says, in the order of their names."""
    answers = (CHECKS.get(name)(run) for name in CHECKS)
    return tuple(answer for answer in answers if answer is not None)
