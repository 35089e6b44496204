"""What a finding about a leak rests on, as plain values that the reports draw."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from reli_analysis.intervals import LEVEL

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reli_analysis.budgets.leaks.case import Case


def evidence_of(case: Case) -> dict[str, Any]:
    """Numbers that are not known are ``None``."""
    found, leak = case.answer, case.answer.leak
    estimate, low, high = (_finite(per_h) for per_h in found.rates_per_h)
    by_requests = leak.rates_per_1000_requests
    told: dict[str, Any] = {
        "answer": found.says.value,
        "why": found.why,
        "rate_per_h": estimate,
        "low_per_h": low,
        "high_per_h": high,
        "interval": None if low is None or high is None else [low, high],
        "interval_level": LEVEL,
        "rate_per_1000_requests": None if by_requests is None else [*map(_finite, by_requests)],
        "clock": leak.clock,
        "threshold_per_h": case.threshold.per_h,
        "threshold": case.threshold.why,
        "smallest_seen_per_h": _finite(found.smallest_seen_per_h),
        "p_value": _finite(leak.p_value),
        "samples": len(case.subject.measured),
        "lives": case.subject.lives,
        "windows_s": [] if leak.window_s is None else [list(leak.window_s)],
        "fit": _fit(case),
    }
    if found.needed_s is not None:
        told["needed_s"] = _finite(found.needed_s)
    if case.limit is not None:
        told |= {"limit": case.limit.value, "limit_of": case.limit.text}
    if case.time_left_s is not None:
        told["time_left_s"] = list(case.time_left_s)
    return told


def _finite(value: float) -> float | None:
    """JSON has no NaN and no infinity."""
    return float(value) if math.isfinite(value) else None


def _fit(case: Case) -> dict[str, Any]:
    leak, course = case.answer.leak, case.subject.course
    return {
        "metric": case.column,
        "unit": case.subject.unit,
        "source": "" if course is None else course.source,
        "points": _rows(leak.points),
        "line": _rows(leak.line),
        "window_s": [] if leak.window_s is None else list(leak.window_s),
        "left_out": [{"from_s": o.from_s, "to_s": o.to_s, "why": o.why} for o in leak.left_out],
        "began_s": leak.began_s,
    }


def _rows(rows: Iterable[Iterable[float]]) -> list[list[float]]:
    kept = [list(map(float, row)) for row in rows]
    return [row for row in kept if all(map(math.isfinite, row))]
