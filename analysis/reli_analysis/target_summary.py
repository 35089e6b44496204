"""The few numbers that say how each target fared over the run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.courses import Course, courses
from reli_analysis.record.layout import CGROUP, HOST, METRIC, TREE
from reli_analysis.targets import never_there
from reli_analysis.units import format_duration

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reli_analysis.series import Run, Stood

_MEMORY = {
    TREE: ("rss_bytes",),
    CGROUP: ("working_set_bytes", "memory_bytes"),
    HOST: ("memory_bytes",),
}
"""The column that says how much memory a kind uses; of several, the first that was measured."""


@dataclass(frozen=True)
class TargetSummary:
    """One target; ``None`` where nothing was measured.

    ``kind`` is tree, cgroup, host or metric, and empty for a target that was never there. Memory is
    RSS of a tree, the working set of a cgroup, what is in use of a host. ``processes`` are those of
    the last sample.
    """

    source: str
    kind: str
    name: str
    host: str
    samples: int
    processes: int | None = None
    restarts: int | None = None
    memory_last_bytes: float | None = None
    memory_max_bytes: float | None = None
    fds_last: float | None = None
    fds_max: float | None = None
    fds_max_ratio: float | None = None
    cpu_mean_cores: float | None = None
    cpu_max_cores: float | None = None


def summarise_targets(run: Run) -> tuple[TargetSummary, ...]:
    """One summary a tree, cgroup and host, one a source of metrics, one a target never seen."""
    own = [_course(course) for course in courses(run)]
    sources = dict.fromkeys((one.source, one.host) for one in run.published)
    metrics = [_metrics(run, source, host) for source, host in sources]
    absent = [TargetSummary(text, "", "", "", 0) for text in never_there(run)]
    return (*own, *metrics, *absent)


def _course(course: Course) -> TargetSummary:
    last = course.last
    memory = next((m for name in _MEMORY[last.kind] if len(m := _values(course, name))), _NOTHING)
    fds, ratios, cores = (_values(course, name) for name in ("fds", "fds_ratio", "cpu_cores"))
    return TargetSummary(
        source=last.source,
        kind=last.kind,
        name=last.name,
        host=last.host,
        samples=len(course.elapsed_s),
        processes=_processes(course) if last.kind == TREE else None,
        restarts=course.restarts if last.kind != HOST else None,
        memory_last_bytes=_last(memory),
        memory_max_bytes=_most(memory),
        fds_last=_last(fds),
        fds_max=_most(fds),
        fds_max_ratio=_most(ratios),
        cpu_mean_cores=float(cores.mean()) if len(cores) else None,
        cpu_max_cores=_most(cores),
    )


_NOTHING: NDArray[np.float64] = np.empty(0)


def _values(course: Course, column: str) -> NDArray[np.float64]:
    series = course.series(column)
    return _NOTHING if series is None else series.measured().values


def _last(values: NDArray[np.float64]) -> float | None:
    return float(values[-1]) if len(values) else None


def _most(values: NDArray[np.float64]) -> float | None:
    return float(values.max()) if len(values) else None


def _processes(course: Course) -> int | None:
    """The oldest root and all others."""
    others = _last(_values(course, "children"))
    return None if others is None else round(others) + 1


def _metrics(run: Run, source: str, host: str) -> TargetSummary:
    own = [one.series for one in run.published if (one.source, one.host) == (source, host)]
    samples = max(len(series) for series in own)
    name = f"{len(own):,} metric{'' if len(own) == 1 else 's'}"
    return TargetSummary(source, METRIC, name, host, samples)


def describe_standing(stood: Stood) -> str:
    """How a budget stood while the run went on, in a sentence."""
    broken = [at_s for at_s, standing in stood.changes if standing == "broken"]
    last = stood.changes[-1][1]
    if not broken:
        return f"never broken, {last} at the end"
    times = "" if len(broken) == 1 else f"{len(broken)} times, "
    return f"broken {times}first at {format_duration(broken[0])}, {last} at the end"
