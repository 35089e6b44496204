"""Which charts a run has and which of its series each one draws; nothing is drawn here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reli_analysis.courses import courses
from reli_analysis.record.layout import RESULTS_COLUMNS, SERVICE_QUANTILES, TREE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reli_analysis.series import Run

MOST_CHARTS = 32
"""How many charts a page has; further metrics, or columns of a foreign table, are named."""


@dataclass(frozen=True)
class Line:
    """One series of a chart: its column, what the legend calls it, its colour's number.

    ``short`` is the name beside the line's end, where little room is.
    """

    column: str
    label: str
    color: int = 1
    dashed: bool = False
    short: str = ""

    @property
    def name(self) -> str:
        return self.short or self.label


@dataclass(frozen=True)
class ChartSpec:
    """One chart; ``near`` lets the axis begin near the data, so that a slow growth is seen."""

    id: str
    title: str
    unit: str
    lines: tuple[Line, ...]
    height_px: int = 120
    log: bool = False
    near: bool = False


STANDARD = (
    ChartSpec(
        "latency",
        "Response time",
        "ms",
        (
            Line("p50_ms", "p50", 1),
            Line("p95_ms", "p95", 2),
            Line("p99_ms", "p99", 3),
            Line("max_ms", "max", 4),
            Line("service_p95_ms", "p95 of service time", 2, dashed=True, short="service p95"),
        ),
        height_px=190,
        log=True,
    ),
    ChartSpec(
        "rate",
        "Rate",
        "1/s",
        (
            Line("completed_per_s", "requests answered", 1, short="answered"),
            Line("iterations_per_s", "iterations finished", 2, short="finished"),
            Line("offered_per_s", "iterations asked for", 3, dashed=True, short="asked for"),
        ),
        height_px=150,
    ),
    ChartSpec(
        "failures",
        "Failures in each interval",
        "count",
        (Line("failures", "failures", 3), Line("dropped", "arrivals dropped", 4, short="dropped")),
    ),
    ChartSpec(
        "users",
        "Users",
        "count",
        (
            Line("users", "users", 1),
            Line("busy_users", "busy", 2),
            Line("waiting", "arrivals waiting", 3, short="waiting"),
        ),
    ),
    ChartSpec(
        "memory",
        "Memory of the target",
        "bytes",
        (Line("rss_bytes", "RSS", 1), Line("uss_bytes", "USS", 2)),
        near=True,
    ),
    ChartSpec(
        "descriptors", "Open descriptors of the target", "count", (Line("fds", "fds"),), near=True
    ),
    ChartSpec(
        "threads", "Threads of the target", "count", (Line("threads", "threads"),), near=True
    ),
    ChartSpec(
        "cpu",
        "CPU, cores kept busy",
        "cores",
        (
            Line("cpu_cores", "target", 1),
            Line("generator_cpu_cores", "busiest load process", 3, short="load process"),
        ),
    ),
    ChartSpec(
        "lag",
        "Longest wait of a load process's event loop",
        "ms",
        (Line("loop_lag_ms", "longest", 1),),
    ),
)

OPEN_MODEL = (
    ChartSpec(
        "start",
        "Start delay: from an arrival to its iteration",
        "ms",
        (
            Line("start_delay_p50_ms", "p50", 1),
            Line("start_delay_p99_ms", "p99", 3),
            Line("start_delay_max_ms", "max", 4),
            Line(
                "idle_start_delay_p99_ms",
                "p99 with a user idle",
                2,
                dashed=True,
                short="p99, user idle",
            ),
        ),
        log=True,
    ),
)
"""Charts that only a run of the open model could have."""

OF_TARGETS = frozenset({"rss_bytes", "uss_bytes", "fds", "threads", "cpu_cores"})
"""Columns of these charts that are sums over the targets."""


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
