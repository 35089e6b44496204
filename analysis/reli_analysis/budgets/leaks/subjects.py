"""The series that ``no leak in`` judges: each target's own, or a column of the results."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.budgets.lookup import series_of, spans_of
from reli_analysis.budgets.undecided import Undecided
from reli_analysis.courses import Course, courses
from reli_analysis.record.layout import CGROUP, HOST, TREE
from reli_analysis.selection import TIME_TOLERANCE_S
from reli_analysis.targets import never_there
from reli_analysis.trends.lives import lives_at
from reli_analysis.trends.observed import Observed
from reli_analysis.windows import of_kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.budgets.model import Budget
    from reli_analysis.series import Run

_LOAD = "completed_per_s"
_FAULT = "fault"
_BY_KIND = (TREE, CGROUP, HOST)
"""Where a column is measured of a target's processes, its cgroup is not asked, nor a host."""


@dataclass(frozen=True)
class Subject:
    """One series under load. ``course`` is its target's, ``None`` for a column of the results.

    ``start_s`` and ``end_s`` are when there was load; ``observed`` lies within.
    """

    name: str
    unit: str
    observed: Observed
    start_s: float
    end_s: float
    course: Course | None = None

    @property
    def measured(self) -> NDArray[np.float64]:
        """The values that are known."""
        return self.observed.values[np.isfinite(self.observed.values)]

    @property
    def lives(self) -> int:
        """How many processes, one after the other, it was measured of."""
        return len(np.unique(self.observed.lives))


def by_target(budget: Budget, run: Run) -> tuple[Budget, ...]:
    """A budget of one metric for each target that has it, itself where there is a single series."""
    names = tuple(_names(_courses_with(run, budget.metric)))
    return tuple(replace(budget, source=name) for name in names) if len(names) > 1 else (budget,)


def subject_of(budget: Budget, run: Run) -> Subject:
    """The one series that a budget of one metric (and source) speaks of.

    It reaches from the first steady window to the end of the last: what lies between is measured
    too, and faults are told to whoever judges. Raises ``Undecided`` when nothing was measured.
    """
    spans = spans_of(run, under_load=True)
    start_s, end_s = spans[0][0], spans[-1][1]
    name = budget.subject
    course = _course(run, budget)
    if course is None:
        series = series_of(run, budget.metric)
        times_s, values, unit = series.elapsed_s, series.values, series.unit
        lives = lives_at(run, times_s)
    else:
        times_s, values, lives, unit = _of_course(course, budget.metric)
    inside = (times_s >= start_s - TIME_TOLERANCE_S) & (times_s < end_s - TIME_TOLERANCE_S)
    times_s = times_s[inside]
    faults = tuple((w.start_s, w.end_s) for w in of_kind(run.windows, _FAULT))
    observed = Observed(times_s, values[inside], lives[inside], _load(run, times_s), faults)
    subject = Subject(name, unit, observed, start_s, end_s, course)
    if not len(subject.measured):
        missing = ", ".join(never_there(run))
        why = f": {missing} was never there" if missing else ""
        raise Undecided(
            f"{name} was never measured in the steady window{why}",
            advice=f"Let {budget.metric} be sampled or published while the load is steady.",
        )
    return subject


def _courses_with(run: Run, column: str) -> list[Course]:
    found = [course for course in courses(run) if _has(course, column)]
    kinds = {course.last.kind for course in found}
    best = next((kind for kind in _BY_KIND if kind in kinds), None)
    return [course for course in found if course.last.kind == best]


def _has(course: Course, column: str) -> bool:
    own = (one.series[column].values for one in course.segments if column in one.series)
    return any(np.isfinite(values).any() for values in own)


def _names(found: list[Course]) -> dict[str, Course]:
    """Each by its source; by its process's name and host too where a source has several."""
    sources = [course.source for course in found]
    return {
        c.source
        if sources.count(c.source) == 1
        else f"{c.source} ({c.last.name}, {c.last.host})": c
        for c in found
    }


def _course(run: Run, budget: Budget) -> Course | None:
    named = _names(_courses_with(run, budget.metric))
    if budget.source is not None:
        return named[budget.source]
    return next(iter(named.values())) if len(named) == 1 else None


def _of_course(
    course: Course, column: str
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64], str]:
    parts = [
        (life, s.series[column]) for life, s in enumerate(course.segments) if column in s.series
    ]
    lives = [np.full(len(series), life) for life, series in parts]
    return (
        np.concatenate([series.elapsed_s for _life, series in parts]),
        np.concatenate([series.values for _life, series in parts]),
        np.concatenate(lives).astype(np.int64),
        parts[0][1].unit,
    )


def _load(run: Run, times_s: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """The requests a second that were answered at these moments, ``None`` where nobody counted."""
    series = run.series.get(_LOAD)
    counted = series.measured() if series is not None else None
    if counted is None or len(counted) < 2:
        return None
    middles = counted.elapsed_s + run.interval_s / 2
    return np.interp(times_s, middles, counted.values)
