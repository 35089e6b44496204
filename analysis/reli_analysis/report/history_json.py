"""A history as one JSON document on one line, for programs.

Its fields are fixed by ``format_version`` and described by ``history.schema.json`` beside this
file. Values are in the unit that stands beside them; slopes and changes are shares of the level
(0.09 is +9 % a run) where ``relative`` is true, else in the unit.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from reli_analysis.intervals import LEVEL
from reli_analysis.report.history_parts import advice, headline_sentence, title, warnings
from reli_analysis.report.history_registry import HISTORY_REPORTS
from reli_analysis.report.plain import plain

if TYPE_CHECKING:
    from reli_analysis.history.history import Group, History
    from reli_analysis.history.row import HistoryRow

FORMAT_VERSION = 1
"""History: 1, 2026-11-21, the first."""


class HistoryJsonReport:
    """One document a history."""

    def render(self, history: History) -> str:
        return json.dumps(document(history), allow_nan=False)


def document(history: History) -> dict[str, Any]:
    """The history as plain JSON values."""
    told: dict[str, Any] = plain(
        {
            "format_version": FORMAT_VERSION,
            "kind": "history",
            "verdict": history.outcome.value,
            "exit_code": history.outcome.exit_code,
            "title": title(history),
            "headline": headline_sentence(history),
            "directories": history.directories,
            "earlier_runs": history.earlier,
            "groups": [_group(group) for group in history.groups],
            "unread": [{"path": str(path), "message": why} for path, why in history.unread],
            "advice": advice(history),
        }
    )
    return told


def _group(group: Group) -> dict[str, Any]:
    return {
        "name": group.name,
        "verdict": group.outcome.value,
        "runs": [
            {
                "title": entry.title,
                "path": str(entry.path),
                "started_wall_s": entry.started_wall_s,
                "verdict": entry.verdict.value,
            }
            for entry in group.entries
        ],
        "left_out": [entry.title for entry in group.left_out],
        "levels": [_row(row, group) for row in group.rows],
        "warnings": warnings(group),
    }


def _row(row: HistoryRow, group: Group) -> dict[str, Any]:
    course, creep = row.course, row.creep
    relative = course.logarithmic

    def share(value: float) -> float:
        return math.expm1(min(value, 700.0)) if relative else value

    trend = None
    if creep is not None:
        trend = {
            "per_run": share(creep.per_run),
            "low_per_run": share(creep.low),
            "high_per_run": share(creep.high),
            "interval_level": LEVEL,
            "total": share(creep.total(creep.per_run)),
            "q_value": row.q_value,
            "first_run": group.entries[creep.first].title,
        }
    return {
        "name": course.followed.name,
        "unit": course.followed.unit,
        "verdict": row.outcome.value,
        "message": row.message,
        "relative": relative,
        "values": course.values,
        "trend": trend,
        "changes": [
            {
                "run": group.entries[step.at].title,
                "index": step.at,
                "low_index": step.low,
                "high_index": step.high,
                "before": course.value(step.before),
                "after": course.value(step.after),
                "because": step.because,
            }
            for step in row.steps
        ],
    }


HISTORY_REPORTS.register("json", HistoryJsonReport())
