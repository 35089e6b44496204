"""Are intervals missing in the middle of what is judged?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.advice import ADVICE
from reli_analysis.selection import load_spans, steady_rows
from reli_analysis.units import format_duration, format_value
from reli_analysis.validity.base import CHECKS, found
from reli_analysis.verdict import Verdict

if TYPE_CHECKING:
    from reli_analysis.series import Run
    from reli_analysis.verdict import Finding

NAME = "gaps"

USUAL = 0.01
"""One interval in a hundred is lost to a busy host now and then and moves no percentile much."""

TOO_MANY = 0.05
"""With more missing, what was not seen could hold every slow request that p95 speaks of."""

_REGULAR = 0.8


def check(run: Run) -> Finding | None:
    """Compare the steps between rows with the interval; skipped for unevenly sampled input."""
    rows = steady_rows(run)
    if len(rows) < 2:
        return None
    steps = np.diff(rows) / run.interval_s
    if run.info is None and np.mean(np.abs(steps - 1) < 0.2) < _REGULAR:
        return None
    missing = np.where(_within_one_span(rows, run), np.maximum(np.rint(steps) - 1, 0), 0)
    lost = int(missing.sum())
    share = lost / (lost + len(rows))
    if not lost:
        return found(
            NAME, Verdict.PASS, "no steady interval is missing", observed=0.0, unit="ratio"
        )
    first = format_duration(float(rows[np.flatnonzero(missing)[0]]) + run.interval_s)
    says = (
        f"{lost:,} of {lost + len(rows):,} steady intervals are missing "
        f"({format_value(share, 'ratio')}), the first at {first}"
    )
    if share > TOO_MANY:
        return found(
            NAME,
            Verdict.INCONCLUSIVE,
            says,
            observed=share,
            limit=TOO_MANY,
            unit="ratio",
            evidence={ADVICE: "Give the recorder's host more room, and repeat the run."},
        )
    return found(
        NAME,
        Verdict.PASS,
        says,
        observed=share,
        limit=TOO_MANY,
        unit="ratio",
        warning=lost > max(1, USUAL * (lost + len(rows))),
    )


def _within_one_span(rows: np.ndarray, run: Run) -> np.ndarray:
    """Which steps do not lead from one steady stretch to the next."""
    starts = [start for start, _end in load_spans(run)]
    at = np.searchsorted(starts, rows + run.interval_s / 2)
    return np.asarray(at[1:] == at[:-1])


CHECKS.register(NAME, check)
