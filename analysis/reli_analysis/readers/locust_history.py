"""Locust's ``_stats_history.csv``: a row a second, and with ``--csv-full-history`` an endpoint.

Its counts are totals since the run began. Its percentiles are totals as well, unless the full
history was asked for: then they are of about the last ten seconds. The file does not say which;
the rows of endpoints, which only the full history has, tell.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.errors import InputError
from reli_analysis.readers.base import READERS, Guide
from reli_analysis.readers.generic_csv import EVERYTHING_IS_STEADY
from reli_analysis.readers.locust_csv import (
    name_of,
    number,
    percentiles_of,
    quantiles_of,
    rows_of,
)
from reli_analysis.readers.problems import Problems
from reli_analysis.readers.request_log.csv_log import CsvLog
from reli_analysis.series import Endpoint, Run, Series, Stretch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from reli_analysis.readers.locust_csv import Row

_NEEDED = ("Timestamp", "User Count", "Type", "Name", "Total Request Count", "Total Failure Count")
_SURELY_WITHIN, _SURELY_AROUND, _FARTHEST = 9, 12, 20
"""Rows that lie within Locust's window, that hold it, and that hold it where seconds were quiet."""
_MOST_ENDPOINTS = 2000
_LONGEST_S = 400 * 86400.0
CUMULATIVE = (
    "percentiles are cumulative, of all requests since the run began (Locust without "
    "--csv-full-history; told by the rows of endpoints, which are missing): none is of its interval, "
    "and a stretch of slow requests may hide in them"
)
CURRENT = (
    "percentiles are of about the last ten seconds before each row (Locust with --csv-full-history; "
    "told by the rows of endpoints)"
)


