"""A comparison as one page: verdict, reasons, each row's change on one axis, and the curves."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from reli_analysis.compare.metrics import OVERALL
from reli_analysis.compare.outcome import MEANINGS, Outcome, worst_first
from reli_analysis.compare.words import percent, signed
from reli_analysis.report.compare_parts import (
    advice,
    cells,
    facts,
    headline_sentence,
    interval,
    moved,
    title,
)
from reli_analysis.report.compare_registry import COMPARE_REPORTS
from reli_analysis.report.compare_shift import shifts
from reli_analysis.report.page import render_page
from reli_analysis.report.parts import utc
from reli_analysis.units import format_duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reli_analysis.compare.comparison import Comparison
    from reli_analysis.compare.measured import MeasuredRun
    from reli_analysis.compare.row import Row

MOST_ROWS = 600
_MOST_REASONS = 30
_NARROWEST_SCALE = 0.05
_WIDEST_SCALE = 1.0


class CompareHtmlReport:
    """One file: style, script and pictures inside, nothing fetched."""

    def render(self, comparison: Comparison) -> str:
        return render_page("compare.jinja", _view(comparison))


def _view(comparison: Comparison) -> dict[str, Any]:
    rows = comparison.rows
    telling = (Outcome.REGRESSED, Outcome.IMPROVED)
    reasons = [row for row in worst_first(rows) if row.outcome in telling]
    everything = [row for row in rows if row.endpoint == OVERALL]
    endpoints = worst_first(row for row in rows if row.endpoint != OVERALL)
    return {
        "verdict": comparison.outcome.value,
        "title": title(comparison),
        "headline": headline_sentence(comparison),
        "refusals": comparison.refusals,
        "reasons": reasons[:_MOST_REASONS],
        "more_reasons": max(0, len(reasons) - _MOST_REASONS),
        "warnings": comparison.warnings,
        "advice": advice(comparison),
        "facts": facts(comparison),
        "everything": _rows(everything),
        "endpoints": _rows(endpoints[:MOST_ROWS]),
        "more_endpoints": max(0, len(endpoints) - MOST_ROWS),
        "shifts": shifts(comparison),
        "sides": [
            (side, [_run(run) for run in runs])
            for side, runs in (("base", comparison.base), ("candidate", comparison.candidate))
        ],
        "floors": [
            {
                "label": metric.label,
                "relative": percent(metric.relative_floor).lstrip("+"),
                "absolute": signed(metric.absolute_floor, metric.unit).lstrip("+"),
                "noise": percent(metric.run_noise_ratio).lstrip("+"),
            }
            for metric in comparison.settings.metrics
        ],
        "assumed": comparison.assumed_noise,
        "notes": comparison.notes,
        "meanings": [(word.value, word.exit_code, meaning) for word, meaning in MEANINGS.items()],
    }


def _rows(rows: Sequence[Row]) -> list[dict[str, Any]]:
    scale = _reach(rows)
    return [
        {
            "word": row.outcome.value,
            "name": row.name,
            "cells": cells(row)[2:4],
            "moved": moved(row),
            "sort": _relative(row),
            "interval": interval(row),
            "bar": _bar(row, scale),
            "missing": _missing(row),
        }
        for row in rows
    ]


def _missing(row: Row) -> str:
    """What an open row needs; the numbers beside it say the rest."""
    if row.outcome is not Outcome.INCONCLUSIVE:
        return ""
    if row.effect is None:
        return row.message
    if row.of_each is None:
        return "too noisy for any number of runs"
    return f"{row.of_each} runs of each would tell"


def _reach(rows: Sequence[Row]) -> float:
    """How far the axis of changes goes, as a share of the base, so that most intervals fit."""
    ends = [
        abs(end)
        for row in rows
        if row.effect is not None
        for end in map(row.effect.relative, row.effect.interval)
        if end is not None and math.isfinite(end)
    ]
    ends.sort()
    typical = ends[int(0.9 * (len(ends) - 1))] if ends else _NARROWEST_SCALE
    return min(max(1.15 * typical, _NARROWEST_SCALE), _WIDEST_SCALE)


def _relative(row: Row) -> float | None:
    return None if row.effect is None else row.effect.relative(row.effect.estimate)


def _bar(row: Row, reach: float) -> Any:
    """The change as a dot with its interval; worse is on the right for every metric."""
    from reli_analysis.report.svg.interval import Scale, interval_bar  # noqa: PLC0415 -- jinja2

    effect = row.effect
    if effect is None or effect.relative(effect.estimate) is None:
        return None
    worse = row.metric.worse
    estimate, *ends, floor = (
        worse * (effect.relative(value) or 0.0)
        for value in (effect.estimate, *effect.interval, worse * row.floor)
    )
    low, high = sorted(ends)
    return interval_bar(
        Scale(-reach, reach, line=0.0),
        estimate,
        low,
        high,
        description=f"{row.name}: {moved(row)}, 95 % interval {interval(row)}",
        tone=row.outcome.value,
        first=floor,
    )


def _run(run: MeasuredRun) -> dict[str, Any]:
    info = run.info
    host = info.host if info else {}
    return {
        "title": run.title,
        "path": run.path,
        "profile": info.profile_name if info else "–",
        "began": utc(info.started_wall_s) if info else "–",
        "steady": format_duration(run.steady_s),
        "host": f"{host.get('name', '–')}, {host.get('cores', '–')} cores" if host else "–",
    }


COMPARE_REPORTS.register("html", CompareHtmlReport())
