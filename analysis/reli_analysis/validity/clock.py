"""Did the host's clocks do anything that the record's even time does not show?

The record's time stands still while the host is suspended, and no step of the wall clock moves it.
So latencies and rates hold; but targets on other hosts went on meanwhile, and a trend of theirs
holds more time than it says. A suspend for more of the steady load than a gap may be is as bad as
one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.advice import ADVICE
from reli_analysis.selection import inside, length_s, load_spans
from reli_analysis.units import format_duration
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


def check(run: Run) -> Finding | None:
    """INCONCLUSIVE after long suspends under steady load; else a warning that tells each."""
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


CHECKS.register(NAME, check)