@dataclass
class _Course:
    """The rows of one name in order: totals, and percentiles as written."""

    wall_s: list[float] = field(default_factory=list)
    users: list[float] = field(default_factory=list)
    requests: list[float] = field(default_factory=list)
    failures: list[float] = field(default_factory=list)
    mean_ms: list[float] = field(default_factory=list)
    quantiles: list[dict[float, tuple[float, float]]] = field(default_factory=list)

    def add(self, row: Row, percentiles: Mapping[str, float]) -> None:
        self.wall_s.append(number(row["Timestamp"]))
        self.users.append(number(row["User Count"]))
        self.requests.append(number(row["Total Request Count"]))
        self.failures.append(number(row["Total Failure Count"]))
        self.mean_ms.append(number(row.get("Total Average Response Time", "")))
        self.quantiles.append(quantiles_of(row, percentiles))


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
        steps = _Steps.of(everything, began_s, problems)
        if not len(steps.rows):
            raise InputError(f"{path} has no row of all requests with a time and totals")
        return Run(
            title=path.name,
            path=path,
            series=_series(steps, everything, full=full),
            endpoints=_endpoints(courses, began_s, problems),
            stretches=tuple(_stretches(courses, began_s, full=full)),
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


def _courses(path: Path, problems: Problems) -> dict[str, _Course]:
    courses: dict[str, _Course] = defaultdict(_Course)
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


@dataclass(frozen=True)
class _Steps:
    """What came between one row and the next; ``elapsed_s`` is when each step begins."""

    rows: NDArray[np.int64]
    elapsed_s: NDArray[np.float64]
    length_s: NDArray[np.float64]
    requests: NDArray[np.float64]
    failures: NDArray[np.float64]

    @property
    def interval_s(self) -> float:
        return float(np.median(self.length_s)) if len(self.length_s) else 1.0

    @classmethod
    def of(cls, course: _Course, began_s: float, problems: Problems) -> _Steps:
        """The rows in order of time; totals that fall were reset, and begin again from 0."""
        wall_s = np.array(course.wall_s)
        near = np.abs(wall_s - began_s) <= _LONGEST_S
        totals = np.array([course.requests, course.failures])
        known = near & np.isfinite(totals).all(axis=0)
        if not known.all():
            problems.add("row", "a row without a time or totals is left out", int((~known).sum()))
        rows = np.flatnonzero(known)
        if (np.diff(wall_s[rows]) < 0).any():
            problems.add("order", "rows go back in time; they were put in order")
        rows = rows[np.argsort(wall_s[rows], kind="stable")]
        # Of several rows at one moment the last counts.
        rows = rows[np.diff(wall_s[rows], append=np.inf) > 0]
        totals, wall_s = totals[:, rows], wall_s[rows]
        increase = np.diff(totals, axis=1, prepend=0)
        if (increase < 0).any():
            problems.add("reset", "totals fall, as if statistics had been reset; they begin again")
        increase = np.where(increase < 0, totals, increase)
        begins = np.concatenate((wall_s[:1] - _usual(wall_s), wall_s[:-1]))
        return cls(rows, begins - (began_s - _usual(wall_s)), wall_s - begins, *increase)


def _usual(wall_s: NDArray[np.float64]) -> float:
    """The usual time between two rows."""
    return float(np.median(np.diff(wall_s))) if len(wall_s) > 1 else 1.0


def _series(steps: _Steps, course: _Course, *, full: bool) -> dict[str, Series]:
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


def _means_ms(steps: _Steps, course: _Course) -> NDArray[np.float64]:
    """The mean of each step from the totals' means; NaN without requests, or after a reset."""
    counts = np.array(course.requests)[steps.rows]
    sums_ms = counts * np.array(course.mean_ms)[steps.rows]
    increase = np.diff(sums_ms, prepend=0.0)
    means = increase / np.where(steps.requests > 0, steps.requests, np.nan)
    return np.where(increase >= 0, means, np.nan)


def _endpoints(
    courses: Mapping[str, _Course], began_s: float, problems: Problems
) -> dict[str, Endpoint]:
    found = {}
    for name, course in courses.items():
        if name and np.isfinite(course.wall_s).any():
            steps = _Steps.of(course, began_s, problems)
            found[name] = Endpoint(
                name, steps.elapsed_s, steps.requests, steps.failures, steps.length_s
            )
    return found


def _stretches(courses: Mapping[str, _Course], began_s: float, *, full: bool) -> list[Stretch]:
    """The whole run at once from totals, or nine rows after nine rows of the last ten seconds."""
    quiet = Problems("")
    found = []
    for name, course in courses.items():
        steps = _Steps.of(course, began_s, quiet)
        if len(steps.rows):
            some = _windows(name, steps, course) if full else [_whole(name, steps, course)]
            found += [stretch for stretch in some if stretch.requests > 0]
    return found


def _whole(name: str, steps: _Steps, course: _Course) -> Stretch:
    """Of all requests since the run began, or since statistics were last reset."""
    requests = round(float(course.requests[int(steps.rows[-1])]))
    quantiles = _known(course.quantiles[int(steps.rows[-1])])
    return _stretch(name, steps, (0, len(steps.rows)), quantiles, (requests, requests))


def _windows(name: str, steps: _Steps, course: _Course) -> list[Stretch]:
    """The stretches that Locust's windows of about ten seconds hold for certain.

    What Locust calls current at second T is what came after its copy of the totals of second T - 10
    (or one of its neighbours, where nothing was requested), which holds all of that second. So the
    nine rows up to T lie within it, and twelve hold it, unless there were seconds without requests.
    The first second with requests lies in no window.
    """
    busy = np.flatnonzero(steps.requests > 0)
    first = int(busy[0]) + 1 if len(busy) else len(steps.rows)
    found = [_stretch(name, steps, (0, first), {}, (0, 0))]
    while first < len(steps.rows):
        end = min(first + _SURELY_WITHIN, len(steps.rows))
        before = max(0, end - _SURELY_AROUND)
        if (steps.requests[before:end] <= 0).any():
            before = max(0, end - _FARTHEST)
        around = round(float(steps.requests[before:end].sum()))
        own = round(float(steps.requests[first:end].sum()))
        fast = own if end - first == _SURELY_WITHIN else around
        quantiles = _known(course.quantiles[int(steps.rows[end - 1])])
        found.append(_stretch(name, steps, (first, end), quantiles, (around, fast)))
        first = end
    return found


def _stretch(
    name: str,
    steps: _Steps,
    rows: tuple[int, int],
    quantiles: dict[float, tuple[float, float]],
    among: tuple[int, int],
) -> Stretch:
    first, end = rows
    start_s = float(steps.elapsed_s[first])
    end_s = float(steps.elapsed_s[end - 1] + steps.length_s[end - 1])
    requests = round(float(steps.requests[first:end].sum()))
    return Stretch(name, start_s, end_s, requests, quantiles, *among)


def _known(quantiles: dict[float, tuple[float, float]]) -> dict[float, tuple[float, float]]:
    """Locust writes zeros while it knows no percentile yet."""
    return quantiles if any(high > 1 for _low, high in quantiles.values()) else {}


READERS.register("locust history", LocustHistory())
