"""The rows of Locust's history in order, and what came between one and the next."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from reli_analysis.readers.locust_csv import number, quantiles_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from reli_analysis.readers.locust_csv import Row
    from reli_analysis.readers.problems import Problems

_LONGEST_S = 400 * 86400.0


@dataclass
class Course:
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


@dataclass(frozen=True)
class Steps:
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
    def of(cls, course: Course, began_s: float, problems: Problems) -> Steps:
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
