"""Locust's ``_stats_history.csv``: a row a second, and with ``--csv-full-history`` an endpoint.

Its counts are totals since the run began. Its percentiles are totals as well, unless the full
history was asked for: then they are of about the last ten seconds. The file does not say which;
the rows of endpoints, which only the full history has, tell.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.errors import InputError
from reli_analysis.readers.base import READERS, Guide
from reli_analysis.readers.generic_csv import EVERYTHING_IS_STEADY
from reli_analysis.readers.locust_csv import (
    name_of,
    percentiles_of,
    rows_of,
)
from reli_analysis.readers.locust_steps import Course, Steps
from reli_analysis.readers.locust_stretches import stretches_of
from reli_analysis.readers.problems import Problems
from reli_analysis.readers.request_log.csv_log import CsvLog
from reli_analysis.series import Endpoint, Run, Series

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray


_NEEDED = ("Timestamp", "User Count", "Type", "Name", "Total Request Count", "Total Failure Count")
_MOST_ENDPOINTS = 2000
CUMULATIVE = (
    "percentiles are cumulative, of all requests since the run began (Locust without "
    "--csv-full-history; told by the rows of endpoints, which are missing): none is of its interval, "
    "and a stretch of slow requests may hide in them"
)
CURRENT = (
    "percentiles are of about the last ten seconds before each row (Locust with --csv-full-history; "
    "told by the rows of endpoints)"
)


class LocustHistory:
    """Recognised by its header."""

    def recognises(self, path: Path, head: bytes) -> bool:
        del path
        return CsvLog.has_columns(head, _NEEDED)

    def read(self, path: Path, guide: Guide) -> Run:
        del guide
        problems = Problems(path.name)
        courses = _courses(path, problems)
        everything = courses.get("")
        if everything is None or not np.isfinite(everything.wall_s).any():
            raise InputError(f'{path} has no row of all requests ("Aggregated") with a time')
        full = len(courses) > 1
        began_s = float(np.nanmin(everything.wall_s))
        steps = Steps.of(everything, began_s, problems)
        if not len(steps.rows):
            raise InputError(f"{path} has no row of all requests with a time and totals")
        return Run(
            title=path.name,
            path=path,
            series=_series(steps, everything, full=full),
            endpoints=_endpoints(courses, began_s, problems),
            stretches=tuple(stretches_of(courses, began_s, full=full)),
            damage=problems.damage(),
            notes=(
                (
                    "Locust's history: times are seconds since 1970 UTC; requests and failures of a row "
                    "are the increase of its totals, and response times are rounded to two digits"
                ),
                CURRENT if full else CUMULATIVE,
                EVERYTHING_IS_STEADY,
            ),
            interval_s=steps.interval_s,
        )


def _courses(path: Path, problems: Problems) -> dict[str, Course]:
    courses: dict[str, Course] = defaultdict(Course)
    percentiles: dict[str, float] | None = None
    for row in rows_of(path, problems):
        if percentiles is None:
            percentiles = percentiles_of(list(row))
        name = name_of(row["Type"], row["Name"])
        if name not in courses and len(courses) > _MOST_ENDPOINTS:
            problems.add("endpoints", f"endpoints past the first {_MOST_ENDPOINTS:,} are left out")
            continue
        courses[name].add(row, percentiles)
    return courses


def _series(steps: Steps, course: Course, *, full: bool) -> dict[str, Series]:
    meaning = "current" if full else "cumulative"
    columns: dict[str, tuple[str, NDArray[np.float64]]] = {
        "users": ("count", np.array(course.users)[steps.rows]),
        "requests": ("count", steps.requests),
        "failures": ("count", steps.failures),
        "completed_per_s": ("1/s", steps.requests / steps.length_s),
        "error_ratio": (
            "ratio",
            steps.failures / np.where(steps.requests > 0, steps.requests, np.nan),
        ),
    }
    quantiles = [course.quantiles[row] for row in steps.rows.tolist()]
    if np.isfinite(course.mean_ms).any():
        columns["mean_ms"] = ("ms", _means_ms(steps, course))
    for quantile in sorted({q for of_row in quantiles for q in of_row}):
        pairs = [of_row.get(quantile, (np.nan, np.nan)) for of_row in quantiles]
        name = f"{meaning}_p{quantile * 100:.10g}_ms".replace("99.99", "9999").replace(
            "99.9", "999"
        )
        columns[name] = ("ms", np.array(pairs).mean(axis=1))
    return {
        name: Series(name, unit, steps.elapsed_s, values)
        for name, (unit, values) in columns.items()
    }


def _means_ms(steps: Steps, course: Course) -> NDArray[np.float64]:
    """The mean of each step from the totals' means; NaN without requests, or after a reset."""
    counts = np.array(course.requests)[steps.rows]
    sums_ms = counts * np.array(course.mean_ms)[steps.rows]
    increase = np.diff(sums_ms, prepend=0.0)
    means = increase / np.where(steps.requests > 0, steps.requests, np.nan)
    return np.where(increase >= 0, means, np.nan)


def _endpoints(
    courses: Mapping[str, Course], began_s: float, problems: Problems
) -> dict[str, Endpoint]:
    found = {}
    for name, course in courses.items():
        if name and np.isfinite(course.wall_s).any():
            steps = Steps.of(course, began_s, problems)
            found[name] = Endpoint(
                name, steps.elapsed_s, steps.requests, steps.failures, steps.length_s
            )
    return found


READERS.register("locust history", LocustHistory())
