"""The charts that a run could have: which columns each one draws, and how."""

from __future__ import annotations

from dataclasses import dataclass


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
