"""Which charts a run has and which of its series each one draws; nothing is drawn here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reli_analysis.courses import courses
from reli_analysis.record.layout import RESULTS_COLUMNS, SERVICE_QUANTILES, TREE
from reli_analysis.report.specs import OF_TARGETS, OPEN_MODEL, STANDARD, ChartSpec, Line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reli_analysis.series import Run

MOST_CHARTS = 32
"""How many charts a page has; further metrics, or columns of a foreign table, are named."""


def measured(run: Run, column: str) -> bool:
    """Whether the run holds at least one number of a column."""
    series = run.series.get(column)
    return series is not None and len(series.measured()) > 0


def _extra(run: Run) -> Iterator[ChartSpec]:
    """The profile's metrics; for a table on its own, every column that no chart knows."""
    known = {column.name for column in RESULTS_COLUMNS}
    meanings = {metric.name: metric for metric in run.info.metrics} if run.info else {}
    for name in (*meanings, *(n for n in run.series if n not in known and n not in meanings)):
        metric = meanings.get(name)
        series = run.series.get(name)
        unit = metric.unit if metric else series.unit if series else "count"
        title = f"{name}: {metric.meaning}" if metric and metric.meaning else name
        yield ChartSpec(f"metric-{name}", title, unit, (Line(name, name, 1),), near=metric is None)


def _standard(run: Run) -> Iterator[ChartSpec]:
    """What every run has; sums over the targets not where the only target's own charts show them."""
    trees = sum(course.last.kind == TREE for course in courses(run))
    for spec in (*STANDARD, *(OPEN_MODEL if run.is_open else ())):
        if trees == 1:
            lines = tuple(line for line in spec.lines if line.column not in OF_TARGETS)
            if lines:
                yield replace(spec, lines=lines)
        elif trees:
            yield replace(spec, title=spec.title.replace("the target", "all targets together"))
        else:
            yield spec


@dataclass(frozen=True)
class Choice:
    """The charts that have data, each with the lines that have; titles of the others.

    ``absent`` were not measured; ``left_out`` were, but are too many.
    """

    charts: tuple[ChartSpec, ...]
    absent: tuple[str, ...]
    left_out: tuple[str, ...]


def choose(run: Run) -> Choice:
    """Sort the charts that could be drawn by whether there is something to draw."""
    charts, absent = [], []
    for spec in (*_standard(run), *_extra(run)):
        lines = tuple(line for line in spec.lines if measured(run, line.column))
        if lines := _without_twins(run, lines):
            charts.append(replace(spec, lines=lines))
        elif run.has_load:
            absent.append(spec.title)
    left_out = tuple(spec.title for spec in charts[MOST_CHARTS:])
    return Choice(tuple(charts[:MOST_CHARTS]), tuple(absent), left_out)


def _without_twins(run: Run, lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Without lines that would lie on another one.

    Iterations are requests where each makes exactly one; in the closed model service times are
    response times.
    """
    if not run.is_open:
        lines = tuple(line for line in lines if line.column not in SERVICE_QUANTILES)
    columns = {line.column for line in lines}
    if not {"iterations_per_s", "completed_per_s"} <= columns:
        return lines
    one = run.series["iterations_per_s"].values.tobytes()
    same = one == run.series["completed_per_s"].values.tobytes()
    return tuple(line for line in lines if not (same and line.column == "iterations_per_s"))
