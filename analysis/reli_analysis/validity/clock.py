"""Did a clock do anything that would make the record's even time untrue?

A record's own time stands still while the host is suspended, and no step of the wall clock moves it.
So latencies and rates hold; but targets on other hosts went on meanwhile, and a trend of theirs
holds more time than it says. A suspend for more of the steady load than a gap may be is as bad as
one.

A table of somebody else's has the clock of whoever wrote it. One that was set back writes some
moments twice, and rows that were appended twice look the same: two values of one moment, of which
one at least belongs elsewhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.advice import ADVICE
from reli_analysis.selection import inside, length_s, load_spans, steady_rows
from reli_analysis.units import format_duration, format_value
from reli_analysis.validity.base import CHECKS, found
from reli_analysis.validity.gaps import TOO_MANY
from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from reli_analysis.series import Event, Run
    from reli_analysis.verdict import Finding

NAME = "clock"

CLOCK = "clock"
_SUSPENDED = re.compile(r"suspended for ([\d.]+) s")
_SHOWN = 3

_TOO_NEAR = 0.5
"""Rows nearer than half a step share a moment, where the steps are even."""

_EVEN = 0.8


def check(run: Run) -> Finding | None:
    """INCONCLUSIVE for many moments twice or long suspends under load; a warning for fewer."""
    return _repeated(run) or _events(run)


def _events(run: Run) -> Finding | None:
    events = [event for event in run.events if event.kind == CLOCK]
    if not events:
        return None
    spans = load_spans(run)
    steady = inside(np.array([event.elapsed_s for event in events]), spans).tolist()
    suspended_s = sum(_suspended_s(e) for e, inner in zip(events, steady, strict=True) if inner)
    whole_s = length_s(spans) + suspended_s
    share = suspended_s / whole_s if whole_s > 0 else 0.0
    told = "; ".join(f"at {format_duration(e.elapsed_s)} {e.message}" for e in events[:_SHOWN])
    if len(events) > _SHOWN:
        told += f"; and {len(events) - _SHOWN} more"
    numbers = {"observed": share, "limit": TOO_MANY, "unit": "ratio"}
    evidence: dict[str, object] = {"events": len(events), "suspended_s": suspended_s}
    if share <= TOO_MANY:
        return found(NAME, Verdict.PASS, told, evidence=evidence, warning=True, **numbers)
    evidence[ADVICE] = "Keep the host from suspending (systemd-inhibit), and repeat the run."
    return found(NAME, Verdict.INCONCLUSIVE, told, evidence=evidence, **numbers)


def _suspended_s(event: Event) -> float:
    said = _SUSPENDED.search(event.message)
    return float(said[1]) if said else 0.0


def _repeated(run: Run) -> Finding | None:
    """Moments of the steady load that are there twice; skipped for unevenly sampled input."""
    rows = steady_rows(run)
    steps = np.diff(rows) / run.interval_s
    again = steps < _TOO_NEAR
    if not again.any() or (run.info is None and _is_uneven(steps)):
        return None
    share = float(again.mean())
    first = format_duration(float(rows[1:][again][0]))
    told = (
        f"{int(again.sum()):,} of {len(rows):,} rows share their moment with another "
        f"({format_value(share, 'ratio')}), the first at {first}: a clock was set back, or rows were "
        "written twice"
    )
    numbers = {"observed": share, "limit": TOO_MANY, "unit": "ratio"}
    evidence: dict[str, object] = {"repeated": int(again.sum())}
    if share <= TOO_MANY:
        return found(NAME, Verdict.PASS, told, evidence=evidence, warning=True, **numbers)
    evidence[ADVICE] = "Leave the rows out that are there twice, and judge the rest again."
    return found(NAME, Verdict.INCONCLUSIVE, told, evidence=evidence, **numbers)


def _is_uneven(steps: np.ndarray) -> bool:
    """Whether most steps are neither one interval nor none."""
    return bool(np.mean((np.abs(steps - 1) < 0.2) | (steps < 1e-9)) < _EVEN)


CHECKS.register(NAME, check)
