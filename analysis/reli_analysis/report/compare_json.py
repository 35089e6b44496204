"""A comparison as one JSON document on one line, for programs.

Its fields are fixed by ``format_version`` and described by ``compare.schema.json`` beside this
file. Numbers are in the unit that stands beside them; changes of ``relative`` fields are shares
of the base (0.05 is +5 %), and a number that does not exist is ``null``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from reli_analysis.compare.quantiles import GRID
from reli_analysis.intervals import LEVEL
from reli_analysis.report.compare_parts import advice, headline_sentence, noise, title
from reli_analysis.report.compare_registry import COMPARE_REPORTS
from reli_analysis.report.plain import plain

if TYPE_CHECKING:
    from reli_analysis.compare.comparison import Comparison
    from reli_analysis.compare.measured import MeasuredRun
    from reli_analysis.compare.row import Row

FORMAT_VERSION = 1
"""History: 1, 2026-11-21, the first."""


class CompareJsonReport:
    """One document a comparison."""

    def render(self, comparison: Comparison) -> str:
        return json.dumps(document(comparison), allow_nan=False)


def document(comparison: Comparison) -> dict[str, Any]:
    """The comparison as plain JSON values."""
    document: dict[str, Any] = plain(
        {
            "format_version": FORMAT_VERSION,
            "kind": "comparison",
            "verdict": comparison.outcome.value,
            "exit_code": comparison.outcome.exit_code,
            "title": title(comparison),
            "headline": headline_sentence(comparison),
            "base": [_run(run) for run in comparison.base],
            "candidate": [_run(run) for run in comparison.candidate],
            "noise": {"measured": not comparison.assumed_noise, "how": noise(comparison)},
            "runs_needed_of_each": comparison.of_each,
            "rows": [_row(row) for row in comparison.rows],
            "quantiles": list(GRID),
            "refusals": [_difference(d) for d in comparison.refusals],
            "warnings": [_difference(d) for d in comparison.warnings],
            "notes": comparison.notes,
            "advice": advice(comparison),
        }
    )
    return document


def _run(run: MeasuredRun) -> dict[str, Any]:
    return {
        "title": run.title,
        "path": run.path,
        "profile": run.info.profile_name if run.info else None,
        "started_wall_s": run.info.started_wall_s if run.info else None,
        "steady_s": run.steady_s,
        "curves_ms": {endpoint: curve.values_ms for endpoint, curve in run.curves.items()},
    }


def _difference(difference: Any) -> dict[str, Any]:
    return {"name": difference.name or None, "message": difference.message}


def _row(row: Row) -> dict[str, Any]:
    effect, metric = row.effect, row.metric
    told: dict[str, Any] = {
        "endpoint": row.endpoint or None,
        "metric": metric.name,
        "unit": metric.unit,
        "verdict": row.outcome.value,
        "message": row.message,
        "runs_needed_of_each": row.of_each,
        "floors": {"relative": metric.relative_floor, "absolute": metric.absolute_floor},
        "base": None,
        "candidate": None,
        "change": None,
        "relative_change": None,
        "interval_level": LEVEL,
        "q_value": row.q_value,
        "run_noise": None,
        "smallest_seen": None,
    }
    if effect is None:
        return told
    ends = effect.interval
    return told | {
        "base": effect.base,
        "candidate": effect.candidate,
        "change": _estimate(effect.absolute(effect.estimate), map(effect.absolute, ends)),
        "relative_change": _estimate(effect.relative(effect.estimate), map(effect.relative, ends)),
        "run_noise": effect.relative(effect.noise) if effect.logarithmic else effect.noise,
        "smallest_seen": effect.absolute(row.sees),
    }


def _estimate(value: float | None, ends: Any) -> dict[str, Any] | None:
    if value is None:
        return None
    low, high = ends
    return {"estimate": value, "low": low, "high": high}


COMPARE_REPORTS.register("json", CompareJsonReport())
