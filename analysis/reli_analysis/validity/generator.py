"""Was the load generator itself the bottleneck? Then its latencies are its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.advice import ADVICE
from reli_analysis.selection import part, steady_spans
from reli_analysis.validity.base import CHECKS, found
from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.series import Run
    from reli_analysis.verdict import Finding

NAME = "generator kept up"

BUSY_CORES = 0.95
"""A load process is one thread: above this it has no time left to send or to measure on time."""

LATE_MS = 500.0
"""A process that wakes up half a second late measured every answer of that time late, too."""

OFTEN_LATE = 0.2
"""Now and then the host is busy; in every fifth interval it is the generator."""

_ADVICE = (
    "Spread the load over more processes (--processes) or workers, or run fewer users in each."
)


def check(run: Run) -> Finding | None:
    """INVALID when the busiest load process had no time left, or often woke up late."""
    cpu, lag = _steady(run, "generator_cpu_cores"), _steady(run, "loop_lag_ms")
    if not len(cpu) and not len(lag):
        return None
    busy = float(np.median(cpu)) if len(cpu) else None
    late = float(np.mean(lag > LATE_MS)) if len(lag) else None
    evidence = {"generator_cpu_cores_median": busy, "late_intervals_ratio": late}
    if busy is not None and busy >= BUSY_CORES:
        return found(
            NAME,
            Verdict.INVALID,
            f"a load process used {busy:.2f} of its one core: latencies are its own, not the target's",
            observed=busy,
            limit=BUSY_CORES,
            unit="cores",
            evidence={**evidence, ADVICE: _ADVICE},
        )
    if late is not None and late > OFTEN_LATE:
        return found(
            NAME,
            Verdict.INVALID,
            f"a load process woke up more than {LATE_MS:.0f} ms late in {late:.0%} of the intervals: "
            "latencies are its own, not the target's",
            observed=late,
            limit=OFTEN_LATE,
            unit="ratio",
            evidence={**evidence, ADVICE: _ADVICE},
        )
    told = "the load generator kept up" + (f", {busy:.2f} cores at the median" if busy else "")
    return found(
        NAME, Verdict.PASS, told, observed=busy, limit=BUSY_CORES, unit="cores", evidence=evidence
    )


def _steady(run: Run, name: str) -> NDArray[np.float64]:
    series = run.series.get(name)
    return np.empty(0) if series is None else part(series, steady_spans(run)).values


CHECKS.register(NAME, check)
