"""Runs that a budget ended: ``error_ratio < 50% over 10s, abort``.

The budget was broken when the run was ended for it, by the rules of the analysis. That stands,
whatever the drain brought after it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reli_analysis.record.layout import ABORT_EVENT
from reli_analysis.units import format_duration
from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reli_analysis.series import Event, Run
    from reli_analysis.verdict import Finding

ABORTED = "aborted"
"""The state of such a run."""


def aborted_for(run: Run) -> Event | None:
    """The event of the budget for which the run was ended; ``None`` for any other run."""
    return next((event for event in run.events if event.kind == ABORT_EVENT), None)


def is_asked(event: Event, run: Run) -> bool:
    """Whether the budget of the event is among those that the run is judged by."""
    return event.subject in {" ".join(text.split()) for text in run.asked}


def with_abort(findings: Iterable[Finding], run: Run) -> tuple[Finding, ...]:
    """The findings of budgets, with FAIL for the one that ended the run."""
    event = aborted_for(run)
    if event is None:
        return tuple(findings)
    return tuple(
        _failed(finding, event) if finding.evidence.get("budget") == event.subject else finding
        for finding in findings
    )


def _failed(finding: Finding, event: Event) -> Finding:
    at = format_duration(event.elapsed_s)
    if finding.verdict is Verdict.FAIL:
        message = f"{finding.message}; the run was ended for it at {at}"
    else:
        number = event.message.partition(":")[0]
        message = f"{number} at {at}, and the run was ended for it; in the end {finding.message}"
    evidence = {**finding.evidence, "aborted_at_s": event.elapsed_s}
    return replace(finding, verdict=Verdict.FAIL, message=message, evidence=evidence, warning=False)
