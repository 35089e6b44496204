"""The sentences of the three answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reli_analysis.budgets.leaks.says import Says
from reli_analysis.units import format_duration, format_value

if TYPE_CHECKING:
    from reli_analysis.budgets.leaks.case import Case

_BY_CLOCK = {
    "requests": "; it follows the requests, so look at what each of them keeps",
    "faults": "; it follows the faults, so look at what a failed request keeps",
}

_FROM_THE_START = 0.05


def rate(per_h: float, unit: str) -> str:
    """``4.2 MiB/h``, ``12.3/h``."""
    return f"{per_h:,.4g}/h" if unit == "count" else f"{format_value(per_h, unit)}/h"


def message(case: Case) -> str:
    """One sentence with the rate, its interval, and what follows from it."""
    name, unit, found = case.subject.name, case.subject.unit, case.answer
    matters = f"what matters is {rate(case.threshold.per_h, unit)}, {case.threshold.why}"
    match found.says:
        case Says.LEAK:
            parts = [f"{name} leaks: {_rates(case)}", _began(case), _left(case)]
            return f"{'; '.join(filter(None, parts))} ({found.why}; {matters})"
        case Says.NONE:
            seen = rate(found.smallest_seen_per_h, unit)
            return f"{name}: no leak above {seen} ({found.why}, {_rates(case)}; {matters})"
        case Says.UNKNOWN:
            told = "" if found.leak.slope is None else f", {_rates(case)}"
            return f"{name} may leak or not: {found.why}{told} ({matters})"


def _rates(case: Case) -> str:
    """``4.2 MiB/h (95 % interval 4 MiB/h to 4.4 MiB/h), 120 KiB per 1,000 requests``."""
    unit, found = case.subject.unit, case.answer
    estimate, low, high = (rate(per_h, unit) for per_h in found.rates_per_h)
    told = f"{estimate}, 95 % interval {low} to {high}"
    by_requests = found.leak.rates_per_1000_requests
    if by_requests is not None:
        told += f", {format_value(by_requests[0], unit)} per 1,000 requests"
    return told


def _began(case: Case) -> str:
    at_s = case.answer.leak.began_s
    if at_s is None:
        return ""
    start_s, end_s = case.subject.start_s, case.subject.end_s
    if at_s - start_s < _FROM_THE_START * (end_s - start_s):
        return "from the start"
    return f"since {format_duration(at_s)}"


def _left(case: Case) -> str:
    if case.limit is None or case.time_left_s is None:
        return ""
    low, estimate, high = (
        "for ever" if s is None else format_duration(s) for s in case.time_left_s
    )
    return f"{case.limit.text} would last {estimate} ({low} to {high})"


def advice(case: Case) -> str:
    """What to do next; nothing after a clean run."""
    found = case.answer
    if found.says is Says.LEAK:
        told = f"Find what keeps growing in the target: compare two snapshots of {case.column}"
        told += _BY_CLOCK.get(found.leak.clock, "")
        if case.column == "rss_bytes":
            told += "; ask no leak in uss too, as RSS counts pages that are shared"
        return f"{told}."
    if found.needed_s is None:
        return ""
    longer = format_duration(found.needed_s)
    return f"Let the steady window last at least {longer} to judge {case.subject.name}."
