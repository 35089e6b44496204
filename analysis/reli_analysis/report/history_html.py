"""A history as one page: verdict, reasons, and each level over the runs with trend and changes."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from reli_analysis.compare.outcome import Outcome, worst_first
from reli_analysis.history.judged import change
from reli_analysis.report.history_parts import (
    MEANINGS,
    advice,
    cells,
    headline_sentence,
    span,
    title,
    warnings,
)
from reli_analysis.report.history_registry import HISTORY_REPORTS
from reli_analysis.report.page import render_page
from reli_analysis.report.parts import utc
from reli_analysis.report.svg.points import Plot, Point, draw_points
from reli_analysis.report.svg.value_axis import ValueAxis
from reli_analysis.units import format_value
from reli_analysis.visible import one_line, shorten

if TYPE_CHECKING:
    from reli_analysis.history.history import Group, History
    from reli_analysis.history.row import HistoryRow

MOST_GROUPS = 20
_MOST_NAMES = 6
_ROOM = 0.12
_SCALES = {"bytes": ((2.0**30, "GiB"), (2.0**20, "MiB"), (2.0**10, "KiB")), "ratio": ((0.01, "%"),)}


class HistoryHtmlReport:
    """One file: style, script and pictures inside, nothing fetched."""

    def render(self, history: History) -> str:
        return render_page("history.jinja", _view(history))


def _view(history: History) -> dict[str, Any]:
    shown = history.groups[:MOST_GROUPS]
    reasons = [
        (group.name, row)
        for group in history.groups
        for row in worst_first(group.rows)
        if row.outcome in {Outcome.REGRESSED, Outcome.IMPROVED}
    ]
    return {
        "verdict": history.outcome.value,
        "title": title(history),
        "headline": headline_sentence(history),
        "reasons": reasons,
        "several": len(history.groups) > 1,
        "advice": advice(history),
        "directories": history.directories,
        "earlier": history.earlier,
        "groups": [_group(group, number) for number, group in enumerate(shown)],
        "more_groups": len(history.groups) - len(shown),
        "unread": history.unread,
        "meanings": [(word.value, word.exit_code, text) for word, text in MEANINGS.items()],
    }


def _group(group: Group, number: int) -> dict[str, Any]:
    return {
        "id": f"group-{number}",
        "name": group.name,
        "word": group.outcome.value,
        "span": span(group),
        "warnings": warnings(group),
        "rows": [_row(row, group) for row in group.rows],
        "runs": [
            (
                entry.title,
                utc(entry.started_wall_s),
                entry.verdict.value,
                str(entry.path),
                [
                    format_value(float(r.course.values[at]), r.course.followed.unit)
                    for r in group.rows
                ],
            )
            for at, entry in enumerate(group.entries)
        ],
    }


def _row(row: HistoryRow, group: Group) -> dict[str, Any]:
    axis = _axis(row)
    return {
        "word": row.outcome.value,
        "label": row.course.followed.label,
        "axis": ", ".join(filter(None, (axis.unit, "" if axis.from_zero else "not from 0"))),
        "message": row.message,
        "cells": cells(row),
        "svg": draw_points(_plot(row, group, axis)),
        "steps": [
            f"{change(row.course, step.before, step.after - step.before)} with "
            f"{group.entries[step.at].title}"
            + (f", when this changed: {step.because}" if step.because else "")
            for step in (row.steps if len(row.steps) > 1 else ())
        ],
    }


def _axis(row: HistoryRow) -> ValueAxis:
    known = row.course.values[np.isfinite(row.course.values)]
    low, high = float(known.min()), float(known.max())
    own = row.course.followed.unit
    scales = _SCALES.get(own, ())
    divisor, unit = next(
        (scale for scale in scales if high >= scale[0] or own == "ratio"), (1.0, own)
    )
    room = _ROOM * ((high - low) or abs(high) or divisor)
    bottom = 0.0 if low >= 0 and low - room < 0.4 * high else low - room
    return ValueAxis(divisor, "" if unit == "count" else unit, bottom, high + room, log=False)


def _plot(row: HistoryRow, group: Group, axis: ValueAxis) -> Plot:
    course, count = row.course, len(group.entries)
    unit = course.followed.unit

    def place(index: float) -> float:
        return (index + 0.5) / count

    points = [
        Point(
            place(index),
            float(value),
            f"{one_line(entry.title)}: {format_value(float(value), unit)}, {entry.verdict.value}",
            tone=entry.verdict.value,
        )
        for index, (entry, value) in enumerate(zip(group.entries, course.values, strict=True))
        if math.isfinite(value)
    ]
    said = "; ".join(point.text for point in points)
    return Plot(
        axis=axis,
        points=points,
        names=[(place(index), name) for index, name in _names(group)],
        description=f"{course.followed.label} by run: {said}.",
        stretches=[(place(s.low - 0.5), place(s.high + 0.5), "change") for s in row.steps],
        strokes=_strokes(row, place),
    )


def _strokes(row: HistoryRow, place: Any) -> list[tuple[float, float, float, float, str]]:
    """The level before each change, and the trend after the last."""
    course, creep = row.course, row.creep
    strokes = []
    begins = 0
    for step in row.steps:
        value = course.value(step.before)
        strokes.append((place(begins), value, place(step.at - 1), value, "trend"))
        begins = step.at
    if creep is not None:  # straight on its scale, so by pieces on the axis
        fitted = [course.value(creep.start + at * creep.per_run) for at in range(creep.runs + 1)]
        for at, (one, two) in enumerate(itertools.pairwise(fitted), creep.first):
            strokes.append((place(at), one, place(at + 1), two, "trend"))
    elif row.steps:
        value = course.value(row.steps[-1].after)
        strokes.append((place(begins), value, place(int(course.known[-1])), value, "trend"))
    return strokes


def _names(group: Group) -> list[tuple[int, str]]:
    """A few runs by the day they began on, evenly over the axis."""
    count = len(group.entries)
    step = max(1, math.ceil(count / _MOST_NAMES))
    days = [(at, utc(group.entries[at].started_wall_s)[:16]) for at in range(0, count, step)]
    return [(at, day or shorten(one_line(group.entries[at].title), 16)) for at, day in days]


HISTORY_REPORTS.register("html", HistoryHtmlReport())
