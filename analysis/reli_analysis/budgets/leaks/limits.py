"""Where a target's growth must end: what its cgroup, its host or its own limits allow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reli_analysis.courses import courses
from reli_analysis.record.layout import CGROUP, HOST
from reli_analysis.units import format_value

if TYPE_CHECKING:
    from reli_analysis.budgets.leaks.subjects import Subject
    from reli_analysis.courses import Course
    from reli_analysis.series import Run

_MEMORY = frozenset({"rss_bytes", "uss_bytes", "pss_bytes", "memory_bytes", "working_set_bytes"})
_THREADS = frozenset({"threads", "pids"})
_LIMIT = "memory_limit_bytes"


@dataclass(frozen=True)
class Limit:
    """``value`` in the series' terms; ``text`` names it, as in ``the host's 24 GiB``."""

    value: float
    text: str


def limit_of(run: Run, subject: Subject, column: str) -> Limit | None:
    """Of memory the cgroup's, else the host's; of descriptors the fullest process's; else none.

    A column of the results is a sum over targets, of which only a host knows a limit.
    """
    if column in _MEMORY:
        return _memory(run, subject.course)
    if subject.course is None:
        return None
    if column == "fds":
        return _descriptors(subject.course)
    if column in _THREADS:
        value = _of_kind(run, CGROUP, subject.course, "pids_limit")
        return None if value is None else Limit(value, f"the cgroup's {value:,.0f} pids")
    return None


def _memory(run: Run, course: Course | None) -> Limit | None:
    if course is not None:
        value = _of_kind(run, CGROUP, course, _LIMIT)
        if value is not None:
            return Limit(value, f"the cgroup's {format_value(value, 'bytes')}")
    value = _of_kind(run, HOST, course, _LIMIT)
    if value is None and (course is None or _here(run, course)):
        told = run.info.host.get("memory_bytes") if run.info else None
        value = float(told) if isinstance(told, int | float) and told > 0 else None
    return None if value is None else Limit(value, f"the host's {format_value(value, 'bytes')}")


def _descriptors(course: Course) -> Limit | None:
    """What the tree may come to if the fullest of its processes takes all that is added."""
    limit, ratio, fds = (_last(course, name) for name in ("fds_limit", "fds_ratio", "fds"))
    if limit is None or ratio is None or fds is None:
        return None
    room = limit * (1 - ratio)
    return Limit(round(fds + room), f"its limit of {limit:,.0f} descriptors")


def _of_kind(run: Run, kind: str, course: Course | None, column: str) -> float | None:
    """The last value of a column of the course's own cgroup, or of its host."""
    for other in courses(run):
        if other.last.kind != kind:
            continue
        own = course is None or (
            other.source == course.source if kind == CGROUP else other.last.host == course.last.host
        )
        value = _last(other, column) if own else None
        if value is not None and value > 0:
            return value
    return None


def _last(course: Course, column: str) -> float | None:
    series = course.series(column)
    return None if series is None else float(series.measured().values[-1])


def _here(run: Run, course: Course) -> bool:
    """Whether a target is on the host that ``run.json`` describes."""
    return run.info is not None and run.info.host.get("name") in {course.last.host, None}
