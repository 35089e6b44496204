"""Judges the levels of one group of runs: what creeps, what jumped, what cannot be said."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.compare.outcome import Outcome
from reli_analysis.compare.words import percent, signed
from reli_analysis.history.creep import FEWEST_RUNS, creep_of
from reli_analysis.history.row import Course, HistoryRow
from reli_analysis.history.steps import steps_of
from reli_analysis.multiplicity import q_values
from reli_analysis.units import format_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reli_analysis.history.creep import Creep
    from reli_analysis.history.entry import Entry
    from reli_analysis.history.followed import Followed
    from reli_analysis.history.steps import Step

FALSE_DISCOVERIES = 0.05
"""The share of chance ones among the trends that are called, over the levels of a group."""


def judge_levels(entries: Sequence[Entry], followed: Sequence[Followed]) -> list[HistoryRow]:
    """A row a level that any run measured, in their order."""
    found = [_look(course, entries) for course in _courses(entries, followed)]
    trends = [row.creep.p_value for row in found if row.creep is not None]
    q = iter(q_values(trends))
    rows = [replace(r, q_value=next(q)) if r.creep is not None else r for r in found]
    return [_decide(row, entries) for row in rows]


def _courses(entries: Sequence[Entry], followed: Sequence[Followed]) -> list[Course]:
    courses = []
    for one in followed:
        values = [entry.levels.get(one.name) for entry in entries]
        numbers = np.array([np.nan if value is None else value for value in values])
        if np.isfinite(numbers).any():
            courses.append(Course(one, numbers))
    return courses


def _look(course: Course, entries: Sequence[Entry]) -> HistoryRow:
    """Change points first; a trend is looked for after the last of them."""
    indexes, values = course.known, course.on_scale
    steps = tuple(steps_of(indexes, values, entries))
    after = indexes >= (steps[-1].at if steps else 0)
    creep = creep_of(indexes[after], values[after])
    return HistoryRow(course, Outcome.INCONCLUSIVE, "", steps, creep)


def _decide(row: HistoryRow, entries: Sequence[Entry]) -> HistoryRow:
    """REGRESSED for a step that stayed or a trend that goes on; PASS when neither could hide."""
    course, worse = row.course, row.course.followed.worse
    label = course.followed.label
    if not np.isfinite(course.values[-1]):
        last = entries[int(course.known[-1])].title
        message = f"{label} was measured last in {last}, and no data is no PASS"
        return replace(row, outcome=Outcome.INCONCLUSIVE, message=message)
    if worst := _standing_step(row):
        best, step = worst
        message = f"{label} {_step_words(course, best, step, entries)}"
        return replace(row, outcome=Outcome.REGRESSED, message=message)
    creep = row.creep
    if creep is None:
        known = len(course.known)
        short = f"{label}: {known} runs"
        if row.steps:
            short = f"{label} changed with {entries[row.steps[-1].at].title}; the runs since then"
        message = f"{short} are too few for a trend, which needs {FEWEST_RUNS}"
        return replace(row, outcome=Outcome.INCONCLUSIVE, message=message)
    outcome = _of_trend(row, creep)
    moves = f"{label} moves by {change(course, creep.start, creep.per_run)} a run"
    ends = (change(course, creep.start, end) for end in (creep.low, creep.high))
    moves += " (95 % interval {} to {})".format(*ends)
    total = change(course, creep.start, creep.total(creep.per_run))
    over = f"over {creep.runs + 1} runs"
    match outcome:
        case Outcome.REGRESSED:
            message = f"{moves}, {total} {over}: it creeps, {_levels(course, creep)}"
        case Outcome.IMPROVED:
            message = f"{moves}, {total} {over}: it gets better, {_levels(course, creep)}"
        case Outcome.PASS:
            end = max(0.0, *(worse * end for end in (creep.low, creep.high)))
            highest = change(course, creep.start, worse * end)
            message = f"{moves}: nothing creeps by more than {highest} a run"
        case _:
            message = f"{moves}: too noisy to see a creep of {_floor_words(course, creep)} {over}"
    return replace(row, outcome=outcome, message=message + _earlier(row, entries))


def _of_trend(row: HistoryRow, creep: Creep) -> Outcome:
    """Called when the trend is no chance and its total exceeds the floors."""
    worse = row.course.followed.worse
    floor = row.course.floor(creep.start)
    harm = worse * creep.total(creep.per_run)
    sure = row.q_value is not None and row.q_value <= FALSE_DISCOVERIES
    if sure and abs(harm) > floor:
        return Outcome.REGRESSED if harm > 0 else Outcome.IMPROVED
    worst = max(worse * creep.total(end) for end in (creep.low, creep.high))
    return Outcome.PASS if worst < floor else Outcome.INCONCLUSIVE


def _standing_step(row: HistoryRow) -> tuple[float, Step] | None:
    """The best level that was ever held, and the step that left it, if the last is worse by the floor."""
    if not row.steps:
        return None
    course, worse = row.course, row.course.followed.worse
    levels = [row.steps[0].before, *(step.after for step in row.steps)]
    best = min(range(len(levels)), key=lambda at: worse * levels[at])
    harm = worse * (levels[-1] - levels[best])
    if best == len(levels) - 1 or harm <= course.floor(levels[best]):
        return None
    leaving = max(row.steps[best:], key=lambda step: worse * (step.after - step.before))
    return levels[best], leaving


def _step_words(course: Course, best: float, step: Step, entries: Sequence[Entry]) -> str:
    last = course.on_scale[course.known >= step.at]
    now = float(np.median(last))
    unit = course.followed.unit
    before, after = (format_value(course.value(v), unit) for v in (best, now))
    text = (
        f"went from {before} to {after} ({change(course, best, now - best)}) "
        f"with {entries[step.at].title}"
    )
    if step.low != step.high:
        text += f" (between {entries[step.low].title} and {entries[step.high].title})"
    return text + (f", when this changed: {step.because}" if step.because else "")


def _earlier(row: HistoryRow, entries: Sequence[Entry]) -> str:
    """Steps that are no reason to complain are told all the same."""
    if not row.steps:
        return ""
    step, course = row.steps[-1], row.course
    moved = change(course, step.before, step.after - step.before)
    return f"; changed last by {moved} with {entries[step.at].title}"


def _levels(course: Course, creep: Creep) -> str:
    ends = (creep.start, creep.start + creep.total(creep.per_run))
    first, last = (format_value(course.value(end), course.followed.unit) for end in ends)
    return f"from {first} to {last}"


def _floor_words(course: Course, creep: Creep) -> str:
    return change(course, creep.start, course.floor(creep.start)).lstrip("+")


def change(course: Course, level: float, difference: float) -> str:
    """A difference on the scale from a level, as a person reads it."""
    after, before = course.value(level + difference), course.value(level)
    if course.followed.is_share or before <= 0:
        return signed(after - before, course.followed.unit)
    return percent(after / before - 1)
