"""Is it the target that answers? A process that does nothing is not the one that is loaded.

Whoever answers a request reads it and writes the answer: that takes a system call each, and where
answers are few each of them wakes the process up. So an answer costs at least

    cpu_s / answers >= 2 us     at any rate (an answer of Redis to PING: about 4 us at 30,000/s)
    cpu_s / answers >= 10 us    below 1,000/s (the same: over 100 us at 400/s)

with ``cpu_s`` of all targets together, in the steady load, plus what their clocks may have left out
(two ticks of 10 ms a target). Targets that do less did not give the answers. A proxy, or a cache in
front of a database, uses far more than that itself; a database behind a cache may rest, and is then
not alone among the targets of those who ask how the service fares.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.advice import ADVICE
from reli_analysis.record.layout import RESOURCES_COLUMNS
from reli_analysis.selection import under_load
from reli_analysis.units import format_duration, format_value
from reli_analysis.validity.asked import asked_columns
from reli_analysis.validity.base import CHECKS, found, of_load
from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from reli_analysis.series import Run
    from reli_analysis.verdict import Finding

NAME = "target at work"

LEAST_S = 2e-6
LEAST_WOKEN_S = 10e-6
OFTEN_PER_S = 1000.0
"""Below this rate every answer wakes the process up."""

_TICKS_S = 0.02
_KNOWN = 0.8
"""The share of the steady load in which the CPU of all targets must be known."""

_SAMPLED = frozenset(column.name for column in RESOURCES_COLUMNS)
_ADVICE = (
    "Name the process that answers as a target: port:N finds it by the port that it listens on, and "
    "the report lists the processes that were sampled."
)


def check(run: Run) -> Finding | None:
    """INVALID when a budget speaks of what idle targets used; a warning when none does."""
    cores = under_load(run, "cpu_cores")
    known = np.isfinite(cores)
    targets = len(run.info.targets) if run.info else 0
    if not targets or not len(cores) or known.mean() < _KNOWN:
        return None
    answers = _answers(run)[known]
    seconds = known.sum() * run.interval_s
    total, used_s = float(answers.sum()), float(cores[known].sum()) * run.interval_s
    least_s = LEAST_WOKEN_S if total / seconds < OFTEN_PER_S else LEAST_S
    if total <= 0 or total * least_s <= _TICKS_S * targets:
        return None
    at_most_s = (used_s + _TICKS_S * targets) / total
    numbers = {"observed": 1000 * at_most_s, "limit": 1000 * least_s, "unit": "ms"}
    evidence: dict[str, object] = {"answers": round(total), "cpu_s": used_s}
    if at_most_s >= least_s:
        each = format_value(1000 * used_s / total, "ms")
        told = f"the targets used {each} of CPU for each answer"
        return found(NAME, Verdict.PASS, told, evidence=evidence, **numbers)
    who = ", ".join(run.info.targets) if run.info else ""
    told = (
        f"{who} used {format_duration(used_s)} of CPU in all while {total:,.0f} requests were "
        f"answered ({format_value(total / seconds, '1/s')}): no process can answer that with so "
        "little, so another one did"
    )
    evidence[ADVICE] = _ADVICE
    if _SAMPLED & asked_columns(run):
        return found(
            NAME,
            Verdict.INVALID,
            f"{told}; what was sampled is not what was loaded",
            evidence=evidence,
            **numbers,
        )
    return found(NAME, Verdict.PASS, told, evidence=evidence, warning=True, **numbers)


def _answers(run: Run) -> np.ndarray:
    """Requests of each interval that somebody answered without a failure."""
    requests, failures = (np.nan_to_num(under_load(run, n)) for n in ("requests", "failures"))
    return np.maximum(requests - failures, 0.0)


CHECKS.register(NAME, of_load(check))
