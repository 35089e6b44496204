"""Which charts each target has: its tree, cgroup or host, and the metrics that it publishes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reli_analysis.courses import courses
from reli_analysis.record.layout import CGROUP, HOST, TREE
from reli_analysis.report.parts import plural
from reli_analysis.report.specs import ChartSpec, Line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reli_analysis.courses import Course
    from reli_analysis.series import Run, Series

MOST_METRICS = 12
"""Charts of metrics that one source has; further ones are named."""

MOST_GROUPS = 12
"""Targets that have charts; further ones are named."""

_OF = {
    TREE: (
        ChartSpec(
            "memory",
            "Memory",
            "bytes",
            (Line("rss_bytes", "RSS", 1), Line("uss_bytes", "USS", 2), Line("pss_bytes", "PSS", 3)),
            near=True,
        ),
        ChartSpec(
            "descriptors",
            "Open descriptors",
            "count",
            (
                Line("fds", "all", 1),
                Line("socket_fds", "sockets", 2),
                Line("file_fds", "files", 3),
                Line("pipe_fds", "pipes", 4),
            ),
            near=True,
        ),
        ChartSpec(
            "threads",
            "Threads, and child processes",
            "count",
            (
                Line("threads", "threads", 1),
                Line("children", "child processes", 3, short="children"),
            ),
        ),
        ChartSpec("cpu", "CPU, cores kept busy", "cores", (Line("cpu_cores", "cores", 1),)),
    ),
    CGROUP: (
        ChartSpec(
            "cgroup-memory",
            "Memory of the cgroup",
            "bytes",
            (
                Line("working_set_bytes", "working set", 1),
                Line("memory_bytes", "charged", 2),
                Line("memory_limit_bytes", "limit", 3, dashed=True),
            ),
        ),
        ChartSpec(
            "cgroup-cpu", "CPU of the cgroup", "cores", (Line("cpu_cores", "cores kept busy", 1),)
        ),
        ChartSpec(
            "throttling",
            "Share of periods in which the cgroup hit its CPU quota",
            "ratio",
            (Line("throttled_ratio", "throttled", 3),),
        ),
        ChartSpec(
            "pids", "Processes and threads of the cgroup", "count", (Line("pids", "pids", 1),)
        ),
    ),
    HOST: (
        ChartSpec(
            "host-cpu", "CPU of the host", "cores", (Line("cpu_cores", "cores kept busy", 1),)
        ),
        ChartSpec(
            "host-memory",
            "Memory of the host",
            "bytes",
            (
                Line("memory_bytes", "in use", 1),
                Line("memory_available_bytes", "could still be given", 2, short="available"),
            ),
        ),
        ChartSpec(
            "disk",
            "Free share of the host's fullest disk",
            "ratio",
            (Line("disk_free_ratio", "free", 1),),
        ),
    ),
}


@dataclass(frozen=True)
class Group:
    """The charts of one target; no line is drawn across a moment of ``restarted_s``.

    ``limited`` is set when the run's columns are those of this target, and so are their limits.
    """

    title: str
    source: str
    charts: tuple[tuple[ChartSpec, Mapping[str, Series]], ...]
    limited: bool = False
    restarted_s: tuple[float, ...] = ()
    left_out: tuple[str, ...] = ()


def target_groups(run: Run) -> tuple[Group, ...]:
    """One group a target that was sampled as a whole or that publishes metrics."""
    found = courses(run)
    trees = [course for course in found if course.last.kind == TREE]
    groups = [_course(course, [course] == trees) for course in found]
    metrics = [_metrics(run, source) for source in dict.fromkeys(p.source for p in run.published)]
    return tuple(group for group in (*groups, *metrics) if group.charts)


def _course(course: Course, limited: bool) -> Group:
    charts = tuple(_charts(course))
    return Group(_title(course), course.source, charts, limited, course.restarted_s)


def _title(course: Course) -> str:
    last = course.last
    name = "" if last.name in {"", last.host} else f"{last.name} "
    restarts = course.restarts
    times = "" if not restarts else f", {plural(restarts, 'restart')}"
    return f"{course.source}: {last.kind} {name}on {last.host}{times}"


def _charts(course: Course) -> Iterator[tuple[ChartSpec, Mapping[str, Series]]]:
    for spec in _OF[course.last.kind]:
        of_line = {line.column: course.series(line.column) for line in spec.lines}
        series = {column: one for column, one in of_line.items() if one is not None}
        lines = tuple(line for line in spec.lines if line.column in series)
        if lines:
            yield replace(spec, lines=lines), series


def _metrics(run: Run, source: str) -> Group:
    """Metrics by name; those that are columns of the results have their chart there."""
    known = {metric.name for metric in run.info.metrics} if run.info else set()
    own = [one for one in run.published if one.source == source and one.name not in known]
    charts = tuple(
        (
            ChartSpec(f"m{number}", one.name, one.series.unit, (Line(one.name, one.name, 1),)),
            {one.name: one.series},
        )
        for number, one in enumerate(own[:MOST_METRICS])
    )
    left_out = tuple(one.name for one in own[MOST_METRICS:])
    return Group(f"{source}: metrics", source, charts, left_out=left_out)
